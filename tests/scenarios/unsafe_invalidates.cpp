// A successful unsafe request makes the stored page of its URL unusable.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A successful unsafe request makes the stored page of its URL unusable") {
  const int status = GENERATE(200, 303, 404, 500);
  Upstream upstream([status](Request request) {
    if (request.method() == "GET") return request.respond(fresh("page"));
    request.respond(response_text(std::to_string(status) + " Some", "done"));
  });
  Larder larder(upstream);
  larder.get("/page/");
  larder.get("/other/");
  const char* method = GENERATE("POST", "PUT", "DELETE", "PATCH");
  CHECK(ask(larder.port(), method, "/page/", {}, "a=b").status == status);
  const bool is_success = status < 400;
  CHECK(larder.get("/page/").is_hit() != is_success);  // RFC 9111 section 4.4
  CHECK(larder.get("/other/").is_hit());
}
