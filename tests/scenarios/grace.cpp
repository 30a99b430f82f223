// Within grace a visitor gets the old page at once, and it is fetched anew behind.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Within grace a visitor gets the old page at once, and it is fetched anew behind") {
  Upstream upstream;
  Larder larder(upstream, {.site = "routes:\n  - {match: \"/**\", stale: {while_revalidate: 1h}}\n",
                           .upstream = {},
                           .public_listener = {}});
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("old"));
  visitor.read_response();
  larder.advance(std::chrono::seconds(100));

  for (int i = 0; i < 3; ++i) {  // one refresh for all
    visitor.get("/page/");
    const Response stale = visitor.read_response();
    CHECK(stale.body == "old");
    CHECK(stale.is_hit());
    CHECK(std::stoi(stale.cache_status()["ttl"]) < 0);
    CHECK(std::stoi(stale["Age"]) >= 100);
  }
  upstream.next_request().respond(fresh("new"));
  larder.wait_for_no_flight();
  CHECK(upstream.requests() == 2);
  visitor.get("/page/");
  const Response renewed = visitor.read_response();
  CHECK(renewed.body == "new");
  CHECK(renewed.is_hit());

  larder.advance(std::chrono::hours(2));  // past the grace
  visitor.get("/page/");
  upstream.next_request().respond(fresh("newest"));
  CHECK(visitor.read_response().body == "newest");
}
