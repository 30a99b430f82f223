// What targeted fields decide (RFC 9213).
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

using namespace larder;
using namespace larder::cache;
using namespace std::chrono_literals;

namespace {

constexpr const char* tomorrow = "Expires: Mon, 07 Nov 1994 08:49:37 GMT";
constexpr const char* last_day = "Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT";

std::string lines(std::initializer_list<const char*> list) {
  std::string text;
  for (const char* line : list) text += std::string(line) + "\n";
  return text;
}

}  // namespace

TEST_CASE("a targeted field decides instead of Cache-Control and Expires, RFC 9213 section 2.2") {
  struct Row {
    std::string response;
    Reason reason;  // why it is not stored
    base::Duration lifetime;
    const char* request = "";
  };
  const std::vector<Row> rows = {
      // The examples of section 3.1.
      {lines({"Cache-Control: max-age=60, s-maxage=120", "CDN-Cache-Control: max-age=600"}), Reason::none,
       600s},
      {lines({"CDN-Cache-Control: max-age=600", "Cache-Control: no-store"}), Reason::none, 600s},
      {lines({"Cache-Control: no-store"}), Reason::response_no_store, 0s},
      {lines({"Cache-Control: no-store", "CDN-Cache-Control: none", last_day}), Reason::none, 8640s},
      // "it MUST ignore the Cache-Control and Expires header fields".
      {lines({"CDN-Cache-Control: max-age=600", "Expires: 0"}), Reason::none, 600s},
      {lines({"CDN-Cache-Control: none", tomorrow}), Reason::no_freshness, 0s},
      {lines({"CDN-Cache-Control: none", tomorrow, last_day}), Reason::none, 8640s},
      {lines({"CDN-Cache-Control: none", "Cache-Control: max-age=60"}), Reason::no_freshness, 0s},
      {lines({"CDN-Cache-Control: max-age=600", "Cache-Control: private, no-cache"}), Reason::none, 600s},
      // What the directives are, in both directions.
      {lines({"CDN-Cache-Control: no-store", "Cache-Control: max-age=60", tomorrow}),
       Reason::response_no_store, 0s},
      {lines({"CDN-Cache-Control: private", "Cache-Control: max-age=60", tomorrow}), Reason::response_private,
       0s},
      {lines({"CDN-Cache-Control: no-cache", "Cache-Control: max-age=60", tomorrow}),
       Reason::response_no_cache, 0s},
      {lines({"CDN-Cache-Control: max-age=600, no-store"}), Reason::response_no_store, 0s},
      {lines({"CDN-Cache-Control: max-age=600, private=\"x-a\""}), Reason::none, 600s},
      {lines({"CDN-Cache-Control: max-age=0", tomorrow}), Reason::no_freshness, 0s},
      // "unless no valid, non-empty value is available".
      {lines({"CDN-Cache-Control: max-age=600,", "Cache-Control: max-age=60"}), Reason::none, 60s},
      {lines({"CDN-Cache-Control:", tomorrow}), Reason::none, 24h},
      {lines({"CDN-Cache-Control: max-age=\"600\"", "Cache-Control: no-store"}), Reason::response_no_store,
       0s},
      // Ours before that of all.
      {lines({"CDN-Cache-Control: no-store", "Larder-Cache-Control: max-age=5"}), Reason::none, 5s},
      // Not on the list.
      {lines({"Surrogate-Control: max-age=600", "Cache-Control: max-age=60"}), Reason::none, 60s},
      // RFC 9111 section 3.5 reads the directives that count.
      {lines({"CDN-Cache-Control: max-age=600", "Cache-Control: public"}), Reason::authorization, 0s,
       "Authorization: Basic YQ=="},
      {lines({"CDN-Cache-Control: max-age=600, public"}), Reason::none, 600s, "Authorization: Basic YQ=="},
      // Section 2.2: "the semantics ... are the same".
      {lines({"CDN-Cache-Control: max-age=600", "Set-Cookie: a=b"}), Reason::none, 600s},
      {lines({"CDN-Cache-Control: none", tomorrow, last_day, "Set-Cookie: a=b"}), Reason::response_set_cookie,
       0s},
  };
  for (const Row& row : rows) {
    INFO(row.response);
    const Storability result =
        storable(fixture::request(row.request), fixture::response(200, row.response), {}, fixture::times());
    CHECK(result.reason == row.reason);
    if (result.is_storable) CHECK(result.freshness.lifetime == row.lifetime);
  }
}

