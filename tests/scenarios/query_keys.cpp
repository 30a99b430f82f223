// The query is part of the key as the route wants it.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("The query is part of the key as the route wants it") {
  Upstream upstream([](Request request) { request.respond(fresh(request.target())); });
  Larder larder(upstream, {.site = R"(query: {ignore: ["utm_*"], sort: true}
routes:
  - match: "/popular/"
    query: {allow: [limit, days], default: {limit: "5", days: "30"}}
)",
                           .upstream = {},
                           .public_listener = {}});
  const auto are_one = [&larder](const std::string& a, const std::string& b) {
    larder.get(a);
    return larder.get(b).is_hit();
  };
  CHECK(are_one("/list/?a=1&b=2", "/list/?b=2&a=1"));
  CHECK(are_one("/list/?page=2", "/list/?page=2&utm_source=mail"));
  CHECK_FALSE(are_one("/list/?page=3", "/list/?page=4"));
  CHECK_FALSE(are_one("/other/?a=1&a=2", "/other/?a=2&a=1"));  // the order of equal names has a meaning
  CHECK(are_one("/popular/", "/popular/?limit=5"));
  CHECK(are_one("/popular/", "/popular/?days=30&limit=5&unknown=1"));
  CHECK_FALSE(are_one("/popular/", "/popular/?limit=6"));
  CHECK(are_one("/%7euser/", "/~user/"));
  // What is not in the key does not reach the upstream.
  CHECK(larder.get("/fresh/?utm_campaign=x&q=1").body == "/fresh/?q=1");
}

TEST_CASE("Without rules the query is part of the key byte for byte") {
  Upstream upstream([](Request request) { request.respond(fresh(request.target())); });
  Larder larder(upstream);
  for (const char* target : {"/a", "/a?", "/a?x=1&y=2", "/a?y=2&x=1", "/a?x=1&y=2&", "/a?q=a|b[1]"}) {
    INFO(target);
    const Response response = larder.get(target);
    CHECK(response.body == target);
    CHECK_FALSE(response.is_hit());
    CHECK(larder.get(target).is_hit());
  }
}
