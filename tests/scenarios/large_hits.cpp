// A large page comes from memory whole, however the visitor takes it.
#include <catch2/catch.hpp>

#include "larder/base/memory_file.hpp"
#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A large page comes from memory whole, however the visitor takes it") {
  const std::string page = distinct_text(6 * 1024 * 1024);  // more than socket buffers hold
  Upstream upstream([&page](Request request) {
    if (request.target() == "/large/") return request.respond(fresh(page));
    if (request.target() == "/other/") return request.respond(fresh(std::string(page.size(), 'x')));
    request.respond(fresh("small"));
  });
  Larder larder(upstream);
  const std::size_t files = larder::base::MemoryFile::count();
  CHECK((larder.get("/large/").body == page));
  larder.wait_for_no_flight();
  CHECK(larder::base::MemoryFile::count() == files + 1);
  larder.get("/small/");
  Connection visitor = larder.connect();

  SECTION("at once, again and again") {
    for (int i = 0; i < 3; ++i) {
      visitor.get("/large/");
      const Response hit = visitor.read_response();
      CHECK(hit.is_hit());
      CHECK((hit.body == page));
    }
  }
  SECTION("among others on one connection") {
    visitor.send(request_text("GET", "/small/") + request_text("GET", "/large/") +
                 request_text("HEAD", "/large/") + request_text("GET", "/small/") +
                 request_text("GET", "/large/", {"Range: bytes=1000-5000000"}) +
                 request_text("GET", "/large/", {"Range: bytes=5-10,100000-300000"}) +
                 request_text("GET", "/large/") + request_text("GET", "/small/"));
    CHECK(visitor.read_response().body == "small");
    CHECK((visitor.read_response().body == page));
    const Response head = visitor.read_response("HEAD");
    CHECK(head["Content-Length"] == std::to_string(page.size()));
    CHECK(head.body.empty());
    CHECK(visitor.read_response().body == "small");
    CHECK((visitor.read_response().body == page.substr(1000, 4999001)));
    const Response parts = visitor.read_response();
    CHECK(parts.is_complete);
    CHECK(parts.body.find(page.substr(5, 6) + "\r\n") != std::string::npos);
    CHECK(parts.body.find("\r\n\r\n" + page.substr(100000, 200001) + "\r\n") != std::string::npos);
    CHECK((visitor.read_response().body == page));
    CHECK(visitor.read_response().body == "small");
  }
  SECTION("slowly, also when it is gone from the store meanwhile") {
    visitor.get("/large/");
    visitor.read_head();
    visitor.read_body_at_least(100'000);
    CHECK(larder.get("/small/").is_hit());
    larder.purge("all");
    larder.get("/other/");
    larder.wait_for_no_flight();
    const Response hit = visitor.read_rest();
    CHECK(hit.is_complete);
    CHECK((hit.body == page));
  }
  SECTION("or not at all: who leaves harms nobody") {
    for (int i = 0; i < 4; ++i) {
      Connection fickle = larder.connect();
      fickle.get("/large/");
      fickle.read_head();
      if (i % 2 == 0) fickle.reset();
    }
    visitor.get("/large/");
    CHECK((visitor.read_response().body == page));
  }
}
