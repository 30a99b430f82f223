// What a stranger writes about scheme and host neither enters the key nor reaches the upstream.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("What a stranger writes about scheme and host neither enters the key nor reaches the upstream") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);

  SECTION("an absolute target of another scheme is refused") {
    CHECK(ask(larder.port(), "GET", "https://www.example.com/page/").status == 400);
    CHECK(upstream.requests() == 0);
  }
  SECTION("forwarding fields are removed, also as a CGI-like server spells them") {
    Upstream held;
    Larder other(held);
    Connection visitor = other.connect();
    visitor.get("/page/", {"X_Forwarded_Host: evil.example", "X-Forwarded-Port: 1", "x_real_ip: 1.2.3.4"});
    Request request = held.next_request();
    CHECK_FALSE(request.has("X_Forwarded_Host"));
    CHECK_FALSE(request.has("X-Forwarded-Port"));
    CHECK_FALSE(request.has("x_real_ip"));
    request.respond(fresh("page"));
    CHECK(visitor.read_response().status == 200);
  }
}
