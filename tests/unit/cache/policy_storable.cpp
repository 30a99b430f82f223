// What may be stored (RFC 9111 section 3) and shared (section 4).
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using namespace std::chrono_literals;

// The columns stand in reading order. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct StorableCase {
  const char* section;
  const char* name;
  const char* method;
  const char* request;
  int status;
  const char* response;
  Reason reason;  // none: stored
};

constexpr const char* fresh = "Cache-Control: max-age=60";

const StorableCase cases[] = {
    {"3", "a GET", "GET", "", 200, fresh, Reason::none},
    {"3", "a HEAD", "HEAD", "", 200, fresh, Reason::none},
    {"3", "a method that is not understood", "POST", "", 200, fresh, Reason::method},
    {"3", "an unknown method", "FOO", "", 200, fresh, Reason::method},
    // Final status codes.
    {"3", "an interim response", "GET", "", 103, fresh, Reason::status_not_storable},
    {"3", "206", "GET", "", 206, fresh, Reason::partial_content},
    // Section 3.3: where Range and Content-Range say which bytes these are.
    {"3.3", "a part", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: max-age=60\nContent-Range: bytes 0-4/10", Reason::none},
    {"3.3", "a part that nobody asked for", "GET", "", 206,
     "Cache-Control: max-age=60\nContent-Range: bytes 0-4/10", Reason::partial_content},
    {"3.3", "several parts", "GET", "Range: bytes=0-4,6-7", 206,
     "Cache-Control: max-age=60\nContent-Type: multipart/byteranges; boundary=a", Reason::partial_content},
    {"3.3", "a part of what nobody knows the size", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: max-age=60\nContent-Range: bytes 0-4/*", Reason::partial_content},
    {"3.3", "a part in another unit", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: max-age=60\nContent-Range: lines 0-4/10", Reason::partial_content},
    {"3.3", "a part under a condition", "GET", "Range: bytes=0-4\nIf-Range: \"a\"", 206,
     "Cache-Control: max-age=60\nContent-Range: bytes 0-4/10", Reason::partial_content},
    {"3.3", "a part without a lifetime", "GET", "Range: bytes=0-4", 206,
     "ETag: \"a\"\nContent-Range: bytes 0-4/10", Reason::status_not_storable},
    {"3.3", "a part by heuristics", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: public\nLast-Modified: Sat, 05 Nov 1994 08:49:37 GMT\nContent-Range: bytes 0-4/10",
     Reason::no_freshness},
    {"3.3", "a part to be validated", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: no-cache, max-age=60\nETag: \"a\"\nContent-Range: bytes 0-4/10",
     Reason::response_no_cache},
    {"3.3", "a stale part", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: max-age=0, stale-while-revalidate=60\nETag: \"a\"\nContent-Range: bytes 0-4/10",
     Reason::no_freshness},
    {"3.3", "a private part", "GET", "Range: bytes=0-4", 206,
     "Cache-Control: private, max-age=60\nContent-Range: bytes 0-4/10", Reason::response_private},
    {"3", "304", "GET", "", 304, fresh, Reason::partial_content},
    {"3", "an error that says so", "GET", "", 500, fresh, Reason::none},
    {"3", "an unknown status that says so", "GET", "", 599, fresh, Reason::none},
    {"3", "302 with Expires", "GET", "", 302, "Expires: Sun, 06 Nov 1994 09:49:37 GMT", Reason::none},
    {"3", "302 that says nothing", "GET", "", 302, "Location: /b", Reason::status_not_storable},
    {"3", "302 with a validator alone", "GET", "", 302, "ETag: \"a\"", Reason::status_not_storable},
    {"3", "503 that says nothing", "GET", "", 503, "", Reason::status_not_storable},
    {"3", "403 with public and a validator", "GET", "", 403, "Cache-Control: public\nETag: \"a\"",
     Reason::none},
    {"3", "201 that says nothing", "GET", "", 201, "ETag: \"a\"", Reason::status_not_storable},
    // An answer to what no key knows of the request is nobody else's.
    {"6585", "428", "GET", "", 428, fresh, Reason::status_not_storable},
    {"6585", "429", "GET", "", 429, fresh, Reason::status_not_storable},
    {"6585", "431", "GET", "", 431, fresh, Reason::status_not_storable},
    {"6585", "511", "GET", "", 511, fresh, Reason::status_not_storable},
    {"3", "400", "GET", "", 400, fresh, Reason::status_not_storable},
    {"3", "406", "GET", "", 406, fresh, Reason::status_not_storable},
    {"3", "412", "GET", "", 412, fresh, Reason::status_not_storable},
    {"3", "413", "GET", "", 413, fresh, Reason::status_not_storable},
    {"3", "417", "GET", "", 417, fresh, Reason::status_not_storable},
    {"3", "421", "GET", "", 421, fresh, Reason::status_not_storable},
    {"3", "404", "GET", "", 404, fresh, Reason::none},
    // no-store and must-understand.
    {"5.2.2.5", "no-store", "GET", "", 200, "Cache-Control: no-store", Reason::response_no_store},
    {"5.2.2.5", "no-store beside max-age", "GET", "", 200, "Cache-Control: max-age=60, no-store",
     Reason::response_no_store},
    {"5.2.2.5", "no-store in capitals", "GET", "", 200, "Cache-Control: max-age=60, No-Store",
     Reason::response_no_store},
    {"5.2.2.5", "no-store on the second line", "GET", "", 200,
     "Cache-Control: max-age=60\nCache-Control: no-store", Reason::response_no_store},
    {"5.2.2.3", "must-understand overrides no-store", "GET", "", 200,
     "Cache-Control: max-age=60, must-understand, no-store", Reason::none},
    {"5.2.2.3", "must-understand of 404", "GET", "", 404,
     "Cache-Control: max-age=60, must-understand, no-store", Reason::none},
    {"5.2.2.3", "must-understand of a status unknown", "GET", "", 299,
     "Cache-Control: max-age=60, must-understand, no-store", Reason::unsafe_fields},
    {"3", "must-understand without no-store of a status unknown", "GET", "", 599,
     "Cache-Control: max-age=60, must-understand", Reason::unsafe_fields},
    // private.
    {"5.2.2.7", "private", "GET", "", 200, "Cache-Control: private, max-age=60", Reason::response_private},
    {"5.2.2.7", "private with field names lets the rest be stored", "GET", "", 200,
     "Cache-Control: private=\"x-user\", max-age=60", Reason::none},
    {"5.2.2.7", "private with an empty list speaks of all", "GET", "", 200,
     "Cache-Control: private=\"\", max-age=60", Reason::response_private},
    {"5.2.2.7", "a Set-Cookie that private names does not keep the rest from being stored", "GET", "", 200,
     "Cache-Control: private=\"set-cookie\"\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\nSet-Cookie: a=b",
     Reason::none},
    {"4.2.1", "private against public: the stricter", "GET", "", 200,
     "Cache-Control: public, private, max-age=60", Reason::response_private},
    {"5.2.2.7", "private does not yield to s-maxage", "GET", "", 200, "Cache-Control: private, s-maxage=60",
     Reason::response_private},
    // Authorization.
    {"3.5", "Authorization", "GET", "Authorization: Basic eA==", 200, fresh, Reason::authorization},
    {"3.5", "Authorization and public", "GET", "Authorization: Basic eA==", 200,
     "Cache-Control: public, max-age=60", Reason::none},
    {"3.5", "Authorization and must-revalidate", "GET", "Authorization: Basic eA==", 200,
     "Cache-Control: must-revalidate, max-age=60", Reason::none},
    {"3.5", "Authorization and s-maxage", "GET", "Authorization: Basic eA==", 200,
     "Cache-Control: s-maxage=60", Reason::none},
    {"3.5", "Authorization and an s-maxage that allows nothing readable", "GET",
     "Authorization: Basic eA==", 200, "Cache-Control: s-maxage=x, max-age=60", Reason::authorization},
    {"3.5", "proxy-revalidate is not among the three", "GET", "Authorization: Basic eA==", 200,
     "Cache-Control: proxy-revalidate, max-age=60", Reason::authorization},
    {"3.5", "an empty Authorization is one", "GET", "Authorization: ", 200, fresh, Reason::authorization},
    // Vary.
    {"4.1", "Vary: *", "GET", "", 200, "Cache-Control: max-age=60\nVary: *", Reason::vary_star},
    {"4.1", "a member *", "GET", "", 200, "Cache-Control: max-age=60\nVary: Accept, *", Reason::vary_star},
    {"4.1", "a member * on another line", "GET", "", 200, "Cache-Control: max-age=60\nVary: Accept\nVary: *",
     Reason::vary_star},
    {"9110 12.5.5", "a member that is no field name", "GET", "", 200, "Cache-Control: max-age=60\nVary: a b",
     Reason::vary_star},
    {"4.1", "Vary with names", "GET", "", 200, "Cache-Control: max-age=60\nVary: Accept", Reason::none},
    // Set-Cookie.
    {"7.3", "Set-Cookie, explicitly fresh", "GET", "", 200, "Cache-Control: max-age=60\nSet-Cookie: a=b",
     Reason::none},
    {"7.3", "Set-Cookie, fresh by Expires", "GET", "", 200,
     "Expires: Sun, 06 Nov 1994 09:49:37 GMT\nSet-Cookie: a=b", Reason::none},
    {"7.3", "Set-Cookie, heuristically fresh", "GET", "", 200,
     "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT\nSet-Cookie: a=b", Reason::response_set_cookie},
    {"7.3", "Set-Cookie, public alone", "GET", "", 200, "Cache-Control: public\nETag: \"a\"\nSet-Cookie: a=b",
     Reason::response_set_cookie},
    {"7.3", "Set-Cookie, explicitly stale", "GET", "", 200,
     "Cache-Control: max-age=0\nETag: \"a\"\nSet-Cookie: a=b", Reason::response_set_cookie},
    {"7.3", "Set-Cookie, a validator alone", "GET", "", 200, "ETag: \"a\"\nSet-Cookie: a=b",
     Reason::response_set_cookie},
    // Nothing to use it for (the note of section 3).
    {"3", "neither freshness nor validator", "GET", "", 200, "Content-Type: text/html", Reason::no_freshness},
    {"3", "stale without a validator", "GET", "", 200, "Cache-Control: max-age=0", Reason::no_freshness},
    {"3", "expired without a validator", "GET", "", 200, "Expires: 0", Reason::no_freshness},
    {"3", "older than its lifetime, without a validator", "GET", "", 200,
     "Cache-Control: max-age=60\nAge: 60", Reason::no_freshness},
    {"3", "older than its lifetime, with a validator", "GET", "", 200,
     "Cache-Control: max-age=60\nAge: 61\nETag: \"a\"", Reason::none},
    {"3", "stale with an entity tag", "GET", "", 200, "Cache-Control: max-age=0\nETag: \"a\"", Reason::none},
    {"3", "stale with Last-Modified", "GET", "", 200,
     "Cache-Control: max-age=0\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", Reason::none},
    {"3", "stale with a Last-Modified that is no date", "GET", "", 200,
     "Cache-Control: max-age=0\nLast-Modified: long ago", Reason::no_freshness},
    {"5861 3", "stale at once with a grace", "GET", "", 200,
     "Cache-Control: max-age=0, stale-while-revalidate=60", Reason::none},
    {"4.2.4", "a grace that must-revalidate forbids", "GET", "", 200,
     "Cache-Control: max-age=0, stale-while-revalidate=60, must-revalidate", Reason::no_freshness},
    {"5.2.2.4", "no-cache with a validator", "GET", "", 200, "Cache-Control: no-cache\nETag: \"a\"",
     Reason::none},
    {"5.2.2.4", "no-cache without one", "GET", "", 200, "Cache-Control: no-cache, max-age=60",
     Reason::response_no_cache},
    {"5.2.2.4", "no-cache with field names, without a validator", "GET", "", 200,
     "Cache-Control: no-cache=\"set-cookie\", max-age=60", Reason::none},
    {"5.2.1", "request directives do not bind the response", "GET", "Cache-Control: no-cache, max-age=0", 200,
     fresh, Reason::none},
};

TEST_CASE("what a shared cache stores") {
  for (const StorableCase& row : cases) {
    INFO(row.section << ": " << row.name);
    const Storability result = storable(fixture::request(row.request, row.method),
                                        fixture::response(row.status, row.response), {}, fixture::times());
    CHECK(result.is_storable == (row.reason == Reason::none));
    CHECK(static_cast<int>(result.reason) == static_cast<int>(row.reason));
  }
}

TEST_CASE("what a profile and a route say of Set-Cookie") {
  const auto explicit_head = fixture::response(200, "Cache-Control: max-age=60\nSet-Cookie: a=b");
  const auto silent_head = fixture::response(200, "Set-Cookie: a=b");
  RoutePolicy policy;
  policy.ttl.fallback = 10s;

  CHECK(storable(fixture::request(""), silent_head, policy, fixture::times()).reason ==
        Reason::response_set_cookie);
  policy.refuse.set_cookie = true;
  CHECK(storable(fixture::request(""), explicit_head, policy, fixture::times()).reason ==
        Reason::response_set_cookie);
  policy.stores_set_cookie = true;
  CHECK(storable(fixture::request(""), explicit_head, policy, fixture::times()).is_storable);
  CHECK(storable(fixture::request(""), silent_head, policy, fixture::times()).is_storable);
}

TEST_CASE("a response with more tags than are kept is not stored") {
  std::string tags = "Cache-Control: max-age=60\nSurrogate-Key:";
  for (std::size_t i = 0; i <= tags_max; ++i) tags += " t" + std::to_string(i);
  const auto result = storable(fixture::request(""), fixture::response(200, tags), {}, fixture::times());
  CHECK(result.reason == Reason::unsafe_fields);
}

struct ShareableCase {
  const char* section;
  const char* name;
  const char* response;
  bool is_shareable;
};

const ShareableCase shareable_cases[] = {
    {"4", "fresh", "Cache-Control: max-age=60", true},
    {"5.2.2.4", "no-cache", "Cache-Control: no-cache\nETag: \"a\"", false},
    {"5.2.2.4", "no-cache beside max-age", "Cache-Control: no-cache, max-age=60\nETag: \"a\"", false},
    {"5.2.2.4", "no-cache with field names", "Cache-Control: no-cache=\"foo\", max-age=60\nETag: \"a\"",
     true},
    {"4", "stale at once", "Cache-Control: max-age=0\nETag: \"a\"", false},
    {"4", "no freshness, a validator", "ETag: \"a\"", false},
    {"4.2.3", "older than its lifetime", "Cache-Control: max-age=60\nAge: 60\nETag: \"a\"", false},
    {"4.2.3", "a second younger than its lifetime", "Cache-Control: max-age=60\nAge: 59", true},
    {"5861 3", "stale at once, within its grace", "Cache-Control: max-age=0, stale-while-revalidate=5", true},
    {"5861 3", "past its grace", "Cache-Control: max-age=0, stale-while-revalidate=5\nAge: 6\nETag: \"a\"",
     false},
    {"5861 4", "a grace for errors alone", "Cache-Control: max-age=0, stale-if-error=5", false},
    {"5.2.2.10", "s-maxage forbids the grace",
     "Cache-Control: s-maxage=0, stale-while-revalidate=5\nETag: \"a\"", false},
};

TEST_CASE("what those who waited may be answered by") {
  for (const ShareableCase& row : shareable_cases) {
    INFO(row.section << ": " << row.name);
    const auto result =
        storable(fixture::request(""), fixture::response(200, row.response), {}, fixture::times());
    REQUIRE(result.is_storable);
    CHECK(is_shareable(result.freshness) == row.is_shareable);
  }
}

}  // namespace
}  // namespace larder::cache
