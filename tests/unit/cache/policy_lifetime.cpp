// How long a response is fresh, and how old it is when it comes (RFC 9111 sections 4.2, 5.1, 5.2.2, 5.3).
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using namespace std::chrono_literals;

struct LifetimeCase {
  const char* section;
  const char* name;
  const char* lines;
  base::Duration lifetime;
};

// Every head has a validator, so that it is storable with any lifetime; Last-Modified is left to the
// heuristics.
const LifetimeCase explicit_cases[] = {
    {"4.2.1", "max-age", "Cache-Control: max-age=60", 60s},
    {"5.2", "directive names have no case", "cache-control: MAX-AGE=60", 60s},
    {"4.2.1", "s-maxage before max-age", "Cache-Control: max-age=60, s-maxage=10", 10s},
    {"4.2.1", "s-maxage before max-age, whatever the order", "Cache-Control: s-maxage=10, max-age=60", 10s},
    {"5.2.2.10", "a longer s-maxage", "Cache-Control: max-age=1, s-maxage=100", 100s},
    {"4.2.1", "directives on two lines", "Cache-Control: public\nCache-Control: max-age=60", 60s},
    {"5.3", "max-age before Expires", "Cache-Control: max-age=60\nExpires: Sun, 06 Nov 1994 09:49:37 GMT",
     60s},
    {"5.3", "max-age=0 before Expires", "Cache-Control: max-age=0\nExpires: Sun, 06 Nov 1994 09:49:37 GMT",
     0s},
    {"5.3", "s-maxage before Expires", "Cache-Control: s-maxage=7\nExpires: Sun, 06 Nov 1994 09:49:37 GMT",
     7s},
    {"4.2.1", "Expires minus Date",
     "Date: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:50:37 GMT", 60s},
    {"4.2.1", "Expires minus Date, both by a clock a day ahead",
     "Date: Mon, 07 Nov 1994 08:49:37 GMT\nExpires: Mon, 07 Nov 1994 08:50:07 GMT", 30s},
    {"4.2.1", "Expires minus Date, both by a clock a day behind",
     "Date: Sat, 05 Nov 1994 08:49:37 GMT\nExpires: Sat, 05 Nov 1994 08:50:07 GMT", 30s},
    {"4.2.1", "Expires minus time of receipt without Date", "Expires: Sun, 06 Nov 1994 08:51:37 GMT", 120s},
    {"4.2.1", "Expires minus time of receipt with a bad Date",
     "Date: yesterday\nExpires: Sun, 06 Nov 1994 08:51:37 GMT", 120s},
    {"4.2", "Expires before Date",
     "Date: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:49:36 GMT", 0s},
    {"4.2", "Expires equal to Date",
     "Date: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:49:37 GMT", 0s},
    {"5.3", "Expires: 0", "Expires: 0", 0s},
    {"5.3", "Expires: -1", "Expires: -1", 0s},
    {"5.3", "Expires without a value", "Expires: ", 0s},
    {"5.3", "Expires as a number", "Expires: 784115377", 0s},
    {"4.2", "Expires in another zone", "Expires: Sun, 06 Nov 1994 09:49:37 CET", 0s},
    {"9110 5.6.7", "Expires as RFC 850 has it", "Expires: Sunday, 06-Nov-94 08:50:37 GMT", 60s},
    {"9110 5.6.7", "Expires as asctime has it", "Expires: Sun Nov  6 08:50:37 1994", 60s},
    {"4.2.1", "max-age that is no integer", "Cache-Control: max-age=ten", 0s},
    {"4.2.1", "max-age without a value", "Cache-Control: max-age", 0s},
    {"4.2.1", "max-age with a fraction", "Cache-Control: max-age=10.5", 0s},
    {"1.2.2", "a negative max-age", "Cache-Control: max-age=-10", 0s},
    {"5.2", "a quoted max-age is accepted", "Cache-Control: max-age=\"60\"", 60s},
    {"4.2.1", "an unreadable s-maxage hides max-age", "Cache-Control: max-age=60, s-maxage=x", 0s},
    {"4.2.1", "an unreadable max-age hides Expires",
     "Cache-Control: max-age=x\nExpires: Sun, 06 Nov 1994 09:49:37 GMT", 0s},
    {"1.2.2", "max-age over 2^31", "Cache-Control: max-age=4294967296", 2147483648s},
    {"1.2.2", "max-age over 2^64", "Cache-Control: max-age=99999999999999999999999", 2147483648s},
    {"5.2.3", "unknown directives are ignored", "Cache-Control: foo=9, max-age=60, bar", 60s},
    {"5.2.2", "a directive inside another's quotes is none", "Cache-Control: foo=\"max-age=9\", max-age=60",
     60s},
};

TEST_CASE("the explicit lifetime of a response") {
  for (const LifetimeCase& row : explicit_cases) {
    INFO(row.section << ": " << row.name);
    const auto head = fixture::response(200, std::string("ETag: \"a\"\n") + row.lines);
    const Storability result = storable(fixture::request(""), head, {}, fixture::times());
    CHECK(result.is_storable);
    CHECK(result.freshness.lifetime == row.lifetime);
    CHECK_FALSE(result.freshness.is_given_by_route);
  }
}

struct HeuristicCase {
  const char* section;
  const char* name;
  int status;
  const char* lines;
  base::Duration lifetime;
};

