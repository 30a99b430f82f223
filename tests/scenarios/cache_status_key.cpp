// Cache-Status tells the cache key to operators only.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const std::string sorted_queries =
    "routes: [{match: \"/**\", ttl: 60s, query: {sort: true, ignore: [gclid]}}]\n";

std::string key_of(const Response& response) {
  return response.cache_status().has("key") ? response.cache_status()["key"] : "";
}

}  // namespace

TEST_CASE("Cache-Status tells the cache key to operators only") {
  Upstream upstream([](Request request) { request.respond(ok("page")); });
  const std::string target = "/page/?b=2&gclid=x&a=%22;hit";
  const std::string key = "http://www.example.com/page/?a=%22;hit&b=2";

  SECTION("of a miss, a hit, and a request that is kept from the cache") {
    Larder larder(upstream, {.site = sorted_queries, .admin_listener = {"allow: [127.0.0.0/8]"}});
    CHECK(key_of(larder.get(target)) == key);
    const Response hit = larder.get(target);
    CHECK(hit.is_hit());
    CHECK(key_of(hit) == key);
    CHECK(key_of(larder.get(target, {"Cache-Control: no-store"})) == key);
  }
  SECTION("not where there was no look-up") {
    Larder larder(upstream, {.site = "routes: [{match: \"/**\", cache: off}]\n"});
    CHECK(key_of(larder.get(target)).empty());
  }
  SECTION("not to visitors") {
    Larder larder(upstream, {.site = sorted_queries, .admin_listener = {"allow: [\"::1\"]"}});
    CHECK(key_of(larder.get(target)).empty());
    CHECK(key_of(larder.get(target)).empty());
  }
  SECTION("behind a trusted proxy it is the proxy's client who counts") {
    Larder larder(upstream, {.site = sorted_queries,
                             .public_listener = {"trusted_proxies: [127.0.0.0/8]"},
                             .admin_listener = {"allow: [127.0.0.0/8, 10.1.0.0/16]"}});
    CHECK(key_of(larder.get(target, {"X-Forwarded-For: 203.0.113.9"})).empty());
    CHECK(key_of(larder.get(target, {"X-Forwarded-For: 10.1.2.3"})) == key);
    CHECK(key_of(larder.get(target)) == key);
  }
}
