// A path has no more queries stored than `query.max_variants`; what comes beyond is passed, and counted.
#include <catch2/catch.hpp>

#include "larder/obs/totals.hpp"
#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

Settings at_most(int count) {
  return {.site = "routes:\n  - {match: \"/list/\", ttl: 60s, query: {sort: true, max_variants: " +
                  std::to_string(count) + "}}\n",
          .upstream = {},
          .public_listener = {}};
}

std::uint64_t passed(Larder& larder) {
  using larder::obs::Result;
  const auto totals = larder::obs::totals_of(larder.site().observers, *larder.site().config());
  return totals.requests[static_cast<std::size_t>(Result::pass)]
                        [static_cast<std::size_t>(larder::cache::Reason::max_variants)];
}

}  // namespace

TEST_CASE("A path has no more queries stored than query.max_variants") {
  Upstream upstream([](Request request) { request.respond(ok(request.target())); });
  Larder larder(upstream, at_most(2));
  larder.get("/list/?x=1");
  larder.get("/list/?x=2");
  const Response third = larder.get("/list/?x=3");
  CHECK(third.body == "/list/?x=3");
  CHECK(third.cache_status()["fwd"] == "uri-miss");
  CHECK(third.cache_status()["detail"] == "max-variants");
  CHECK_FALSE(third.cache_status().has("stored"));
  wait_until("the first to be counted", [&] { return passed(larder) == 1; });
  CHECK_FALSE(larder.get("/list/?x=3").is_hit());
  wait_until("the second to be counted", [&] { return passed(larder) == 2; });

  SECTION("those that are stored keep hitting") {
    CHECK(larder.get("/list/?x=1").is_hit());
    CHECK(larder.get("/list/?x=2").is_hit());
  }
  SECTION("other paths have their own places, other routes as many as they like") {
    for (const char* target : {"/other/?x=1", "/other/?x=2", "/other/?x=3"})
      CHECK(larder.get(target).status == 200);
  }
  SECTION("a purge frees their places") {
    larder.purge("url:http://www.example.com/list/?x=1");
    wait_until("the purged page to leave", [&] { return larder.site().store.stats().entries == 1; });
    CHECK(larder.get("/list/?x=3").cache_status().has("stored"));
    CHECK(larder.get("/list/?x=3").is_hit());
    CHECK(larder.get("/list/?x=1").cache_status()["detail"] == "max-variants");
  }
  SECTION("so does their end, once somebody has missed a place") {
    larder.advance(std::chrono::seconds(61));
    wait_until("a place for the third",
               [&] { return larder.get("/list/?x=3").cache_status().has("stored"); });
    // The sweep goes from shard to shard: the place of the one may be taken before the other has gone.
    wait_until("both that ended to leave", [&] { return larder.site().store.stats().entries == 1; });
  }
}

TEST_CASE("However many queries are fetched at once, no more than query.max_variants are stored") {
  Upstream upstream;
  Larder larder(upstream, at_most(3));
  std::vector<Connection> visitors;
  for (int i = 0; i < 10; ++i) {
    visitors.emplace_back(larder.port());
    visitors.back().get("/list/?x=" + std::to_string(i));
  }
  for (Request& request : upstream.next_requests(10)) request.respond(ok(request.target()));
  int stored = 0;
  int refused = 0;
  for (const Response& response : read_all(visitors)) {
    CHECK(response.status == 200);
    if (response.cache_status().has("stored")) ++stored;
    if (response.cache_status()["detail"] == "max-variants") ++refused;
  }
  CHECK(stored == 3);
  CHECK(refused == 7);
  CHECK(larder.site().store.stats().entries == 3);
}

TEST_CASE("Under a profile strangers cannot fill the memory with queries of one page") {
  Upstream upstream([](Request request) { request.respond(ok(request.target())); });
  Larder larder(upstream, {.site = "profile: wagtail\n", .upstream = {}, .public_listener = {}});
  Connection stranger = larder.connect();
  for (int i = 0; i < 1100; ++i) {
    stranger.get("/page/?x=" + std::to_string(i));
    CHECK(stranger.read_response().status == 200);
  }
  CHECK(larder.site().store.stats().entries == 1000);
}

TEST_CASE("Nobody waits for a query that has no place") {
  Upstream upstream;
  Larder larder(upstream, at_most(1));
  Connection first = larder.connect();
  first.get("/list/?x=1");
  upstream.next_request().respond(ok("page"));
  CHECK(first.read_response().status == 200);
  std::vector<Connection> visitors = ask_all(larder.port(), 5, "/list/?x=2");
  for (Request& request : upstream.next_requests(5)) request.respond(ok("page"));
  for (const Response& response : read_all(visitors)) CHECK(response.status == 200);
}
