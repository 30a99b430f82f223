// A route's ttl gives, bounds or replaces the lifetime of a response, and makes nothing private public.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const Settings settings{.site = R"(routes:
  - {match: "/default/**", ttl: 100s}
  - {match: "/max/**", ttl: {default: 100s, max: 50s}}
  - {match: "/min/**", ttl: {min: 80s}}
  - {match: "/force/**", ttl: {force: 40s}}
  - {match: "/status/**", ttl: 100s, status_ttl: {404: 10s, 302: 20s}}
  - {match: "/off/**", cache: off}
)",
                        .upstream = {},
                        .public_listener = {}};

struct Rule {
  const char* path;
  const char* status;
  Lines fields;
  int lifetime_s;  // 0: not stored
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"/default/1", "200 OK", {}, 100},
      {"/default/2", "200 OK", {"Cache-Control: max-age=7"}, 7},
      {"/default/3", "200 OK", {"Cache-Control: max-age=7, s-maxage=9"}, 9},
      {"/default/4", "200 OK", {"Cache-Control: no-store"}, 0},
      {"/default/5", "200 OK", {"Cache-Control: private"}, 0},
      {"/default/6", "200 OK", {"Set-Cookie: sessionid=1"}, 0},
      {"/default/7", "404 Not Found", {}, 100},
      {"/default/8", "302 Found", {"Location: /"}, 0},
      {"/default/9", "500 Internal Server Error", {}, 0},
      {"/default/10", "200 OK", {"Vary: *"}, 0},
      {"/max/1", "200 OK", {}, 50},
      {"/max/2", "200 OK", {"Cache-Control: max-age=1000"}, 50},
      {"/min/1", "200 OK", {"Cache-Control: max-age=5"}, 80},
      {"/min/2", "200 OK", {"Cache-Control: private, max-age=5"}, 0},
      {"/force/1", "200 OK", {"Cache-Control: max-age=1000"}, 40},
      {"/force/2", "200 OK", {"Cache-Control: no-store"}, 0},
      {"/force/3", "200 OK", {"Set-Cookie: sessionid=1"}, 0},
      {"/status/1", "404 Not Found", {}, 10},
      {"/status/2", "302 Found", {"Location: /"}, 20},
      {"/off/1", "200 OK", {"Cache-Control: max-age=60"}, 0},
      {"/none/1", "200 OK", {}, 0},
      {"/none/2", "200 OK", {"Cache-Control: max-age=30", "Age: 10"}, 20},
      {"/none/3", "200 OK", {"Cache-Control: max-age=0"}, 0},
  };
  return all;
}

// How often the upstream has been asked after a second visit that comes so much later.
std::size_t requests_after(const Rule& rule, std::chrono::seconds later) {
  Upstream upstream(
      [&rule](Request request) { request.respond(response_text(rule.status, "body", rule.fields)); });
  Larder larder(upstream, settings);
  larder.get(rule.path);
  larder.advance(later);
  const Response second = larder.get(rule.path);
  CHECK(second.is_hit() == (upstream.requests() == 1));
  return upstream.requests();
}

}  // namespace

TEST_CASE(
    "A route's ttl gives, bounds or replaces the lifetime of a response, and makes nothing private public") {
  for (const Rule& rule : rules()) {
    INFO(rule.path);
    if (rule.lifetime_s == 0) {
      CHECK(requests_after(rule, std::chrono::seconds(0)) == 2);
      continue;
    }
    CHECK(requests_after(rule, std::chrono::seconds(rule.lifetime_s - 3)) == 1);
    CHECK(requests_after(rule, std::chrono::seconds(rule.lifetime_s + 1)) == 2);
  }
}

TEST_CASE("Where a route gave the lifetime, visitors are told to ask again") {
  Upstream upstream([](Request request) { request.respond(ok("body")); });
  Larder larder(upstream, settings);
  for (int i = 0; i < 2; ++i) {
    const std::string control = larder.get("/default/")["Cache-Control"];
    CHECK(control.find("max-age=0") != std::string::npos);
    CHECK(control.find("must-revalidate") != std::string::npos);
  }
}
