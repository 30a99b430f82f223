// A server that is stopped amid its work ends at once and cleanly.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A server that is stopped amid its work ends at once and cleanly") {
  Upstream upstream;
  auto larder = std::make_unique<Larder>(upstream);
  Connection visitor = larder->connect();

  SECTION("before the head of a fetch") {
    visitor.get("/page/");
    const Request held = upstream.next_request();
    larder.reset();
  }
  SECTION("amid a body that is being stored") {
    visitor.get("/page/");
    Request held = upstream.next_request();
    held.send(head_text("200 OK", {"Content-Length: 8", "Cache-Control: max-age=60"}) + "half");
    visitor.read_head();
    visitor.read_body_at_least(4);
    larder.reset();
  }
  SECTION("amid a request that does not use the cache") {
    visitor.send(request_text("POST", "/form/", {}, "a=b"));
    const Request held = upstream.next_request();
    larder.reset();
  }
  SECTION("while others wait for the same fetch") {
    std::vector<Connection> visitors = ask_all(larder->port(), 5, "/page/");
    const Request held = upstream.next_request();
    larder->wait_for_joined(4);
    larder.reset();
    for (Connection& each : visitors) CHECK_FALSE(each.read_response().is_complete);
  }
  CHECK_FALSE(visitor.read_response().is_complete);
}
