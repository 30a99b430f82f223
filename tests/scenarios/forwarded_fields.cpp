// The upstream learns who asked and how, from Larder and not from a stranger.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("The upstream learns who asked and how, from Larder and not from a stranger") {
  const Lines claims{
      "X-Forwarded-For: 203.0.113.9",   "X-Forwarded-Proto: https",
      "X-Forwarded-Host: shop.example", "Forwarded: for=203.0.113.9;proto=https;host=shop.example",
      "X-Forwarded-Port: 8443",         "X-Real-IP: 203.0.113.9"};
  Upstream upstream;

  SECTION("a stranger's claims are replaced") {
    Larder larder(upstream);
    Connection visitor = larder.connect();
    visitor.get("/page/", claims);
    Request request = upstream.next_request();
    CHECK(request["X-Forwarded-For"] == "127.0.0.1");
    CHECK(request["X-Forwarded-Proto"] == "http");
    CHECK(request["X-Forwarded-Host"] == "www.example.com");
    CHECK(request["Forwarded"].find("127.0.0.1") != std::string::npos);
    CHECK(request.head().text.find("203.0.113.9") == std::string::npos);
    CHECK(request.head().text.find("shop.example") == std::string::npos);
    for (const char* field : {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"}) {
      CHECK(request.head().fields.count(field) == 1);
    }
    request.respond(ok("page"));
  }
  SECTION("a trusted proxy is believed, and added to") {
    Larder larder(upstream,
                  {.site = {}, .upstream = {}, .public_listener = {"trusted_proxies: [127.0.0.0/8]"}});
    Connection visitor = larder.connect();
    visitor.get("/page/", claims);
    Request request = upstream.next_request();
    CHECK(request["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1");
    CHECK(request["X-Forwarded-Proto"] == "https");
    CHECK(request["X-Forwarded-Host"] == "shop.example");
    request.respond(ok("page"));
  }
  SECTION("Via names Larder in both directions") {
    Larder larder(upstream);
    Connection visitor = larder.connect();
    visitor.get("/page/", {"Via: 1.0 outer"});
    Request request = upstream.next_request();
    CHECK(request["Via"].find("1.0 outer") != std::string::npos);
    CHECK(request["Via"].find("1.1 larder") != std::string::npos);
    request.respond(ok("page", {"Via: 1.1 inner"}));
    const std::string via = visitor.read_response()["Via"];
    CHECK(via.find("1.1 larder") != std::string::npos);
    CHECK(via.find("1.1 inner") != std::string::npos);
  }
}

TEST_CASE("What a trusted proxy says of one request holds for no other on its connection") {
  Upstream upstream;
  Larder larder(upstream, {.site = "hosts: [{name: www.example.com, aliases: [alias.example]}]\n",
                           .public_listener = {"trusted_proxies: [127.0.0.0/8]"}});
  Connection proxy = larder.connect();
  struct Row {
    Lines lines;
    std::string host;
    std::string chain;
    bool is_hit;
  };
  const std::string own = "www.example.com";
  const Row rows[] = {
      {{}, own, "127.0.0.1", false},
      {{"X-Forwarded-Host: shop.example", "X-Forwarded-For: 203.0.113.9"},
       "shop.example",
       "203.0.113.9, 127.0.0.1",
       false},
      {{}, own, "127.0.0.1", true},
      {{"X-Forwarded-Host: not a host"}, own, "127.0.0.1", true},
      {{"X-Forwarded-Host: other.example"}, "other.example", "127.0.0.1", false},
      {{"X-Forwarded-Host: alias.example"}, own, "127.0.0.1", true},
      {{"X-Forwarded-For: 203.0.113.9", "Cache-Control: no-store"}, own, "203.0.113.9, 127.0.0.1", false},
      {{"Cache-Control: no-store"}, own, "127.0.0.1", false},
  };
  for (const Row& row : rows) {
    INFO(&row - rows);
    proxy.get("/page/", row.lines);
    if (!row.is_hit) {
      Request request = upstream.next_request();
      CHECK(request["Host"] == row.host);
      CHECK(request["X-Forwarded-Host"] == row.host);
      CHECK(request["X-Forwarded-For"] == row.chain);
      request.respond(fresh("of " + row.host));
    }
    const Response response = proxy.read_response();
    CHECK(response.is_hit() == row.is_hit);
    CHECK(response.body == "of " + row.host);
  }
}
