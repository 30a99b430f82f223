// HEAD is answered with the fields of GET and no body, from the store where it can be.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("HEAD is answered with the fields of GET and no body, from the store where it can be") {
  Upstream upstream([](Request request) {
    const bool is_head = request.method() == "HEAD";
    const std::string answer = fresh("page");
    request.respond(is_head ? answer.substr(0, answer.size() - 4) : answer);
  });
  Larder larder(upstream);
  Connection visitor = larder.connect();

  visitor.send(request_text("HEAD", "/page/"));
  const Response cold = visitor.read_response("HEAD");
  CHECK(cold.status == 200);
  CHECK(cold["Content-Length"] == "4");

  visitor.get("/page/");  // proves that no byte of a body came before
  CHECK(visitor.read_response().body == "page");

  const std::size_t asked = upstream.requests();
  visitor.send(request_text("HEAD", "/page/"));
  const Response stored = visitor.read_response("HEAD");
  CHECK(stored.is_hit());
  CHECK(stored["Content-Length"] == "4");
  visitor.get("/page/");
  CHECK(visitor.read_response().body == "page");
  CHECK(upstream.requests() == asked);
}