const HeuristicCase heuristic_cases[] = {
    {"4.2.2", "a tenth of the time since", 200, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"4.2.2", "counted to Date", 200,
     "Date: Sun, 06 Nov 1994 07:19:37 GMT\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 60s},
    {"4.2.2", "a day at most", 200, "Last-Modified: Sun, 06 Nov 1984 08:49:37 GMT", 24h},
    {"4.2.2", "not without Last-Modified", 200, "ETag: \"a\"", 0s},
    {"4.2.2", "not with a bad one", 200, "ETag: \"a\"\nLast-Modified: long ago", 0s},
    {"4.2.2", "not from the future", 200, "Last-Modified: Sun, 06 Nov 1994 09:49:37 GMT", 0s},
    {"4.2.2", "MUST NOT with max-age", 200,
     "Cache-Control: max-age=0\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 0s},
    {"4.2.2", "MUST NOT with Expires", 200, "Expires: 0\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 0s},
    {"4.2.2", "beside a directive that says nothing of it", 200,
     "Cache-Control: must-revalidate\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "203", 203, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "204", 204, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "300", 300, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "301", 301, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "308", 308, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "404", 404, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "405", 405, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "410", 410, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "414", 414, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"9110 15.1", "501", 501, "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
    {"5.2.2.9", "public makes any status heuristically cacheable", 302,
     "Cache-Control: public\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", 600s},
};

TEST_CASE("the heuristic lifetime of a response") {
  for (const HeuristicCase& row : heuristic_cases) {
    INFO(row.section << ": " << row.name);
    const auto head = fixture::response(row.status, row.lines);
    const Storability result = storable(fixture::request(""), head, {}, fixture::times());
    CHECK(result.is_storable);
    CHECK(result.freshness.lifetime == row.lifetime);
  }
}

struct AgeCase {
  const char* section;
  const char* name;
  const char* lines;
  int minor_version;
  base::Duration response_delay;
  base::Duration initial_age;
};

const AgeCase age_cases[] = {
    {"4.2.3", "none", "", 1, 0s, 0s},
    {"4.2.3", "Age", "Age: 30", 1, 0s, 30s},
    {"4.2.3", "Age and the delay of the response", "Age: 30", 1, 4s, 34s},
    {"4.2.3", "the delay alone", "", 1, 1500ms, 1500ms},
    {"4.2.3", "a clock that is ahead", "Date: Sun, 06 Nov 1994 09:49:37 GMT", 1, 0s, 0s},
    {"4.2.3", "HTTP/1.1 all the way: a clock that is behind does no harm",
     "Date: Sun, 06 Nov 1994 07:49:37 GMT", 1, 0s, 0s},
    {"4.2.3", "HTTP/1.0: the apparent age", "Date: Sun, 06 Nov 1994 08:48:37 GMT", 0, 0s, 60s},
    {"4.2.3", "HTTP/1.0: the larger of the two", "Age: 90\nDate: Sun, 06 Nov 1994 08:48:37 GMT", 0, 0s, 90s},
    {"4.2.3", "HTTP/1.0: never negative", "Date: Sun, 06 Nov 1994 09:49:37 GMT", 0, 0s, 0s},
    {"4.2.3", "an HTTP/1.0 cache on the way", "Via: 1.0 old, 1.1 new\nDate: Sun, 06 Nov 1994 08:48:37 GMT", 1,
     0s, 60s},
    {"4.2.3", "an HTTP/1.0 cache with its protocol's name",
     "Via: HTTP/1.0 old\nDate: Sun, 06 Nov 1994 08:48:37 GMT", 1, 0s, 60s},
    {"4.2.3", "HTTP/1.1 and HTTP/2 caches on the way",
     "Via: 1.1 a, 2.0 b\nDate: Sun, 06 Nov 1994 08:48:37 GMT", 1, 0s, 0s},
    {"5.1", "the first of a list", "Age: 10, 99", 1, 0s, 10s},
    {"5.1", "the first of two lines", "Age: 10\nAge: 99", 1, 0s, 10s},
    {"5.1", "a negative one is ignored", "Age: -10", 1, 0s, 0s},
    {"5.1", "a fraction is ignored", "Age: 10.5", 1, 0s, 0s},
    {"5.1", "a word is ignored", "Age: old", 1, 0s, 0s},
    {"5.1", "an empty one is ignored", "Age: ", 1, 0s, 0s},
    {"1.2.2", "over 2^31 is 2^31", "Age: 4294967296", 1, 0s, 2147483648s},
    {"1.2.2", "over 2^64 is 2^31", "Age: 99999999999999999999999", 1, 0s, 2147483648s},
};

TEST_CASE("the age of a response when it comes") {
  for (const AgeCase& row : age_cases) {
    INFO(row.section << ": " << row.name);
    auto head = fixture::response(200, std::string("ETag: \"a\"\nCache-Control: max-age=100\n") + row.lines);
    head.minor_version = row.minor_version;
    const Storability result = storable(fixture::request(""), head, {}, fixture::times(row.response_delay));
    REQUIRE(result.is_storable);
    CHECK(result.freshness.initial_age == row.initial_age);
    CHECK(result.freshness.age(fixture::received_mono + 5s) == row.initial_age + 5s);
  }
}

TEST_CASE("a request clock that runs backwards adds no negative delay (4.2.3)") {
  const auto head = fixture::response(200, "Cache-Control: max-age=100");
  const Storability result = storable(fixture::request(""), head, {}, fixture::times(-3s));
  CHECK(result.freshness.initial_age == 0s);
}

}  // namespace
}  // namespace larder::cache
