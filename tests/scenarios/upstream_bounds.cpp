// The upstream sees a bounded number of requests at once; who finds the queue full is told so.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("The upstream sees a bounded number of requests at once; who finds the queue full is told so") {
  Upstream upstream;
  Larder larder(upstream,
                {.site = {}, .upstream = {"connections: {max: 2, queue: 1}"}, .public_listener = {}});
  std::vector<Connection> visitors;
  for (const char* path : {"/1/", "/2/", "/3/"}) {
    visitors.push_back(larder.connect());
    visitors.back().get(path);
  }
  std::vector<Request> held = upstream.next_requests(2);
  wait_until("the third to queue", [&larder] { return larder.site().pool->stats().queued == 1; });

  const Response refused = larder.get("/4/");
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.cache_status()["detail"].empty());
  CHECK(refused["Retry-After"] == "1");

  for (Request& request : held) request.respond(ok("late"));
  upstream.next_request().respond(ok("last"));
  for (Connection& visitor : visitors) CHECK(visitor.read_response().status == 200);
  CHECK(upstream.simultaneous_max() == 2);
  CHECK(upstream.requests() == 3);
}

TEST_CASE("Who waits in the queue for too long is told so") {
  Upstream upstream;
  Larder larder(upstream, {.site = {},
                           .upstream = {"connections: {max: 1, queue: 10, queue_timeout: 200ms}"},
                           .public_listener = {}});
  Connection first = larder.connect();
  first.get("/1/");
  Request held = upstream.next_request();
  const Response late = larder.get("/2/");
  CHECK((late.status == 503 || late.status == 504));
  CHECK_FALSE(late.cache_status()["detail"].empty());
  held.respond(ok("1"));
  CHECK(first.read_response().body == "1");
}
