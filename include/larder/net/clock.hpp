// The one place where clocks are read. Any thread.
#pragma once
#include <atomic>

#include "larder/base/time.hpp"

namespace larder::net {

class Clock {
 public:
  // Monotonic time counts suspension (CLOCK_BOOTTIME): an entry ages while the machine sleeps.
  base::MonoTime mono() const noexcept;
  base::WallTime wall() const noexcept;
  base::Now now() const noexcept;
  // What base::Now::exact is; advance() does not move it.
  std::chrono::microseconds exact() const noexcept;
  // Moves both clocks forward; tests use it instead of sleeping.
  void advance(base::Duration by) noexcept { offset_.fetch_add(by.count(), std::memory_order_relaxed); }

 private:
  base::Duration offset() const noexcept { return base::Duration(offset_.load(std::memory_order_relaxed)); }

  std::atomic<base::Duration::rep> offset_{0};
};

}  // namespace larder::net
