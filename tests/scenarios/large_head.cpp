// A stored page with a head of many kilobytes is answered whole, as 200 and as 304.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A stored page with a head of many kilobytes is answered whole, as 200 and as 304") {
  const std::string filling(8000, 'x');
  Upstream upstream([&filling](Request request) {
    request.respond(fresh("page", 60, {"ETag: \"1\"", "X-Filling: " + filling}));
  });
  Larder larder(upstream);
  for (int i = 0; i < 3; ++i) {
    const Response page = larder.get("/page/");
    CHECK(page.status == 200);
    CHECK(page["X-Filling"] == filling);
    const Response unchanged = larder.get("/page/", {"If-None-Match: \"1\""});
    CHECK(unchanged.status == 304);
    CHECK(unchanged["X-Filling"] == filling);
  }
  CHECK(upstream.requests() == 1);
}
