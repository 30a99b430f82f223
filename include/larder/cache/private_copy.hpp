// Private copies: on a route that varies on a session's cookie (a name of both `cookies.vary` and
// `cookies.session`) each session has entries of its own, and who has no session shares those of everybody.
//
// What is kept of a session is its digest, never the cookie: in the key, and as the label "session:<digest>"
// among the captures of its copies, so that one line of the purge log outdates all of them when it ends.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// True when private copies are made under this rule.
bool has_private_copies(const CookieRule& rule);

enum class SessionCookies : std::uint8_t {
  none,     // the copy for everybody
  one,      // a private copy
  unclear,  // several, or one that servers may read in different ways: neither
};
// What a request's cookies mean for its use of the cache, found in one walk over them.
struct CookieFacts {
  bool has_bypass = false;  // one is on the bypass list, and not on the vary list, which wins
  SessionCookies session = SessionCookies::none;  // of those that the rule makes private copies for
  bool has_varied = true;                         // one is on the vary list; also where nobody has looked
};
CookieFacts cookie_facts_of(const http::Fields& request, const CookieRule& rule);

// True when the request carries a session's cookie that is not in the key: the answer to it is that session's
// own.
bool has_unkeyed_session(const http::Fields& request, const CookieRule& rule);

// "session:<digest>".
std::string session_label(std::string_view digest);

// The digests of the request's sessions that the response ends: it clears the cookie or sets it to another
// value (a log-in), or clears all cookies (Clear-Site-Data). `names`: patterns of session cookies. Also of a
// request whose session cookies are unclear.
std::vector<std::string> ended_sessions(const http::Fields& request, const http::Fields& response,
                                        std::span<const std::string> names, base::WallTime now);
// True when the response sets a session's cookie, or clears it.
bool sets_session(const http::Fields& response, const CookieRule& rule);
// The digests of all sessions that the request carries.
std::vector<std::string> sessions_of(const http::Fields& request, std::span<const std::string> names);

}  // namespace larder::cache
