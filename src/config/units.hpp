// Durations and sizes as text, for messages; the other way round is in load.hpp.
#pragma once
#include <cstdint>
#include <string>

#include "larder/base/time.hpp"

namespace larder::config {

// In the largest unit that leaves no rest: "90s", "1h", "256MiB", "100".
std::string text_of_duration(base::Duration duration);
std::string text_of_size(std::uint64_t bytes);

inline constexpr base::Duration duration_max = std::chrono::hours(24) * 365 * 100;
inline constexpr std::uint64_t size_max = 1ull << 62;

}  // namespace larder::config
