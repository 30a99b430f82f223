// The purge log forgets what nothing can need, also while a body is long on its way.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

void wait_until_forgotten(Larder& larder) {
  const larder::cache::PurgeLog& log = larder.site().purge_log;
  wait_until("the purge log to forget", [&log] { return log.floor() == log.newest(); });
  CHECK(log.line_count() == 0);
}

}  // namespace

TEST_CASE("A visitor who does not read keeps no purge from being forgotten") {
  constexpr std::size_t size = 64 * 1024 * 1024;
  Upstream upstream;
  Larder larder(
      upstream,
      {.site = "store: {memory: {size: 64MiB, max_object: 1MiB}}\n", .upstream = {}, .public_listener = {}});
  Connection visitor = larder.connect();
  visitor.get("/endless/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Cache-Control: max-age=60", "Connection: close"}));
  visitor.read_head();
  CHECK(request.send_until_held_back(size) > 1024 * 1024);  // too large to keep

  larder.purge("tag:footer");
  wait_until_forgotten(larder);
  CHECK(larder.site().flights.stats().running == 1);
}

TEST_CASE("A page that was purged while its body came stays purged once the log has forgotten why") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Cache-Control: max-age=60, stale-while-revalidate=60",
                                    "Transfer-Encoding: chunked"}) +
               chunk("first "));
  visitor.read_head();
  visitor.read_body_at_least(6);

  const std::string mode = GENERATE("soft", "hard");
  INFO(mode);
  larder.purge("path:/page/", mode);
  wait_until_forgotten(larder);
  CHECK(larder.site().flights.stats().running == 1);
  request.respond(chunk("last") + std::string(last_chunk));
  CHECK(visitor.read_rest().body == "first last");
  larder.wait_for_no_flight();

  visitor.get("/page/");
  if (mode == "soft") {
    const Response stale = visitor.read_response();
    CHECK(stale.body == "first last");
    CHECK(stale.cache_status()["detail"] == "soft-purged");
    upstream.next_request().respond(fresh("new"));  // refreshed behind
  } else {
    upstream.next_request().respond(fresh("new"));
    CHECK(visitor.read_response().body == "new");
  }
}
