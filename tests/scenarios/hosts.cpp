// Aliases of a host share its pages; an unknown host is passed and never stored.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Aliases of a host share its pages; an unknown host is passed and never stored") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, {.site = "hosts:\n  - {name: www.example.com, aliases: [example.com]}\n",
                           .upstream = {},
                           .public_listener = {}});
  CHECK_FALSE(larder.get("/page/", {"Host: example.com"}).is_hit());
  CHECK(larder.get("/page/", {"Host: www.example.com"}).is_hit());
  CHECK(larder.get("/page/", {"Host: WWW.Example.COM:80"}).is_hit());
  CHECK(upstream.requests() == 1);
  for (std::size_t i = 2; i < 4; ++i) {
    const Response unknown = larder.get("/page/", {"Host: other.example"});
    CHECK(unknown.status == 200);
    CHECK_FALSE(unknown.is_hit());
    CHECK(upstream.requests() == i);
  }
}
