// What a route of the configuration asks of the cache: plain values, shared and immutable once loaded.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "larder/base/time.hpp"

namespace larder::cache {

// `ttl`: see docs/configuration.md. All absent: RFC 9111 alone.
//
// The lifetime is the first of: force (for a response with explicit freshness, or of a status that `default`
// speaks of), the response's own explicit freshness, `default`, the heuristic of RFC 9111 section 4.2.2.
// Where status_ttl names the status, its lifetime stands in for both force and `default`. Then min and max
// bound it, whatever it came from; max wins over min. `default` speaks of 200, 203, 301, 308, 404 and 410.
//
// None of them touches no-cache, no-store, private or Authorization, and a response with Set-Cookie is stored
// by its own explicit freshness alone, which they may only shorten (unless stores_set_cookie).
struct TtlRule {
  std::optional<base::Duration> fallback;  // `default`: only when the response has no explicit freshness
  std::optional<base::Duration> min;
  std::optional<base::Duration> max;
  std::optional<base::Duration> force;  // instead of max-age, s-maxage (its ban of stale too) and Expires
};

// `status_ttl`: the `default` of one status, any status; it wins over TtlRule's.
struct StatusTtl {
  int status = 0;
  base::Duration lifetime{};
};

struct StaleRule {
  std::optional<base::Duration> while_revalidate;
  std::optional<base::Duration> if_error;
};

struct QueryRule {
  std::vector<std::string> bypass;  // glob patterns: a request with such a parameter does not use the cache
  bool sort = false;
  std::optional<std::vector<std::string>> allow;  // glob patterns; absent: every parameter counts
  std::vector<std::string> ignore;                // glob patterns; of what allow lets through
  // `default`: ?limit=5 and no limit are one key. Names and values as a URL would have them. Sorts as `sort`
  // does.
  std::vector<std::pair<std::string, std::string>> fallback;
  bool forward_ignored = false;    // the upstream sees ignored parameters too
  std::uint32_t max_variants = 0;  // the most keys stored for one host and path; 0: any number
  bool operator==(const QueryRule&) const = default;
  // True when the key's query is the request's, byte for byte.
  bool is_exact() const noexcept { return !sort && !allow && ignore.empty() && fallback.empty(); }
};

struct CookieRule {
  std::vector<std::string> bypass;  // glob patterns
  std::vector<std::string> ignore;  // not compared by `Vary: Cookie`
  std::vector<std::string> vary;    // part of the key, by value; wins over bypass
  // Cookies that hold a visitor's session: where `vary` names one, each session has private copies. The
  // configuration's default is [sessionid].
  std::vector<std::string> session;
  std::vector<std::string> forward_ignored = {"*"};  // glob patterns: of the ignored, these go upstream
  bool operator==(const CookieRule&) const = default;
};

// `tags_from`: each text, number or boolean at the pointer of a JSON body is a tag, between these.
struct BodyTagRule {
  std::string pointer;  // RFC 6901; an array on its way stands for each of its items
  std::string before;
  std::string after;
  bool operator==(const BodyTagRule&) const = default;
};

struct DownstreamRule {
  std::optional<std::string> cache_control;  // replaces what clients see
  bool etag_auto = false;                    // generate a strong entity tag where the upstream sent none
  bool keep_tags = false;                    // `tags: keep`
};

// `refuse`: what is not stored, whatever its own fields say. The profile wagtail sets all of it, django all
// but user_bar.
struct RefuseRule {
  bool set_cookie = false;      // a response with Set-Cookie
  bool session = false;         // the answer to a request with a session cookie that is not in the key
  bool csrf_token = false;      // an HTML page that holds a CSRF token
  bool user_bar = false;        // an HTML page that holds Wagtail's user bar
  bool unkeyed_cookie = false;  // the answer to a cookie that nothing says the page does not depend on
  bool reads_pages() const noexcept { return csrf_token || user_bar; }
  bool operator==(const RefuseRule&) const = default;
};

struct RoutePolicy {
  std::string name;  // the pattern's text, a bounded metrics label; "(none)" where no route matches
  bool is_cache_off = false;
  TtlRule ttl;
  std::vector<StatusTtl> status_ttl;
  StaleRule stale;
  QueryRule query;
  CookieRule cookies;
  std::vector<std::string> tags;
  std::vector<BodyTagRule> tags_from;
  DownstreamRule downstream;
  // The response fields whose directives count here instead of Cache-Control and Expires, best first (RFC
  // 9213 section 2.2; Surrogate-Control by its own grammar).
  std::vector<std::string> targets = {"Larder-Cache-Control", "CDN-Cache-Control"};
  bool ignores_client_reload = false;
  RefuseRule refuse;
  bool stores_set_cookie = false;  // `unsafe: [set_cookie]`; wins over refuse.set_cookie
};

}  // namespace larder::cache
