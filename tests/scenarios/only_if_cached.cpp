// A visitor's own cache directives are obeyed, unless the route says otherwise.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor's own cache directives are obeyed, unless the route says otherwise") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, {.site = "routes:\n  - {match: \"/calm/\", client_reload: ignore}\n",
                           .upstream = {},
                           .public_listener = {}});
  CHECK(larder.get("/page/", {"Cache-Control: only-if-cached"}).status == 504);
  CHECK(upstream.requests() == 0);
  larder.get("/page/");
  CHECK(larder.get("/page/", {"Cache-Control: only-if-cached"}).is_hit());
  CHECK_FALSE(larder.get("/page/", {"Cache-Control: no-cache"}).is_hit());
  CHECK(upstream.requests() == 2);
  larder.advance(std::chrono::seconds(30));
  CHECK_FALSE(larder.get("/page/", {"Cache-Control: max-age=10"}).is_hit());
  CHECK(upstream.requests() == 3);

  larder.get("/calm/");
  CHECK(larder.get("/calm/", {"Cache-Control: no-cache"}).is_hit());
  CHECK(upstream.requests() == 4);
}

TEST_CASE("Who asks only for what is stored, with credentials that it may not answer, is not sent on") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  larder.get("/page/");
  const Lines asking{"Cache-Control: only-if-cached", "Authorization: Basic YTpi"};
  CHECK(larder.get("/page/", asking).status == 504);
  CHECK(upstream.requests() == 1);
}
