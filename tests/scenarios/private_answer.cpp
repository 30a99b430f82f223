// A private answer goes to the visitor it was made for, or to nobody.
#include <catch2/catch.hpp>

#include "larder/obs/totals.hpp"
#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

std::uint64_t open_connections(Larder& larder) {
  const auto totals = larder::obs::totals_of(larder.site().observers, *larder.site().config());
  return totals.connections_opened - totals.connections_closed;
}

}  // namespace

TEST_CASE("A private answer goes to the visitor it was made for, or to nobody") {
  Upstream upstream;
  Larder larder(upstream);
  const auto control =
      GENERATE(as<std::string>{}, "Cache-Control: private", "Cache-Control: no-cache", "Vary: *");
  const bool alice_leaves = GENERATE(true, false);
  // Several pages, so that some pairs meet on one worker and some on two.
  for (int i = 0; i < 8; ++i) {
    const std::string path = "/page-" + std::to_string(i) + "/";
    Connection alice = larder.connect();
    alice.get(path, {"Cookie: who=alice"});
    Request for_alice = upstream.next_request();
    Connection bob = larder.connect();
    bob.get(path, {"Cookie: who=bob"});
    larder.wait_for_joined(static_cast<std::uint64_t>(i) + 1);
    if (alice_leaves) {
      alice.close();
      wait_until("Alice to be missed", [&larder] { return open_connections(larder) == 1; });
    }
    for_alice.respond(ok("for alice", {control, "ETag: \"v1\"", "Set-Cookie: id=alice"}));
    if (!alice_leaves) CHECK(alice.read_response().body == "for alice");
    Request for_bob = upstream.next_request();
    CHECK(for_bob["Cookie"] == "who=bob");
    for_bob.respond(ok("for bob", {control}));
    CHECK(bob.read_response().body == "for bob");
    bob.close();
    alice.close();
    wait_until("both to be gone", [&larder] { return open_connections(larder) == 0; });
  }
}
