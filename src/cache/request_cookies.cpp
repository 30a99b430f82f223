#include "larder/cache/request_cookies.hpp"

#include <string>

#include "cache/cookie_scan.hpp"

namespace larder::cache {
namespace {

bool is_unkeyed(const ScannedCookie& cookie, const CookieRule& rule) {
  if (matches_any(rule.vary, lenient_name(cookie.name))) return false;
  if (!matches_any(rule.ignore, cookie.name)) return true;
  return matches_any(rule.forward_ignored, cookie.name) && !has_only_cookie_octets(cookie.pair);
}

// The pairs that stay are not touched: what a server makes of an odd one is its own affair.
template <typename Leaves>
void remove_cookies(http::Fields& request, const Leaves& leaves) {
  bool is_any_left_out = false;
  std::string kept;
  for_each_cookie(request, [&](const ScannedCookie& cookie) {
    if (leaves(cookie)) {
      is_any_left_out = true;
      return;
    }
    if (!kept.empty()) kept += "; ";
    kept += cookie.pair;
  });
  if (!is_any_left_out) return;
  request.remove(http::FieldId::cookie);
  if (!kept.empty()) request.add(http::FieldId::cookie, kept);
}

}  // namespace

void remove_ignored_cookies(http::Fields& request, const CookieRule& rule) {
  if (rule.ignore.empty()) return;
  remove_cookies(request, [&rule](const ScannedCookie& cookie) {
    return matches_any(rule.ignore, cookie.name) && !matches_any(rule.forward_ignored, cookie.name) &&
           !matches_any(rule.vary, lenient_name(cookie.name));  // the key knows it: the page may depend on it
  });
}

bool has_unkeyed_cookie(const http::Fields& request, const CookieRule& rule) {
  bool is_found = false;
  for_each_cookie(request,
                  [&](const ScannedCookie& cookie) { is_found = is_found || is_unkeyed(cookie, rule); });
  return is_found;
}

void remove_unkeyed_cookies(http::Fields& request, const CookieRule& rule) {
  remove_cookies(request, [&rule](const ScannedCookie& cookie) { return is_unkeyed(cookie, rule); });
}

}  // namespace larder::cache
