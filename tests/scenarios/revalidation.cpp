// A stale page is asked about by its validators, and a 304 renews it.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A stale page is asked about by its validators, and a 304 renews it") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("page", 60, {"ETag: \"v1\"", "X-Old: 1"}));
  visitor.read_response();
  larder.advance(std::chrono::seconds(61));

  std::vector<Connection> visitors = ask_all(larder.port(), 5, "/page/");
  Request request = upstream.next_request();
  CHECK(request["If-None-Match"] == "\"v1\"");
  larder.wait_for_joined(4);  // revalidations are shared as fetches are

  SECTION("304: the same body, new fields, a new life") {
    request.respond(
        head_text("304 Not Modified", {"ETag: \"v1\"", "Cache-Control: max-age=100", "X-Old: 2"}));
    for (Connection& connection : visitors) {
      const Response response = connection.read_response();
      CHECK(response.status == 200);
      CHECK(response.body == "page");
      CHECK(response["X-Old"] == "2");
    }
    larder.advance(std::chrono::seconds(90));
    const Response renewed = larder.get("/page/");
    CHECK(renewed.is_hit());
    CHECK(renewed["X-Old"] == "2");
    CHECK(upstream.requests() == 2);
  }
  SECTION("200: replaced") {
    request.respond(fresh("changed", 60, {"ETag: \"v2\""}));
    for (Connection& connection : visitors) CHECK(connection.read_response().body == "changed");
    CHECK(larder.get("/page/").body == "changed");
    CHECK(upstream.requests() == 2);
  }
}
