#include "larder/cache/key.hpp"

#include <algorithm>

#include "cache/cookie_scan.hpp"
#include "cache/key_query.hpp"
#include "larder/base/hash.hpp"
#include "larder/base/text.hpp"

namespace larder::cache {
namespace {

void append_query(const http::Target& target, const QueryRule& rule, std::string& text) {
  if (rule.is_exact()) {
    if (!target.has_query) return;
    text += '?';
    text += target.query;
    return;
  }
  if (target.query.empty() && rule.fallback.empty()) return;
  const std::size_t mark = text.size();
  text += '?';
  append_normalised_query(target.query, rule, text);
  if (text.size() == mark + 1) text.resize(mark);
}

// Every cookie of a name counts, since servers differ in whether the first or the last one wins.
void append_vary_cookies(const http::Fields& request, const CookieRule& rule, CacheKey& key) {
  char separator = '\n';
  for (const std::string& pattern : rule.vary) {
    const auto may_match = [&pattern](char first) { return may_begin({&pattern, 1}, first); };
    for_each_cookie_by_first(request, may_match, [&](const ScannedCookie& cookie) {
      const std::string_view name = lenient_name(cookie.name);
      if (!base::matches_glob(pattern, name)) return;
      key.text += separator;
      separator = ';';
      if (!matches_any(rule.session, name)) {
        key.text += cookie.pair;
        return;
      }
      key.text += '\n';  // no pair that a client wrote can hold it
      append_session(cookie, key.text);
      constexpr std::size_t digest_size = std::tuple_size_v<base::DigestText>;
      key.session_begin = static_cast<std::uint32_t>(key.text.size() - digest_size);
    });
  }
}

constexpr std::string_view scheme_end = "://";
// No cookie pair has a ';', and none is empty.
constexpr std::string_view part_suffix = "\n;part";

}  // namespace

void make_key(const http::Target& target, const http::Fields& request, const RoutePolicy& policy,
              CacheKey& key, bool may_vary_by_cookie) {
  key.host_begin = static_cast<std::uint32_t>(target.scheme.size() + scheme_end.size());
  key.path_begin = key.host_begin + static_cast<std::uint32_t>(target.host.size());
  key.path_end = key.path_begin + static_cast<std::uint32_t>(target.path.size());
  key.text.resize(key.path_end);
  char* out = key.text.data();
  for (const std::string_view part :
       {target.scheme, scheme_end, std::string_view(target.host), std::string_view(target.path)}) {
    out = std::copy(part.begin(), part.end(), out);
  }
  append_query(target, policy.query, key.text);
  key.url_end = static_cast<std::uint32_t>(key.text.size());
  key.session_begin = 0;
  if (may_vary_by_cookie && !policy.cookies.vary.empty()) append_vary_cookies(request, policy.cookies, key);
  key.hash = base::hash64(key.text);
}

CacheKey key_of_part(CacheKey whole) {
  whole.text += part_suffix;
  whole.hash = base::hash64(whole.text);
  return whole;
}

CacheKey key_of_whole(CacheKey part) {
  part.text.resize(part.text.size() - part_suffix.size());
  part.hash = base::hash64(part.text);
  return part;
}

}  // namespace larder::cache
