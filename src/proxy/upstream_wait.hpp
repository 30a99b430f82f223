// How a job waits for an upstream that is still starting: the pages of the start (`warm.on_start`), when
// Larder and the site are started together. What fails is tried again after a pause that grows, until
// something has been answered, or for so long and so often at most. From then on a failure is a page's own.
//
//   nothing reached -- failed(): true -> a pause, which doubles -> ...
//          |                  `- false: too long, too often -> given up
//          `- answered() ------------------------------------> reached
//
// Values only: whoever holds it guards it, and tells it the time.
#pragma once
#include "larder/base/time.hpp"

namespace larder::proxy {

class UpstreamWait {
 public:
  // From the first failure to the last pause's end.
  static constexpr base::Duration time_max = std::chrono::minutes(5);
  static constexpr base::Duration first_pause = std::chrono::seconds(1);
  static constexpr base::Duration pause_max = std::chrono::seconds(30);
  static constexpr unsigned pauses_max = 16;

  // How it stood when a request was sent.
  struct Mark {
    unsigned pauses = 0;
    bool is_reached = false;
  };
  Mark mark() const noexcept { return {pauses_, is_reached_}; }

  void answered() noexcept { is_reached_ = true; }
  // The upstream could not be reached by a request that was sent at `mark`. True: it may be sent again, not
  // before begin(). Those that fail side by side share a pause.
  bool failed(const Mark& mark, base::MonoTime now) noexcept;
  base::MonoTime begin() const noexcept { return begin_; }

 private:
  unsigned pauses_ = 0;
  bool is_reached_ = false;
  base::MonoTime first_failure_{};
  base::MonoTime begin_{};
};

}  // namespace larder::proxy
