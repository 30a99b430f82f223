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
  const std::size_t mark = text.size();
  text += '?';
  append_normalised_query(target.query, rule, text);
  if (text.size() == mark + 1) text.resize(mark);
}

// Every cookie of a name counts, since servers differ in whether the first or the last one wins.
void append_vary_cookies(const http::Fields& request, const CookieRule& rule, std::string& text) {
  char separator = '\n';
  for (const std::string& pattern : rule.vary) {
    for_each_cookie(request, [&](const ScannedCookie& cookie) {
      if (!base::matches_glob(pattern, lenient_name(cookie.name))) return;
      text += separator;
      text += cookie.pair;
      separator = ';';
    });
  }
}

}  // namespace

void make_key(const http::Target& target, const http::Fields& request, const RoutePolicy& policy,
              CacheKey& key) {
  const auto place = [&key] { return static_cast<std::uint32_t>(key.text.size()); };
  key.text.clear();
  key.text += target.scheme;
  key.text += "://";
  key.host_begin = place();
  key.text += target.host;
  key.path_begin = place();
  key.text += target.path;
  key.path_end = place();
  append_query(target, policy.query, key.text);
  key.url_end = place();
  if (!policy.cookies.vary.empty()) append_vary_cookies(request, policy.cookies, key.text);
  key.hash = base::hash64(key.text);
}

bool has_bypass_cookie(const http::Fields& request, const CookieRule& rule) {
  if (rule.bypass.empty()) return false;
  bool is_found = false;
  for_each_cookie(request, [&](const ScannedCookie& cookie) {
    const std::string_view name = lenient_name(cookie.name);
    is_found = is_found || std::any_of(rule.bypass.begin(), rule.bypass.end(), [name](const auto& pattern) {
                 return base::matches_glob(pattern, name);
               });
  });
  return is_found;
}

}  // namespace larder::cache
