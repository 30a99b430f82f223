#include "larder/net/clock.hpp"

#include <ctime>

namespace larder::net {
namespace {

base::Duration read_clock(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::duration_cast<base::Duration>(std::chrono::seconds(time.tv_sec) +
                                                    std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

base::Now Clock::now() const noexcept {
  const base::Duration offset(offset_.load(std::memory_order_relaxed));
  return {base::WallTime(read_clock(CLOCK_REALTIME) + offset),
          base::MonoTime(read_clock(CLOCK_BOOTTIME) + offset)};
}

}  // namespace larder::net
