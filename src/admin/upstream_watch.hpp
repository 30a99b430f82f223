// How the upstream does, told from what the workers counted since the last look.
#pragma once
#include <cstdint>
#include <string_view>

#include "larder/obs/totals.hpp"

namespace larder::admin {

class UpstreamWatch {
 public:
  // "up", "failing" (some requests), "down" (every request), or "unknown" until one was made. Without
  // requests since the last look, what it was then. One thread.
  std::string_view state(const obs::Totals& totals) noexcept;

 private:
  std::uint64_t answers_ = 0;
  std::uint64_t failures_ = 0;
  std::string_view state_ = "unknown";
};

}  // namespace larder::admin
