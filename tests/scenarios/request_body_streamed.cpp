// A request's body reaches the upstream as it is sent.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A request's body reaches the upstream as it is sent") {
  Upstream upstream;
  upstream.leave_bodies_unread();
  Larder larder(upstream);
  Connection visitor = larder.connect();

  SECTION("in chunks, of unknown length") {
    visitor.send(request_text("POST", "/upload/", {"Transfer-Encoding: chunked"}));
    visitor.send(chunk("first"));
    Request request = upstream.next_request();
    CHECK(lower(request["Transfer-Encoding"]) == "chunked");
    CHECK_FALSE(request.has("Content-Length"));
    CHECK(request.receive_at_least(chunk("first").size()).find("first") != std::string::npos);
    visitor.send(chunk("second") + std::string(last_chunk));
    request.read_body();
    CHECK(request.body() == "firstsecond");
    request.respond(ok("thanks"));
    CHECK(visitor.read_response().body == "thanks");
  }
  SECTION("with a length") {
    visitor.send(request_text("PUT", "/upload/", {"Content-Length: 10"}) + "first");
    Request request = upstream.next_request();
    CHECK(request["Content-Length"] == "10");
    CHECK(request.receive_at_least(5) == "first");
    visitor.send("other");
    request.read_body();
    CHECK(request.body() == "firstother");
    request.respond(ok("thanks"));
    CHECK(visitor.read_response().body == "thanks");
  }
  SECTION("with its trailers dropped or passed on, and the next request untouched") {
    visitor.send(request_text("POST", "/upload/", {"Transfer-Encoding: chunked"}) + chunk("all") +
                 "0\r\nChecksum: 1\r\n\r\n" + request_text("GET", "/next/"));
    Request request = upstream.next_request();
    request.read_body();
    CHECK(request.body() == "all");
    request.respond(ok("thanks"));
    CHECK(visitor.read_response().body == "thanks");
    Request next = upstream.next_request();
    CHECK(next.target() == "/next/");
    next.respond(ok("next"));
    CHECK(visitor.read_response().body == "next");
  }
  SECTION("an upstream that answers before it has read everything is heard") {
    visitor.send(request_text("POST", "/upload/", {"Content-Length: 1000000"}) + "first");
    Request request = upstream.next_request();
    request.send(response_text("413 Content Too Large", "too much", {"Connection: close"}));
    const Response response = visitor.read_response();
    CHECK(response.status == 413);
    CHECK(response.body == "too much");
    CHECK(visitor.is_closed_by_peer());
  }
}

// Head, half of the body and the end often arrive together, which makes one event.
TEST_CASE("A request whose body ends too early is given up at once") {
  Upstream upstream;
  upstream.leave_bodies_unread();
  Larder larder(upstream);
  for (int i = 0; i < 10; ++i) {
    Connection visitor = larder.connect();
    visitor.send(request_text("POST", "/upload/", {"Content-Length: 10"}) + "first");
    visitor.finish_sending();
    upstream.next_request().wait_until_abandoned();
  }
}
