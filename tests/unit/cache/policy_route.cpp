// What a route's ttl, status_ttl and stale add to RFC 9111 (route_policy.hpp), and when a request passes.
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using namespace std::chrono_literals;
using Optional = std::optional<base::Duration>;

// The columns stand in reading order. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct TtlCase {
  const char* name;
  TtlRule ttl;
  std::vector<StatusTtl> status_ttl;
  int status;
  const char* response;
  base::Duration lifetime;
  bool is_given_by_route;
};

const std::vector<StatusTtl> no_status_ttl;
constexpr const char* silent = "ETag: \"a\"";
constexpr const char* minute = "ETag: \"a\"\nCache-Control: max-age=60";

TtlRule ttl(Optional fallback, Optional min = {}, Optional max = {}, Optional force = {}) {
  return {fallback, min, max, force};
}

const TtlCase ttl_cases[] = {
    {"default where nothing is explicit", ttl(10s), no_status_ttl, 200, silent, 10s, true},
    {"default of 203", ttl(10s), no_status_ttl, 203, silent, 10s, true},
    {"default of 301", ttl(10s), no_status_ttl, 301, silent, 10s, true},
    {"default of 308", ttl(10s), no_status_ttl, 308, silent, 10s, true},
    {"default of 404", ttl(10s), no_status_ttl, 404, silent, 10s, true},
    {"default of 410", ttl(10s), no_status_ttl, 410, silent, 10s, true},
    {"default is not for 204", ttl(10s), no_status_ttl, 204, silent, 0s, false},
    {"default is not for 405", ttl(10s), no_status_ttl, 405, silent, 0s, false},
    {"default yields to max-age", ttl(10s), no_status_ttl, 200, minute, 60s, false},
    {"default yields to max-age=0", ttl(10s), no_status_ttl, 200, "ETag: \"a\"\nCache-Control: max-age=0", 0s,
     false},
    {"default yields to Expires: 0", ttl(10s), no_status_ttl, 200, "ETag: \"a\"\nExpires: 0", 0s, false},
    {"default yields to an unreadable max-age", ttl(10s), no_status_ttl, 200,
     "ETag: \"a\"\nCache-Control: max-age=x", 0s, false},
    {"default before the heuristic", ttl(10s), no_status_ttl, 200,
     "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 10s, true},
    {"default does not soften no-cache", ttl(10s), no_status_ttl, 200, "ETag: \"a\"\nCache-Control: no-cache",
     0s, false},
    {"status_ttl of a status default knows", ttl(10s), {{404, 3s}}, 404, silent, 3s, true},
    {"status_ttl of one it does not", ttl({}), {{302, 3s}}, 302, silent, 3s, true},
    {"status_ttl of an error", ttl({}), {{503, 1s}}, 503, silent, 1s, true},
    {"status_ttl of another status", ttl(10s), {{404, 3s}}, 200, silent, 10s, true},
    {"status_ttl yields to max-age", ttl({}), {{200, 3s}}, 200, minute, 60s, false},
    {"min lengthens max-age", ttl({}, 90s), no_status_ttl, 200, minute, 90s, true},
    {"min leaves what is longer", ttl({}, 30s), no_status_ttl, 200, minute, 60s, false},
    {"min gives nothing where there is nothing", ttl({}, 30s), no_status_ttl, 200, silent, 0s, false},
    {"max shortens max-age", ttl({}, {}, 30s), no_status_ttl, 200, minute, 30s, true},
    {"max leaves what is shorter", ttl({}, {}, 90s), no_status_ttl, 200, minute, 60s, false},
    {"max bounds the heuristic", ttl({}, {}, 30s), no_status_ttl, 200,
     "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 30s, true},
    {"max bounds status_ttl", ttl({}, {}, 2s), {{404, 3s}}, 404, silent, 2s, true},
    {"max wins over min", ttl({}, 90s, 30s), no_status_ttl, 200, minute, 30s, true},
    {"force instead of max-age", ttl({}, {}, {}, 5s), no_status_ttl, 200, minute, 5s, true},
    {"force instead of s-maxage", ttl({}, {}, {}, 5s), no_status_ttl, 200, "Cache-Control: s-maxage=60", 5s,
     true},
    {"force instead of Expires", ttl({}, {}, {}, 5s), no_status_ttl, 200, "Expires: 0", 5s, true},
    {"force where nothing is explicit", ttl({}, {}, {}, 5s), no_status_ttl, 200, silent, 5s, true},
    {"force before default", ttl(10s, {}, {}, 5s), no_status_ttl, 200, silent, 5s, true},
    {"force of a redirect with a lifetime", ttl({}, {}, {}, 5s), no_status_ttl, 302, minute, 5s, true},
    {"status_ttl stands in for force", ttl({}, {}, {}, 5s), {{404, 3s}}, 404, minute, 3s, true},
    {"a cookie's response is not lengthened", ttl({}, {}, {}, 5min), no_status_ttl, 200,
     "Cache-Control: max-age=60\nSet-Cookie: a=b", 60s, false},
    {"a cookie's response may be shortened", ttl({}, {}, 30s), no_status_ttl, 200,
     "Cache-Control: max-age=60\nSet-Cookie: a=b", 30s, true},
};

TEST_CASE("the lifetime that a route gives") {
  for (const TtlCase& row : ttl_cases) {
    INFO(row.name);
    RoutePolicy policy;
    policy.ttl = row.ttl;
    policy.status_ttl = row.status_ttl;
    const auto result =
        storable(fixture::request(""), fixture::response(row.status, row.response), policy, fixture::times());
    CHECK(result.is_storable);
    CHECK(result.freshness.lifetime == row.lifetime);
    CHECK(result.freshness.is_given_by_route == row.is_given_by_route);
  }
}

// The columns stand in reading order. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct RefusedCase {
  const char* name;
  const char* request;
  int status;
  const char* response;
  Reason reason;
};

const RefusedCase refused_cases[] = {
    {"no-store", "", 200, "Cache-Control: no-store", Reason::response_no_store},
    {"private", "", 200, "Cache-Control: private", Reason::response_private},
    {"Authorization", "Authorization: Basic eA==", 200, "", Reason::authorization},
    {"Set-Cookie", "", 200, "Set-Cookie: a=b", Reason::response_set_cookie},
    {"Set-Cookie, explicitly stale", "", 200, "Cache-Control: max-age=0\nSet-Cookie: a=b",
     Reason::response_set_cookie},
    {"no-cache without a validator", "", 200, "Cache-Control: no-cache", Reason::response_no_cache},
    {"302, of which no rule speaks", "", 302, "", Reason::status_not_storable},
    {"500, of which no rule speaks", "", 500, "", Reason::status_not_storable},
};

TEST_CASE("no ttl makes a response storable that must not be") {
  RoutePolicy policy;
  policy.ttl = ttl(10s, 5s, 1h, 1min);
  for (const RefusedCase& row : refused_cases) {
    INFO(row.name);
    const auto result = storable(fixture::request(row.request), fixture::response(row.status, row.response),
                                 policy, fixture::times());
    CHECK_FALSE(result.is_storable);
    CHECK(static_cast<int>(result.reason) == static_cast<int>(row.reason));
  }
}

struct GraceCase {
  const char* name;
  const char* cache_control;
  Optional force;
  base::Duration while_revalidate;
  base::Duration if_error;
  bool must_revalidate;
};

const GraceCase grace_cases[] = {
    {"the route's", "max-age=60", {}, 7s, 9s, false},
    {"the response's own wins", "max-age=60, stale-while-revalidate=1, stale-if-error=2", {}, 1s, 2s, false},
    {"an own zero is none", "max-age=60, stale-while-revalidate=0", {}, 0s, 9s, false},
    {"an own one that is unreadable is none", "max-age=60, stale-if-error=x", {}, 7s, 0s, false},
    {"must-revalidate", "max-age=60, must-revalidate", {}, 7s, 9s, true},
    {"proxy-revalidate", "max-age=60, proxy-revalidate", {}, 7s, 9s, true},
    {"s-maxage", "s-maxage=60", {}, 7s, 9s, true},
    {"force replaces s-maxage, its ban too", "s-maxage=60", 30s, 7s, 9s, false},
    {"force does not replace must-revalidate", "s-maxage=60, must-revalidate", 30s, 7s, 9s, true},
};

TEST_CASE("the grace of a response") {
  for (const GraceCase& row : grace_cases) {
    INFO(row.name);
    RoutePolicy policy;
    policy.stale = {7s, 9s};
    policy.ttl.force = row.force;
    const auto head = fixture::response(200, std::string("Cache-Control: ") + row.cache_control);
    const Freshness freshness = storable(fixture::request(""), head, policy, fixture::times()).freshness;
    CHECK(freshness.stale_while_revalidate == row.while_revalidate);
    CHECK(freshness.stale_if_error == row.if_error);
    CHECK(freshness.must_revalidate == row.must_revalidate);
  }
}

struct PassCase {
  const char* name;
  const char* method;
  const char* request;
  bool is_cache_off;
  std::optional<Reason> reason;
};

const PassCase pass_cases[] = {
    {"GET", "GET", "", false, std::nullopt},
    {"HEAD", "HEAD", "", false, std::nullopt},
    {"POST", "POST", "", false, Reason::method},
    {"an unknown method", "FOO", "", false, Reason::method},
    {"OPTIONS", "OPTIONS", "", false, Reason::method},
    {"cache: off", "GET", "", true, Reason::route_off},
    {"a bypass cookie", "GET", "Cookie: a=b; sessionid=x", false, Reason::bypass_cookie},
    {"no-store (5.2.1.5)", "GET", "Cache-Control: no-store", false, Reason::request_no_store},
    {"no-cache is decide's", "GET", "Cache-Control: no-cache", false, std::nullopt},
    {"Authorization may look (3.5)", "GET", "Authorization: Basic eA==", false, std::nullopt},
};

TEST_CASE("which requests do not use the cache") {
  for (const PassCase& row : pass_cases) {
    INFO(row.name);
    RoutePolicy policy;
    policy.is_cache_off = row.is_cache_off;
    policy.cookies.bypass = {"sessionid"};
    const auto request = fixture::request(row.request, row.method);
    CHECK(pass_reason(request, fixture::control(row.request), policy) == row.reason);
    policy.ignores_client_reload = true;
    CHECK(pass_reason(request, fixture::control(row.request), policy) == row.reason);
  }
}

}  // namespace
}  // namespace larder::cache
