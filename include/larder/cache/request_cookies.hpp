// The cookies of a request that is sent upstream: a fetch that may be stored carries none that could change
// the page for who has others.
#pragma once
#include "larder/cache/route_policy.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// Leaves out the ignored cookies, but for those of `forward_ignored`. The others stay as they were sent.
void remove_ignored_cookies(http::Fields& request, const CookieRule& rule);

// True when the request has a cookie that is neither in the key nor ignored: the page may depend on it, and
// nothing but `Vary: Cookie` could say so. An ignored one that is forwarded must be simple to count as
// ignored: servers differ in where a value with quotes or commas ends.
bool has_unkeyed_cookie(const http::Fields& request, const CookieRule& rule);
// Leaves those out: for a fetch on behalf of others.
void remove_unkeyed_cookies(http::Fields& request, const CookieRule& rule);

}  // namespace larder::cache
