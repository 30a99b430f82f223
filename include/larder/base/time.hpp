// Time as values. The core never reads a clock: the edge reads it once an exchange and hands it in as a Now.
#pragma once
#include <chrono>
#include <cstdint>

namespace larder::base {

using Duration = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// Wall-clock time, for fields that carry dates. Jumps when an operator sets the clock.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Time that only moves forward, for ages, lifetimes and deadlines.
struct MonotonicClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonotonicClock::time_point;

// One reading of both clocks.
struct Now {
  WallTime wall;
  MonoTime mono;
  std::chrono::microseconds exact{};  // when mono was read, for durations that are reported
};

}  // namespace larder::base
