// A route may ask for entity tags where the upstream sends none.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A route may ask for entity tags where the upstream sends none") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, {.site = "routes:\n  - {match: \"/**\", downstream: {etag: auto}}\n",
                           .upstream = {},
                           .public_listener = {}});
  larder.get("/page/");
  const Response stored = larder.get("/page/");
  CHECK(stored.is_hit());
  const std::string tag = stored["ETag"];
  REQUIRE(tag.size() > 2);
  CHECK(tag.front() == '"');  // strong
  CHECK(larder.get("/page/", {"If-None-Match: " + tag}).status == 304);
  CHECK(larder.get("/page/", {"If-None-Match: \"other\""}).status == 200);

  // It is ours: the upstream is never asked about it.
  larder.advance(std::chrono::seconds(61));
  upstream.handle({});
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("page"));
  visitor.read_response();
  CHECK(larder.get("/page/")["ETag"] == tag);  // the same bytes, the same tag
}
