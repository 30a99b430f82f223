// Times in the values of a case: {now}, {now-10s}, {now+1h}, {now-1d rfc850}, {now+5s asctime}. Written here
// once more, so that Larder's own dates are compared with another's.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace conformance {

using Instant = std::chrono::sys_seconds;

// "9s", "5m", "2h", "1d".
std::optional<std::chrono::seconds> duration_of(std::string_view text);
// What is wrong with the times in a value; nothing when they can be filled in.
std::optional<std::string> problem_of_times(std::string_view value);
// The value with its times filled in.
std::string with_times(std::string_view value, Instant now);

}  // namespace conformance
