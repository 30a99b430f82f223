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
