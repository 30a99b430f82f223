// What a response names as private, or as not to be reused, reaches who was asked for and nobody after.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("What a response names as private, or as not to be reused, reaches who was asked for alone") {
  Upstream upstream;
  Larder larder(upstream);
  const Lines fields{"Cache-Control: max-age=60, private=\"Set-Cookie, X-User\"",
                     "Cache-Control: no-cache=\"X-Once\"",
                     "Set-Cookie: seen=1",
                     "X-User: mara",
                     "X-Once: now",
                     "X-Page: 7",
                     "ETag: \"v1\""};
  std::vector<Connection> visitors = ask_all(larder.port(), 1, "/page/");
  Request request = upstream.next_request();
  for (Connection& other : ask_all(larder.port(), 3, "/page/")) visitors.push_back(std::move(other));
  larder.wait_for_joined(3);
  request.respond(response_text("200 OK", "page", fields));

  const auto check_withheld = [](const Response& response) {
    CHECK(response.body == "page");
    CHECK(response["X-Page"] == "7");
    CHECK_FALSE(response.has("Set-Cookie"));
    CHECK_FALSE(response.has("X-User"));
    CHECK_FALSE(response.has("X-Once"));
  };
  const Response first = visitors[0].read_response();
  CHECK(first.body == "page");
  CHECK(first["Set-Cookie"] == "seen=1");
  CHECK(first["X-User"] == "mara");
  CHECK(first["X-Once"] == "now");
  for (std::size_t i = 1; i < visitors.size(); ++i) check_withheld(visitors[i].read_response());
  const Response hit = larder.get("/page/");
  CHECK(hit.is_hit());
  check_withheld(hit);

  SECTION("a 304 brings new ones, to who asked for it") {
    larder.advance(std::chrono::seconds(61));
    Connection visitor = larder.connect();
    visitor.get("/page/");
    upstream.next_request().respond(head_text("304 Not Modified", {"ETag: \"v1\"", "X-User: nils"}));
    CHECK(visitor.read_response()["X-User"] == "nils");
    check_withheld(larder.get("/page/"));
  }
  CHECK(upstream.requests() <= 2);
}

TEST_CASE(
    "Under the Django profile a page that sets a cookie is not stored, though it calls the cookie private") {
  Upstream upstream([](Request request) {
    request.respond(response_text("200 OK", "page",
                                  {"Cache-Control: max-age=60, private=\"Set-Cookie\"", "Set-Cookie: a=b"}));
  });
  Settings settings;
  settings.site = "profile: django\n";
  Larder larder(upstream, settings);
  larder.get("/page/");
  CHECK_FALSE(larder.get("/page/").is_hit());
}
