// Pipelined requests are answered in their order.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Pipelined requests are answered in their order") {
  Upstream upstream([](Request request) {
    const std::string target = request.target();
    request.respond(target == "/private/" ? ok(target, {"Cache-Control: private"}) : fresh(target));
  });
  Larder larder(upstream);
  const std::vector<std::string> paths{"/a/", "/b/", "/private/", "/a/", "/c/", "/private/", "/b/"};
  std::string requests;
  for (const std::string& path : paths) requests += request_text("GET", path);
  Connection visitor = larder.connect();

  SECTION("all in one write") {
    visitor.send(requests);
  }
  SECTION("byte by byte") {
    for (const char byte : requests) visitor.send(std::string_view(&byte, 1));
  }
  for (const std::string& path : paths) {
    const Response response = visitor.read_response();
    CHECK(response.body == path);
    CHECK(response.is_complete);
  }
  CHECK(upstream.requests() == 5);
}

TEST_CASE("Pipelined hits are answered in their order, however many") {
  Upstream upstream([](Request request) { request.respond(fresh(request.target())); });
  Larder larder(upstream);
  larder.get("/a/");
  larder.get("/b/");
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += request_text("GET", "/a/") + request_text("GET", "/b/");
  Connection visitor = larder.connect();
  visitor.send(requests);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(visitor.read_response().body == "/a/");
    REQUIRE(visitor.read_response().body == "/b/");
  }
  CHECK(upstream.requests() == 2);
}

TEST_CASE("Behind a request that says Connection: close no other is worked on") {
  Upstream upstream([](Request request) { request.respond(ok(request.target())); });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.send(request_text("GET", "/last/", {"Connection: close"}) + request_text("GET", "/beyond/"));
  const Response last = visitor.read_response();
  CHECK(last.body == "/last/");
  CHECK(last["Connection"] == "close");
  CHECK(visitor.is_closed_by_peer());
  // What came on another connection since has been seen upstream, and nothing before it.
  CHECK(larder.get("/after/").body == "/after/");
  CHECK(upstream.requests() == 2);
}
