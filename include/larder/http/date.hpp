// HTTP-date (RFC 9110 section 5.6.7).
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "larder/base/time.hpp"

namespace larder::http {

// Any of the three forms. A two-digit year more than 50 years ahead of `now` is in the past. Nothing when
// malformed.
std::optional<base::WallTime> parse_date(std::string_view text, base::WallTime now) noexcept;
// IMF-fixdate, 29 characters.
using DateText = std::array<char, 29>;
DateText format_date(base::WallTime time) noexcept;

}  // namespace larder::http
