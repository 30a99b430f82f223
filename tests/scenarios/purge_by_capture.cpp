// A purge by capture also outdates what bears that name as a tag, in flight too.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A purge by capture also outdates what bears that name as a tag, in flight too") {
  Upstream upstream;
  Larder larder(upstream,
                {.site = "routes:\n  - match: \"/blog/{slug}/\"\n", .upstream = {}, .public_listener = {}});
  const Lines tagged{"Surrogate-Key: slug:hello"};
  Connection before = larder.connect();
  before.get("/list/");
  Request old_fetch = upstream.next_request();

  larder.purge("slug:hello");
  // The flight's tags are not known yet, and it has no such capture: this visitor may take a seat.
  Connection after = larder.connect();
  after.get("/list/");
  larder.wait_for_joined(1);
  old_fetch.respond(fresh("old", 60, tagged));

  CHECK(before.read_response().body == "old");
  Request new_fetch = upstream.next_request();
  new_fetch.respond(fresh("new", 60, tagged));
  CHECK(after.read_response().body == "new");
  CHECK(larder.get("/list/").body == "new");
  CHECK(upstream.requests() == 2);
}
