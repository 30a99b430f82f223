#include "larder/proxy/walk_pace.hpp"

namespace larder::proxy {
namespace {

// Of the time that a hit takes: who has to wait for it is hardly later.
constexpr std::chrono::microseconds work_max(50);
constexpr std::chrono::microseconds rest(100);

}  // namespace

bool WalkPace::wait(base::Duration period) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, period, [this] { return is_hurried_ || is_stopped_; });
  is_hurried_ = false;
  rested_at_ = Clock::now();
  return !is_stopped_;
}

bool WalkPace::may_go_on() {
  if (Clock::now() - rested_at_ < work_max) return true;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, rest, [this] { return is_hurried_ || is_stopped_; });
  rested_at_ = Clock::now();
  return !is_stopped_;
}

void WalkPace::hurry() {
  {
    const std::scoped_lock lock(mutex_);
    if (is_hurried_) return;
    is_hurried_ = true;
  }
  changed_.notify_all();
}

void WalkPace::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace larder::proxy
