// Walks the cookies of a request without allocating (RFC 6265 section 4.2.1).
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "larder/base/hash.hpp"
#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

struct ScannedCookie {
  std::string_view name;
  std::string_view pair;  // "name=value" as sent, trimmed
};

// The name as a lenient server could read it: some strip any Unicode white space around a name, so a cookie
// that must be noticed is compared without the bytes at its ends that are not visible ASCII.
constexpr bool is_visible(char c) noexcept {
  return c > ' ' && c < '\x7f';
}
inline std::string_view lenient_name(std::string_view name) noexcept {
  while (!name.empty() && !is_visible(name.front())) name.remove_prefix(1);
  while (!name.empty() && !is_visible(name.back())) name.remove_suffix(1);
  return name;
}

// Could a pattern match a name that begins with this byte? With NUL: one that is empty.
inline bool may_begin(std::span<const std::string> patterns, char first) noexcept {
  for (const std::string& pattern : patterns) {
    if (pattern.empty() || pattern.front() == first || pattern.front() == '*') return true;
  }
  return false;
}

// Calls visit(const ScannedCookie&) for each pair of every Cookie line, in order, but for those that the
// caller does not want by the first byte of their lenient name, or, where that is empty, by the byte that
// stands there: to pass a pair over costs less than to take it apart.
template <typename Wants, typename Visit>
void for_each_cookie_by_first(const http::Fields& request, Wants wants, Visit&& visit) {
  std::size_t lines_left = request.count(http::FieldId::cookie);  // mostly one, behind which no other is
  for (auto line = request.begin(); lines_left > 0; ++line) {
    const http::Field& field = *line;
    if (field.id != http::FieldId::cookie) continue;
    --lines_left;
    const char* at = field.value.data();
    const char* const end = at + field.value.size();
    while (at != end) {
      const char* first = at;
      while (first != end && !is_visible(*first)) ++first;
      if (!wants(first == end ? '\0' : *first)) {
        first += base::bytes_before(first, end, [](base::Lanes bytes) { return bytes.equal(';'); });
        at = first == end ? end : first + 1;
        continue;
      }
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

// The same for each pair.
template <typename Visit>
void for_each_cookie(const http::Fields& request, Visit&& visit) {
  for_each_cookie_by_first(
      request, [](char) { return true; }, std::forward<Visit>(visit));
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
