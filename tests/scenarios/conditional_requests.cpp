// A visitor who has the page already is told so.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor who has the page already is told so") {
  const std::string modified = "Sat, 01 Nov 2025 10:00:00 GMT";
  Upstream upstream([&modified](Request request) {
    request.respond(
        fresh("page", 60, {"ETag: \"v1\"", "Last-Modified: " + modified, "Content-Type: text/html"}));
  });
  Larder larder(upstream);
  larder.get("/page/");

  for (const std::string condition :
       {"If-None-Match: \"v1\"", "If-None-Match: W/\"v1\"", "If-None-Match: \"v0\", \"v1\"",
        "If-None-Match: *", "If-Modified-Since: Sat, 01 Nov 2025 10:00:00 GMT",
        "If-Modified-Since: Sun, 02 Nov 2025 10:00:00 GMT"}) {
    INFO(condition);
    const Response response = larder.get("/page/", {condition});
    CHECK(response.status == 304);
    CHECK(response["ETag"] == "\"v1\"");
    CHECK(response.body.empty());
    CHECK(response.has("Date"));
    CHECK(response.cache_status().has("hit"));
  }
  for (const std::string condition :
       {"If-None-Match: \"v0\"", "If-Modified-Since: Fri, 31 Oct 2025 10:00:00 GMT",
        "If-Modified-Since: yesterday"}) {
    INFO(condition);
    const Response response = larder.get("/page/", {condition});
    CHECK(response.status == 200);
    CHECK(response.body == "page");
  }
  // If-None-Match decides alone where both are sent (RFC 9110 section 13.2.2).
  CHECK(larder.get("/page/", {"If-None-Match: \"v0\"", "If-Modified-Since: " + modified}).status == 200);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A visitor's conditions on a cold page do not keep the whole page from being stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {"If-None-Match: \"v1\""});
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("page", 60, {"ETag: \"v1\""}));
  CHECK(visitor.read_response().status == 304);
  const Response whole = larder.get("/page/");
  CHECK(whole.is_hit());
  CHECK(whole.body == "page");
}
