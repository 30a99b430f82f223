// A stale page stands in for an upstream that does not answer at all, for a day.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A stale page stands in for an upstream that does not answer at all, for a day") {
  Upstream upstream;
  Settings settings;
  std::string cache_control = "max-age=60";
  int status = 200;

  SECTION("without a word about errors") {}
  SECTION("not where the page must be validated") {
    cache_control += ", must-revalidate";
    status = 502;
  }
  SECTION("not where the page names another time") {
    cache_control += ", stale-if-error=0";
    status = 502;
  }
  SECTION("not where the route names another time") {
    settings.site = "routes:\n  - {match: \"/**\", stale: {if_error: 0s}}\n";
    status = 502;
  }
  Larder larder(upstream, settings);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(response_text("200 OK", "page", {"Cache-Control: " + cache_control}));
  visitor.read_response();
  larder.advance(std::chrono::seconds(61));

  const auto check = [status](const Response& response, int expected) {
    CHECK(response.status == expected);
    if (expected != 200) return;
    CHECK(response.body == "page");
    CHECK(response.cache_status()["fwd"] == "stale");  // it was asked for (RFC 9211 section 2.1)
    CHECK(response.cache_status()["ttl"] == "-1");
  };
  // Closed without a byte.
  upstream.handle([](Request request) { request.close(); });
  check(larder.get("/page/"), status);
  // An answer, however bad, is no silence.
  upstream.handle([](Request request) { request.respond(response_text("503 Service Unavailable", "busy")); });
  CHECK(larder.get("/page/").status == 503);
  // Nobody there; then not for more than a day.
  upstream.stop();
  check(larder.get("/page/"), status);
  larder.advance(std::chrono::hours(24));
  CHECK(larder.get("/page/").status == 502);
}
