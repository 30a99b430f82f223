#include "larder/net/clock.hpp"

#include <ctime>

namespace larder::net {
namespace {

std::chrono::nanoseconds read_clock(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

template <typename Coarser>
Coarser in(std::chrono::nanoseconds time) noexcept {
  return std::chrono::duration_cast<Coarser>(time);
}

}  // namespace

base::MonoTime Clock::mono() const noexcept {
  return base::MonoTime(in<base::Duration>(read_clock(CLOCK_BOOTTIME)) + offset());
}

base::WallTime Clock::wall() const noexcept {
  return base::WallTime(in<base::Duration>(read_clock(CLOCK_REALTIME)) + offset());
}

base::Now Clock::now() const noexcept {
  const std::chrono::nanoseconds since_boot = read_clock(CLOCK_BOOTTIME);
  return {wall(), base::MonoTime(in<base::Duration>(since_boot) + offset()),
          in<std::chrono::microseconds>(since_boot)};
}

std::chrono::microseconds Clock::exact() const noexcept {
  return in<std::chrono::microseconds>(read_clock(CLOCK_BOOTTIME));
}

}  // namespace larder::net
