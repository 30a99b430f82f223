// What belongs to one visitor reaches nobody else.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("What belongs to one visitor reaches nobody else") {
  Upstream upstream([](Request request) {
    const std::string who = request["Cookie"] + request["Authorization"];
    request.respond(fresh("for " + who));
  });
  Larder larder(upstream,
                {.site = "cookies: {bypass: [sessionid]}\n", .upstream = {}, .public_listener = {}});

  SECTION("a session's cookie passes the cache by, in both directions") {
    CHECK(larder.get("/page/", {"Cookie: a=b; sessionid=1"}).body == "for a=b; sessionid=1");
    const Response anonymous = larder.get("/page/");
    CHECK(anonymous.body == "for ");
    CHECK_FALSE(anonymous.is_hit());
    const Response session = larder.get("/page/", {"Cookie: sessionid=2"});
    CHECK(session.body == "for sessionid=2");
    CHECK(session.cache_status()["fwd"] == "bypass");
    CHECK(larder.get("/page/").is_hit());
  }
  SECTION("so does Authorization") {
    CHECK(larder.get("/page/", {"Authorization: Basic eA=="}).body == "for Basic eA==");
    const Response anonymous = larder.get("/page/");
    CHECK(anonymous.body == "for ");
    CHECK_FALSE(anonymous.is_hit());
  }
}

TEST_CASE("Two visitors with credentials who ask at once are never given one answer") {
  Upstream upstream;
  Larder larder(upstream);
  Connection anna = larder.connect();
  Connection ben = larder.connect();
  anna.get("/page/", {"Authorization: Basic YW5uYQ=="});
  Request first = upstream.next_request();
  ben.get("/page/", {"Authorization: Basic YmVu"});
  first.respond(fresh(first["Authorization"]));
  CHECK(anna.read_response().body == "Basic YW5uYQ==");
  Request second = upstream.next_request();
  second.respond(fresh(second["Authorization"]));
  CHECK(ben.read_response().body == "Basic YmVu");
}
