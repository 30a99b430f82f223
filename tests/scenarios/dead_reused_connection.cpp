// A request that meets a dead reused connection is sent once more, if that does no harm.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A request that meets a dead reused connection is sent once more, if that does no harm") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/1/");
  upstream.next_request().respond(ok("1", {"Cache-Control: no-store"}));
  CHECK(visitor.read_response().body == "1");

  SECTION("GET is repeated on a new connection") {
    const bool is_reset = GENERATE(true, false);
    visitor.get("/2/");
    Request request = upstream.next_request();
    CHECK(request.connection() == 1);
    if (is_reset) {
      request.reset();
    } else {
      request.close();
    }
    Request again = upstream.next_request();
    CHECK(again.connection() == 2);
    CHECK(again.target() == "/2/");
    again.respond(ok("2"));
    CHECK(visitor.read_response().body == "2");
  }
  SECTION("but once only") {
    visitor.get("/2/");
    upstream.next_request().close();
    upstream.next_request().close();
    CHECK(visitor.read_response().status == 502);
    CHECK(upstream.requests() == 3);
  }
  SECTION("POST is not: it could have been carried out") {
    visitor.send(request_text("POST", "/2/", {}, "a=b"));
    upstream.next_request().close();
    CHECK(visitor.read_response().status == 502);
    CHECK(upstream.requests() == 2);
  }
}

TEST_CASE("An idle connection that the upstream has closed is not used") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/1/");
  Request request = upstream.next_request();
  request.send(ok("1", {"Cache-Control: no-store"}));
  CHECK(visitor.read_response().body == "1");
  wait_until("the connection to be idle", [&larder] { return larder.site().pool->stats().idle == 1; });
  request.close();
  visitor.send(request_text("POST", "/2/", {}, "a=b"));
  Request second = upstream.next_request();
  CHECK(second.connection() == 2);
  second.respond(ok("2"));
  CHECK(visitor.read_response().body == "2");
}

TEST_CASE("Bytes that come on an idle connection answer nobody's request") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/1/");
  Request first = upstream.next_request();

  SECTION("behind a response") {
    first.send(ok("1", {"Cache-Control: no-store"}) + fresh("unasked"));
    CHECK(visitor.read_response().body == "1");
    first.wait_until_abandoned();
  }
  SECTION("later") {
    first.send(ok("1", {"Cache-Control: no-store"}));
    CHECK(visitor.read_response().body == "1");
    wait_until("the connection to be idle", [&larder] { return larder.site().pool->stats().idle == 1; });
    first.send(fresh("unasked"));
  }
  visitor.get("/2/");
  Request second = upstream.next_request();
  CHECK(second.connection() == 2);
  second.respond(fresh("2"));
  CHECK(visitor.read_response().body == "2");
}
