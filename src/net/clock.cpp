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

base::MonoTime Clock::mono() const noexcept {
  return base::MonoTime(read_clock(CLOCK_BOOTTIME) + offset());
}

base::WallTime Clock::wall() const noexcept {
  return base::WallTime(read_clock(CLOCK_REALTIME) + offset());
}

}  // namespace larder::net
