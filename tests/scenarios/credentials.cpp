// A page that was stored for everybody does not answer a request with credentials, which may show more.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A stored page answers a request with credentials only where its origin allows it") {
  Upstream upstream([](Request request) {
    const bool is_public = request.target() == "/public/";
    const std::string body = request.has("Authorization") ? "draft" : "page";
    const Lines lines{is_public ? "Cache-Control: public, max-age=60" : "Cache-Control: max-age=60"};
    request.respond(ok(body, lines));
  });
  Larder larder(upstream);
  const Lines credentials{"Authorization: Bearer token"};
  CHECK(larder.get("/page/").body == "page");
  CHECK(larder.get("/page/").is_hit());
  const Response own = larder.get("/page/", credentials);
  CHECK(own.body == "draft");
  CHECK(own.cache_status()["fwd"] == "request");
  CHECK(own.cache_status()["detail"] == "authorization");
  CHECK(larder.get("/page/").body == "page");

  CHECK(larder.get("/public/").body == "page");
  CHECK(larder.get("/public/", credentials).is_hit());
}
