// Connections live on, on both sides, until somebody says otherwise.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Connections live on, on both sides, until somebody says otherwise") {
  Upstream upstream(
      [](Request request) { request.respond(ok(request.target(), {"Cache-Control: no-store"})); });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  for (const char* path : {"/1/", "/2/", "/3/"}) {
    visitor.get(path);
    CHECK(visitor.read_response().body == path);
  }
  CHECK(upstream.connections() == 1);

  visitor.get("/last/", {"Connection: close"});
  const Response last = visitor.read_response();
  CHECK(last.body == "/last/");
  CHECK(lower(last["Connection"]) == "close");
  CHECK(visitor.is_closed_by_peer());
}

TEST_CASE("An upstream that closes after each response is connected to again") {
  Upstream upstream([](Request request) {
    request.send(ok(request.target(), {"Connection: close", "Cache-Control: no-store"}));
    request.close();
  });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  for (const char* path : {"/1/", "/2/", "/3/"}) {
    visitor.get(path);
    CHECK(visitor.read_response().body == path);
  }
  CHECK(upstream.connections() == 3);
}

TEST_CASE("A visitor who ends his side with his request is answered and let go of") {
  Upstream upstream([](Request request) { request.respond(ok("page", {"Cache-Control: max-age=60"})); });
  Larder larder(upstream);
  larder.get("/page/");
  // Request and end often arrive together, which makes one event.
  for (int i = 0; i < 20; ++i) {
    Connection visitor = larder.connect();
    visitor.get("/page/");
    visitor.finish_sending();
    CHECK(visitor.read_response().body == "page");
    CHECK(visitor.is_closed_by_peer());
  }
}
