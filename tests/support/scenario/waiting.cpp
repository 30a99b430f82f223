#include "support/scenario/waiting.hpp"

#include <poll.h>

#include <algorithm>

namespace scenario {

SteadyTime deadline_from_now() {
  return std::chrono::steady_clock::now() + patience;
}

int milliseconds_left(SteadyTime deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<Milliseconds::rep>(0, left.count()));
}

void wait_until(const std::string& what, const std::function<bool()>& holds) {
  const SteadyTime deadline = deadline_from_now();
  while (!holds()) {
    if (milliseconds_left(deadline) == 0) throw Failure("waited for " + what);
    ::poll(nullptr, 0, 1);  // lets the others run
  }
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  opened_.notify_all();
}

void Gate::pass(const std::string& what) {
  std::unique_lock lock(mutex_);
  const bool in_time = opened_.wait_until(lock, deadline_from_now(), [this] { return is_open_; });
  if (!in_time) throw Failure("waited for " + what);
}

}  // namespace scenario
