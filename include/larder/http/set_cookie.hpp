// Set-Cookie as browsers read it (RFC 6265 section 5.2), as far as it tells what becomes of a cookie.
#pragma once
#include <optional>
#include <string_view>

#include "larder/base/time.hpp"

namespace larder::http {

struct SetCookie {
  std::string_view name;
  std::string_view value;                 // as it will be sent back: quotes belong to it
  std::optional<bool> has_max_age_left;   // Max-Age: is it greater than zero?
  std::optional<base::WallTime> expires;  // Expires

  // True when it removes the cookie: Max-Age has the last word, then Expires (section 5.3), and a cookie
  // without a value says nothing any more.
  bool clears(base::WallTime now) const noexcept {
    if (value.empty()) return true;
    if (has_max_age_left) return !*has_max_age_left;
    return expires && *expires <= now;
  }
};

// A line's value; views it. Nothing where a browser ignores the line: no '=', or no name.
std::optional<SetCookie> parse_set_cookie(std::string_view text) noexcept;
// The dates of Expires (section 5.1.1): more forms than HTTP has, in parts of any order.
std::optional<base::WallTime> parse_cookie_date(std::string_view text) noexcept;

}  // namespace larder::http
