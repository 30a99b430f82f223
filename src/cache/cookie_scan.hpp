// Walks the cookies of a request without allocating (RFC 6265 section 4.2.1).
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "larder/base/hash.hpp"
#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

struct ScannedCookie {
  std::string_view name;
  std::string_view pair;  // "name=value" as sent, trimmed
};

// Calls visit(const ScannedCookie&) for each pair of every Cookie line, in order.
template <typename Visit>
void for_each_cookie(const http::Fields& request, Visit&& visit) {
  if (!request.has(http::FieldId::cookie)) return;
  for (const http::Field& field : request) {
    if (field.id != http::FieldId::cookie) continue;
    const char* at = field.value.data();
    const char* const end = at + field.value.size();
    while (at != end) {
      const char* const name_end = at + base::bytes_before(at, end, [](base::Lanes bytes) {
                                     return bytes.equal('=') | bytes.equal(';');
                                   });
      const char* const pair_end =
          name_end + base::bytes_before(name_end, end, [](base::Lanes bytes) { return bytes.equal(';'); });
      const std::string_view pair = base::trim({at, static_cast<std::size_t>(pair_end - at)});
      const std::string_view name = base::trim({at, static_cast<std::size_t>(name_end - at)});
      if (!pair.empty()) visit(ScannedCookie{name, pair});
      at = pair_end == end ? end : pair_end + 1;
    }
  }
}

// The name as a lenient server could read it: some strip any Unicode white space around a name, so a cookie
// that must be noticed is compared without the bytes at its ends that are not visible ASCII.
inline std::string_view lenient_name(std::string_view name) noexcept {
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  while (!name.empty() && !is_visible(name.front())) name.remove_prefix(1);
  while (!name.empty() && !is_visible(name.back())) name.remove_suffix(1);
  return name;
}

// cookie-octets (RFC 6265 section 4.1.1), which everybody reads alike: some servers take quotes and
// backslashes off, for some white space or a comma ends a value.
inline bool has_only_cookie_octets(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != '\\'; });
}

inline bool matches_any(std::span<const std::string> patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [name](const std::string& pattern) { return base::matches_glob(pattern, name); });
}

// What is kept of a session's cookie in its place: "name=#digest".
inline void append_session(const ScannedCookie& cookie, std::string& out) {
  const base::DigestText digest = base::digest256(cookie.pair);
  out += lenient_name(cookie.name);
  out += "=#";
  out.append(digest.data(), digest.size());
}

}  // namespace larder::cache
