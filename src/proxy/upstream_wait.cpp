#include "proxy/upstream_wait.hpp"

#include <algorithm>

namespace larder::proxy {
namespace {

base::Duration pause_after(unsigned pauses) {
  base::Duration pause = UpstreamWait::first_pause;
  for (; pauses > 0 && pause < UpstreamWait::pause_max; --pauses) pause *= 2;
  return std::min(pause, UpstreamWait::pause_max);
}

}  // namespace

bool UpstreamWait::failed(const Mark& mark, base::MonoTime now) noexcept {
  if (mark.is_reached) return false;
  if (mark.pauses < pauses_) return true;
  if (pauses_ == 0) first_failure_ = now;
  const base::MonoTime begin = now + pause_after(pauses_);
  if (pauses_ == pauses_max || begin > first_failure_ + time_max) return false;
  ++pauses_;
  begin_ = begin;
  return true;
}

}  // namespace larder::proxy
