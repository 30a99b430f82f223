// A CMS's webhook purges what its event names, if it knows the secret.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A CMS's webhook purges what its event names, if it knows the secret") {
  Upstream upstream([](Request request) { request.respond(fresh(request.target())); });
  Larder larder(upstream, {.site = R"(routes:
  - match: "/blog/{slug}/"
webhooks:
  wagtail:
    auth: {type: bearer, secret: "a-long-secret-for-this-test"}
    event: /type
    on:
      page.published: {purge: ["slug:{/data/slug}", "path:/blog/"]}
)",
                           .upstream = {},
                           .public_listener = {}});
  const std::string event = R"({"type": "page.published", "data": {"slug": "hello"}})";
  for (const char* path : {"/blog/hello/", "/blog/world/", "/blog/"}) larder.get(path);

  CHECK(ask(larder.admin_port(), "POST", "/hooks/wagtail", {}, event).status == 401);
  CHECK(ask(larder.admin_port(), "POST", "/hooks/wagtail", {"Authorization: Bearer wrong"}, event).status ==
        401);
  CHECK(larder.get("/blog/hello/").is_hit());

  const Lines credentials{"Authorization: Bearer a-long-secret-for-this-test"};
  CHECK(ask(larder.admin_port(), "POST", "/hooks/wagtail", credentials, event).status == 200);
  CHECK_FALSE(larder.get("/blog/hello/").is_hit());
  CHECK_FALSE(larder.get("/blog/").is_hit());
  CHECK(larder.get("/blog/world/").is_hit());
  CHECK(ask(larder.admin_port(), "POST", "/hooks/wagtail", credentials, R"({"type": "page.published"})")
            .status == 422);
}
