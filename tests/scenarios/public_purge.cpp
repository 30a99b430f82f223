// PURGE on the public listener is refused, unless the configuration allows it to the admin's peers.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE(
    "PURGE on the public listener is refused, unless the configuration allows it to the admin's peers") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });

  SECTION("refused by default") {
    Larder larder(upstream);
    larder.get("/page/");
    CHECK(ask(larder.port(), "PURGE", "/page/").status == 405);
    CHECK(larder.get("/page/").is_hit());
    CHECK(upstream.requests() == 1);
  }
  SECTION("carried out where it is allowed") {
    Larder larder(upstream, {.site = {}, .upstream = {}, .public_listener = {"purge: allow"}});
    larder.get("/page/");
    CHECK(ask(larder.port(), "PURGE", "/page/").status == 200);
    CHECK_FALSE(larder.get("/page/").is_hit());
    CHECK(upstream.requests() == 2);
  }
  SECTION("a dry run, which the admin listener answers, purges nothing") {
    Larder larder(upstream, {.site = {}, .upstream = {}, .public_listener = {"purge: allow"}});
    larder.get("/page/");
    CHECK(ask(larder.port(), "PURGE", "/page/", {"Larder-Dry-Run: true"}).status == 400);
    CHECK(larder.get("/page/").is_hit());
    CHECK(ask(larder.port(), "PURGE", "/page/", {"Larder-Dry-Run: false"}).status == 200);
    CHECK_FALSE(larder.get("/page/").is_hit());
  }
}
