// What answers a cookie that is not in the key is not stored, unless it says Vary: Cookie.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const Settings settings{.site = R"(cookies: {ignore: ["_ga*", csrftoken], vary: [language]}
forward_ignored: {cookies: [csrftoken]}
refuse: [unkeyed_cookie]
routes:
  - {match: "/**", stale: {while_revalidate: 1h}}
)",
                        .upstream = {},
                        .public_listener = {}};

std::string themed(const Request& request) {
  return "in " + (request.has("Cookie") ? request["Cookie"] : "plain");
}

}  // namespace

TEST_CASE("What answers a cookie that is not in the key is not stored") {
  Upstream upstream([](Request request) { request.respond(fresh(themed(request))); });
  Larder larder(upstream, settings);
  const Response own = larder.get("/page/", {"Cookie: theme=dark"});
  CHECK(own.body == "in theme=dark");
  CHECK(own.cache_status()["detail"] == "unkeyed-cookie");
  CHECK_FALSE(own.cache_status().has("stored"));

  SECTION("and does not keep others' from being stored, which answers him too") {
    CHECK(larder.get("/page/").cache_status().has("stored"));
    CHECK(larder.get("/page/", {"Cookie: _ga=1"}).is_hit());
    CHECK(larder.get("/page/", {"Cookie: theme=dark"}).is_hit());
  }
  SECTION("cookies that are ignored, or in the key, do") {
    CHECK(larder.get("/page/", {"Cookie: _ga=1; csrftoken=2"}).body == "in csrftoken=2");
    CHECK(larder.get("/page/").is_hit());
    CHECK(larder.get("/page/", {"Cookie: language=de"}).cache_status().has("stored"));
    CHECK(larder.get("/page/", {"Cookie: language=de; _ga=2"}).body == "in language=de");
  }
}

TEST_CASE("What says Vary: Cookie is stored for each") {
  Upstream upstream([](Request request) { request.respond(fresh(themed(request), 60, {"Vary: Cookie"})); });
  Larder larder(upstream, settings);
  for (const bool is_stored : {false, true}) {
    for (const char* cookie : {"theme=dark", "theme=light"}) {
      const Response page = larder.get("/page/", {std::string("Cookie: ") + cookie});
      CHECK(page.body == std::string("in ") + cookie);
      CHECK(page.is_hit() == is_stored);
    }
  }
}

TEST_CASE("Visitors with cookies that are not in the key wait for nobody, and nobody for them") {
  Upstream upstream;
  Larder larder(upstream, settings);
  std::vector<Connection> dark = ask_all(larder.port(), 3, "/page/", {"Cookie: theme=dark"});
  std::vector<Request> own = upstream.next_requests(3);
  std::vector<Connection> plain = ask_all(larder.port(), 3, "/page/");
  Request shared = upstream.next_request();
  larder.wait_for_joined(2);
  for (Request& request : own) request.respond(fresh(themed(request)));
  for (const Response& response : read_all(dark)) CHECK(response.body == "in theme=dark");
  shared.respond(fresh(themed(shared)));
  for (const Response& response : read_all(plain)) CHECK(response.body == "in plain");
  CHECK(larder.get("/page/").is_hit());
}

TEST_CASE("What such a visitor gets says nothing of others, whatever it is") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Connection dark = larder.connect();
  dark.get("/page/", {"Cookie: theme=dark"});
  upstream.next_request().respond(ok("own", {"Cache-Control: private"}));
  CHECK(dark.read_response().body == "own");
  std::vector<Connection> plain = ask_all(larder.port(), 3, "/page/");
  Request shared = upstream.next_request();
  larder.wait_for_joined(2);
  shared.respond(fresh("page"));
  for (const Response& response : read_all(plain)) CHECK(response.body == "page");
}

TEST_CASE("A refresh that such a visitor brings about is made without his cookie") {
  Upstream upstream([](Request request) { request.respond(fresh(themed(request))); });
  Larder larder(upstream, settings);
  larder.get("/page/");
  larder.advance(std::chrono::seconds(61));
  CHECK(larder.get("/page/", {"Cookie: theme=dark; language=de; _ga=1"}).body ==
        "in theme=dark; language=de");  // another key
  const Response stale = larder.get("/page/", {"Cookie: theme=dark"});
  CHECK(stale.body == "in plain");
  CHECK(stale.cache_status()["detail"] == "stale-while-revalidate");
  larder.wait_for_no_flight();
  const Response renewed = larder.get("/page/");
  CHECK(renewed.is_hit());
  CHECK(renewed.cache_status()["detail"].empty());
  CHECK(renewed.body == "in plain");
}
