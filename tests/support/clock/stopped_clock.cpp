// The clock of a Larder whose time stands still but for advance(), and for what is measured. It is found
// before the library's own functions, which are in an object file of their own that is then not linked: the
// server that is shipped has no such clock, and nothing in it to switch.
#include "larder/net/clock.hpp"

namespace larder::net {
namespace {

// Any will do. A whole second, so that the dates that are made of it say exactly when they were made.
constexpr base::WallTime begin_wall{base::Seconds(1'900'000'000)};
constexpr base::MonoTime begin_mono{base::Seconds(1'000'000)};

}  // namespace

base::MonoTime Clock::mono() const noexcept {
  return begin_mono + offset();
}

base::WallTime Clock::wall() const noexcept {
  return begin_wall + offset();
}

base::Now Clock::now() const noexcept {
  return {wall(), mono(), exact()};
}

std::chrono::microseconds Clock::exact() const noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace larder::net
