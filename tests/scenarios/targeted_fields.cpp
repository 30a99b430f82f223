// The upstream says to this cache alone what it may keep.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

struct Rule {
  const char* path;
  Lines fields;
  int lifetime_s;  // 0: not stored
};

// RFC 9213, and Surrogate-Control where a route asks for it.
const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"/1", {"CDN-Cache-Control: max-age=600", "Cache-Control: max-age=60, s-maxage=120"}, 600},
      {"/2", {"CDN-Cache-Control: max-age=600", "Cache-Control: no-store"}, 600},
      {"/3", {"CDN-Cache-Control: no-store", "Cache-Control: max-age=60"}, 0},
      {"/4", {"CDN-Cache-Control: private", "Cache-Control: max-age=60"}, 0},
      {"/5", {"CDN-Cache-Control: max-age=5", "Cache-Control: max-age=60"}, 5},
      {"/6", {"CDN-Cache-Control: max-age=600", "Expires: 0"}, 600},
      {"/7", {"CDN-Cache-Control: max-age=600, &&&", "Cache-Control: max-age=60"}, 60},
      {"/8", {"CDN-Cache-Control: max-age=\"600\"", "Cache-Control: no-store"}, 0},
      {"/9", {"CDN-Cache-Control: MaX-aGe=600", "Cache-Control: max-age=60"}, 60},
      {"/10", {"CDN-Cache-Control: ", "Cache-Control: max-age=60"}, 60},
      {"/11", {"CDN-Cache-Control: foobar, max-age=600;x=\"y\""}, 600},
      {"/12", {"CDN-Cache-Control: no-store", "Larder-Cache-Control: max-age=30"}, 30},
      {"/13", {"Other-Cache-Control: max-age=600", "Cache-Control: max-age=60"}, 60},
      {"/14", {"Surrogate-Control: max-age=600", "Cache-Control: max-age=60"}, 60},
      {"/15", {"CDN-Cache-Control: max-age=600", "Age: 200"}, 400},
      {"/16", {"CDN-Cache-Control: public", "Cache-Control: max-age=60"}, 0},
      {"/old/1", {"Surrogate-Control: max-age=600", "Cache-Control: no-store"}, 600},
      {"/old/2", {"Surrogate-Control: no-store", "Cache-Control: max-age=60"}, 0},
      {"/old/3", {"Surrogate-Control: max-age=600;other", "Cache-Control: max-age=60"}, 60},
      {"/old/4", {"CDN-Cache-Control: max-age=600", "Cache-Control: max-age=60"}, 60},
      {"/none/1", {"CDN-Cache-Control: max-age=600", "Cache-Control: max-age=60"}, 60},
  };
  return all;
}

const Settings with_routes{.site = R"(routes:
  - {match: "/old/**", targets: [Surrogate-Control]}
  - {match: "/none/**", targets: []}
)",
                           .upstream = {},
                           .public_listener = {}};

}  // namespace

TEST_CASE("A field for this cache alone decides what is stored, and for how long") {
  for (const Rule& rule : rules()) {
    INFO(rule.path);
    Upstream upstream(
        [&rule](Request request) { request.respond(response_text("200 OK", "page", rule.fields)); });
    Larder larder(upstream, with_routes);
    CHECK(larder.get(rule.path).body == "page");
    if (rule.lifetime_s == 0) {
      CHECK_FALSE(larder.get(rule.path).is_hit());
      continue;
    }
    larder.advance(std::chrono::seconds(rule.lifetime_s - 1));
    CHECK(larder.get(rule.path).is_hit());
    larder.advance(std::chrono::seconds(2));
    CHECK_FALSE(larder.get(rule.path).is_hit());
    CHECK(upstream.requests() == 2);
  }
}

TEST_CASE("What is said to caches is passed on, from the upstream and from the store") {
  Upstream upstream([](Request request) {
    request.respond(response_text("200 OK", "page",
                                  {"CDN-Cache-Control: max-age=600;a", "Cache-Control: no-store",
                                   "Larder-Cache-Control: ", "Surrogate-Control: max-age=5",
                                   "Expires: Mon, 01 Jan 2024 12:00:00 GMT"}));
  });
  Larder larder(upstream);
  for (int visit = 0; visit < 2; ++visit) {
    const Response response = larder.get("/");
    CHECK(response["CDN-Cache-Control"] == "max-age=600;a");
    CHECK(response["Cache-Control"] == "no-store");
    CHECK(response.has("Larder-Cache-Control"));
    CHECK(response["Surrogate-Control"] == "max-age=5");
    CHECK(response["Expires"] == "Mon, 01 Jan 2024 12:00:00 GMT");
    CHECK(response.is_hit() == (visit == 1));
  }
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Surrogate-Control's extension serves stale while it is refreshed, where a route asks for it") {
  Upstream upstream;
  Larder larder(upstream, with_routes);
  Connection visitor = larder.connect();
  visitor.get("/old/page");
  upstream.next_request().respond(
      response_text("200 OK", "one", {"Surrogate-Control: max-age=60+300", "Cache-Control: no-store"}));
  CHECK(visitor.read_response().body == "one");
  larder.advance(std::chrono::seconds(61));
  visitor.get("/old/page");
  CHECK(visitor.read_response().body == "one");
  upstream.next_request().respond(
      response_text("200 OK", "two", {"Surrogate-Control: max-age=60+300", "Cache-Control: no-store"}));
  larder.wait_for_no_flight();
  visitor.get("/old/page");
  CHECK(visitor.read_response().body == "two");
}
