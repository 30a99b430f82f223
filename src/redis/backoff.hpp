// How long to wait before the next try: longer each time, and never in step with others. Pure.
#pragma once
#include <algorithm>
#include <utility>

#include "larder/base/time.hpp"

namespace larder::redis {

class Backoff {
 public:
  Backoff(base::Duration min, base::Duration max) : min_(min), max_(max), next_(min) {}

  // From half of the whole pause to all of it, by `share` from 0 to 1; the whole doubles each time, up to
  // max.
  base::Duration next(double share) {
    const base::Duration whole = std::exchange(next_, std::min(next_ * 2, max_));
    return whole / 2 + base::Duration(static_cast<base::Duration::rep>(
                           static_cast<double>((whole - whole / 2).count()) * share));
  }
  void reset() noexcept { next_ = min_; }

 private:
  base::Duration min_;
  base::Duration max_;
  base::Duration next_;
};

}  // namespace larder::redis