TEST_CASE("a status that only Expires makes cacheable is not so beside a targeted field") {
  const auto of = [](const char* response) {
    return storable(fixture::request(""), fixture::response(302, response), {}, fixture::times()).reason;
  };
  CHECK(of(tomorrow) == Reason::none);
  CHECK(of(lines({tomorrow, "CDN-Cache-Control: none"}).c_str()) == Reason::status_not_storable);
  CHECK(of(lines({tomorrow, "CDN-Cache-Control: max-age=5"}).c_str()) == Reason::none);
}

TEST_CASE("a targeted field's other directives reach the freshness") {
  const auto of = [](const char* response) {
    return storable(fixture::request(""), fixture::response(200, response), {}, fixture::times()).freshness;
  };
  const Freshness graceful =
      of("CDN-Cache-Control: max-age=5, stale-while-revalidate=6, stale-if-error=7\n"
         "Cache-Control: must-revalidate, s-maxage=1");
  CHECK(graceful.stale_while_revalidate == 6s);
  CHECK(graceful.stale_if_error == 7s);
  CHECK_FALSE(graceful.must_revalidate);
  CHECK(of("CDN-Cache-Control: max-age=5, must-revalidate").must_revalidate);
  CHECK(of("CDN-Cache-Control: s-maxage=5").must_revalidate);
  CHECK(of("CDN-Cache-Control: no-cache\nETag: \"a\"").always_revalidate);
}

TEST_CASE("a route's own targets") {
  RoutePolicy policy;
  const auto lifetime = [&policy] {
    return storable(fixture::request(""),
                    fixture::response(200,
                                      "Cache-Control: max-age=1\nCDN-Cache-Control: max-age=2\n"
                                      "Surrogate-Control: max-age=3+4"),
                    policy, fixture::times())
        .freshness;
  };
  CHECK(lifetime().lifetime == 2s);
  policy.targets = {};
  CHECK(lifetime().lifetime == 1s);
  policy.targets = {"Surrogate-Control", "CDN-Cache-Control"};
  CHECK(lifetime().lifetime == 3s);
  CHECK(lifetime().stale_while_revalidate == 4s);
  CHECK(lifetime().stale_if_error == 4s);
}

TEST_CASE("a 304 renews by the targeted field that it brings") {
  const auto old = fixture::stored("ETag: \"a\"\nCDN-Cache-Control: max-age=5\nCache-Control: no-store");
  const http::ResponseHead same = updated_head(old->head(), fixture::response(304, "ETag: \"a\""));
  CHECK(storable(fixture::request(""), same, {}, fixture::times()).freshness.lifetime == 5s);
  const http::ResponseHead longer =
      updated_head(old->head(), fixture::response(304, "ETag: \"a\"\nCDN-Cache-Control: max-age=50"));
  CHECK(storable(fixture::request(""), longer, {}, fixture::times()).freshness.lifetime == 50s);
}

TEST_CASE("what is said to caches alone is hidden in a private copy, and is not lost") {
  RoutePolicy policy;
  policy.targets = {"Site-Cache-Control"};
  const http::ResponseHead response =
      fixture::response(200,
                        "Larder-Cache-Control: max-age=1\nCDN-Cache-Control: max-age=2\n"
                        "Surrogate-Control: max-age=3\nsite-cache-control: max-age=4\nX-Other: 5");
  const StoredHead shared = make_head(response, policy, false, fixture::received_wall);
  const StoredHead own = make_head(response, policy, false, fixture::received_wall, true);
  for (const char* line : {"Larder-Cache-Control: max-age=1", "CDN-Cache-Control: max-age=2",
                           "Surrogate-Control: max-age=3", "site-cache-control: max-age=4"}) {
    INFO(line);
    CHECK(shared.text.find(line) != std::string::npos);
    CHECK(own.text.find(line) == std::string::npos);
    CHECK(own.hidden.find(line) != std::string::npos);
  }
  CHECK(own.text.find("X-Other: 5") != std::string::npos);
}
