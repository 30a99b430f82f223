// A page is fetched once and then served from memory, with its age and the reason in Cache-Status.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A page is fetched once and then served from memory, with its age and the reason in Cache-Status") {
  Upstream upstream;
  Larder larder(upstream);

  Connection visitor = larder.connect();
  visitor.get("/menu/");
  Request request = upstream.next_request();
  CHECK(request.method() == "GET");
  CHECK(request.target() == "/menu/");
  CHECK(request["Host"] == "www.example.com");
  request.respond(fresh("soup", 60));

  const Response first = visitor.read_response();
  CHECK(first.status == 200);
  CHECK(first.body == "soup");
  CHECK(first.is_complete);
  const CacheStatus miss = first.cache_status();
  CHECK(miss.cache() == "larder");
  CHECK(miss["fwd"] == "uri-miss");
  CHECK(miss["fwd-status"] == "200");
  CHECK(miss.has("stored"));
  CHECK_FALSE(miss.has("hit"));
  CHECK(first["Via"].find("1.1 larder") != std::string::npos);

  larder.advance(std::chrono::seconds(7));
  visitor.get("/menu/");
  const Response second = visitor.read_response();
  CHECK(second.body == "soup");
  CHECK(second.is_hit());
  CHECK_FALSE(second.cache_status().has("fwd"));
  CHECK(std::stoi(second.cache_status()["ttl"]) <= 53);
  CHECK(std::stoi(second["Age"]) >= 7);
  CHECK(upstream.requests() == 1);

  larder.advance(std::chrono::seconds(60));
  visitor.get("/menu/");
  upstream.next_request().respond(fresh("stew"));
  const Response third = visitor.read_response();
  CHECK(third.body == "stew");
  CHECK(third.cache_status()["fwd"] == "stale");
}
