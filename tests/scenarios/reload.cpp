// Reloading twice under an open connection harms nobody.
#include <catch2/catch.hpp>

#include "support/scenario/jobs.hpp"
#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Reloading twice under an open connection harms nobody") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  for (int i = 0; i < 4; ++i) {
    const auto copy = std::make_shared<const larder::config::Config>(*larder.site().config());
    CHECK(larder.server().reload(copy).empty());
    visitor.send("GET /page/ HTTP/1.1\r\n");
    CHECK(larder.server().reload(std::make_shared<const larder::config::Config>(*copy)).empty());
    visitor.send("Host: www.example.com\r\n\r\n");
    CHECK(visitor.read_response().body == "page");
  }
}

namespace {

using larder::config::Config;

// With these tags on the first route.
larder::config::ConfigPtr with_tags(const Config& config, std::vector<std::string> tags) {
  auto copy = std::make_shared<Config>(config);
  copy->routes.at(0).policy.tags = std::move(tags);
  return copy;
}

Settings tagged() {
  return {.site = "routes:\n  - {match: \"/blog/{slug}/\", tags: [old]}\n  - {match: \"/**\"}\n",
          .upstream = {},
          .public_listener = {}};
}

}  // namespace

TEST_CASE("A reload that gives other tags leaves nothing that a purge by a new tag would miss") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, tagged());
  larder.get("/blog/a/");
  CHECK(larder.get("/blog/a/").is_hit());
  larder.server().reload(with_tags(*larder.site().config(), {"new"}));
  CHECK_FALSE(larder.get("/blog/a/").is_hit());
  const auto purge = get_json(larder, "/api/purges")["purges"][0];
  CHECK(purge["cause"] == "reload");
  CHECK(purge["detail"] == "other tags by the routes");
  CHECK(purge["mode"] == "hard");
  CHECK(purge["selectors"] == nlohmann::json{"all"});
  CHECK(larder.get("/blog/a/").is_hit());
  larder.purge("tag:new");
  CHECK_FALSE(larder.get("/blog/a/").is_hit());
}

TEST_CASE("A fetch by the old tags that is under way at a reload is not kept") {
  Upstream upstream;
  Larder larder(upstream, tagged());
  Connection visitor = larder.connect();
  visitor.get("/blog/a/");
  Request held = upstream.next_request();
  larder.server().reload(with_tags(*larder.site().config(), {"new"}));
  held.respond(fresh("old"));
  CHECK(visitor.read_response().body == "old");
  Connection next = larder.connect();
  next.get("/blog/a/");
  upstream.next_request().respond(fresh("new"));
  CHECK(next.read_response().body == "new");
}

TEST_CASE("A fetch by the old tags that begins after a reload is not kept") {
  Upstream upstream;
  Larder larder(upstream, tagged());
  Connection first = larder.connect();
  first.get("/blog/a/");
  Request held = upstream.next_request();
  // He waits for the first one's fetch, by the rules of before, and then has to fetch for himself.
  Connection second = larder.connect();
  second.get("/blog/a/");
  larder.wait_for_joined(1);
  larder.server().reload(with_tags(*larder.site().config(), {"new"}));
  held.respond(head_text("200 OK", {"Cache-Control: private", "Content-Length: 3"}) + "his");
  CHECK(first.read_response().body == "his");
  upstream.next_request().respond(fresh("old"));
  CHECK(second.read_response().body == "old");
  Connection third = larder.connect();
  third.get("/blog/a/");
  upstream.next_request().respond(fresh("new"));
  CHECK(third.read_response().body == "new");
}

TEST_CASE("A reload that leaves tags as they were purges nothing") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, tagged());
  larder.get("/blog/a/");
  const auto copy = std::make_shared<Config>(*larder.site().config());
  copy->routes.at(0).policy.ttl.min = std::chrono::hours(1);
  larder.server().reload(copy);
  CHECK(larder.get("/blog/a/").is_hit());
  CHECK(larder.site().purge_log.newest() == 0);
}
