// A visitor who expects 100-continue gets it before the body is sent.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor who expects 100-continue gets it before the body is sent") {
  Upstream upstream;
  upstream.leave_bodies_unread();
  Larder larder(upstream);
  Connection visitor = larder.connect();

  SECTION("and the body arrives") {
    visitor.send(request_text("POST", "/form/", {"Expect: 100-continue", "Content-Length: 4"}));
    Request request = upstream.next_request();
    // Whoever answers the expectation, Larder or the upstream, the visitor hears it once.
    if (request.has("Expect")) request.send("HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(visitor.read_interim(1)[0].status == 100);
    visitor.send("body");
    CHECK(request.receive_at_least(4) == "body");
    request.take_received();
    request.respond(ok("thanks"));
    const Response response = visitor.read_rest();
    CHECK(response.interim.size() == 1);
    CHECK(response.body == "thanks");
  }
  SECTION("or a final answer instead of it") {
    visitor.send(request_text("POST", "/form/", {"Expect: 100-continue", "Content-Length: 4"}));
    Request request = upstream.next_request();
    request.send(response_text("403 Forbidden", "no", {"Connection: close"}));
    const Response response = visitor.read_response();
    CHECK(response.status == 403);
    CHECK(response.body == "no");
  }
}
