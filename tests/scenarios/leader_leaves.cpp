// The visitor who caused a fetch may leave without harm to those who wait for it.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("The visitor who caused a fetch may leave without harm to those who wait for it") {
  Upstream upstream;
  Larder larder(upstream);
  Connection first = larder.connect();
  first.get("/page/");
  Request request = upstream.next_request();
  Connection second = larder.connect();
  second.get("/page/");
  larder.wait_for_joined(1);

  SECTION("before the head") {
    first.reset();
    request.respond(fresh("page"));
  }
  SECTION("amid the body") {
    request.send(head_text("200 OK", {"Content-Length: 4", "Cache-Control: max-age=60"}) + "pa");
    first.read_head();
    first.read_body_at_least(2);
    first.reset();
    request.respond("ge");
  }
  const Response response = second.read_response();
  CHECK(response.body == "page");
  CHECK(response.is_complete);
  CHECK(larder.get("/page/").is_hit());
  CHECK(upstream.requests() == 1);
}
