// Connections to an upstream, among several event loops.
#include "larder/upstream/pool.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <variant>

#include "support/net/loop.hpp"

namespace larder::upstream {
namespace {

using net::test::Loop;
using net::test::Pair;

config::Upstream upstream_of(std::uint32_t max) {
  config::Upstream upstream;
  upstream.servers.resize(1);
  upstream.servers[0].address.unix_path = "/run/site.sock";
  upstream.connections.max = max;
  upstream.connections.queue = 1;
  return upstream;
}

using Outcome = std::variant<Lease, cache::Reason>;

struct Scene {
  explicit Scene(std::uint32_t max) : pool(std::make_shared<Pool>(upstream_of(max), clock)) {}
  ~Scene() { pool->abandon(); }

  net::Clock clock;
  Loop one;
  Loop other;
  std::shared_ptr<Pool> pool;
  std::shared_ptr<Waiter> place;

  static net::Task<void> store(net::Task<Outcome> acquiring, std::optional<Outcome>& outcome) {
    outcome.emplace(co_await acquiring);
  }
  // Comes to `outcome` at once, or when `loop` runs.
  void ask(Loop& loop, std::optional<Outcome>& outcome, bool wants_new = false) {
    net::spawn(loop.executor(), store(pool->acquire(loop.executor(), wants_new, place), outcome));
    loop.turn();
  }
  Lease acquire(Loop& loop, bool wants_new = false) {
    std::optional<Outcome> outcome;
    ask(loop, outcome, wants_new);
    REQUIRE(outcome);
    REQUIRE(std::holds_alternative<Lease>(*outcome));
    return std::move(std::get<Lease>(*outcome));
  }
  // A connection of `loop` that lies idle.
  net::test::Peer keep_one(Loop& loop) {
    Lease lease = acquire(loop);
    Pair pair = connected_pair(loop);
    lease.keep(std::move(pair.socket));
    return std::move(pair.peer);
  }
};

TEST_CASE("an idle connection is taken again by its own event loop") {
  Scene scene(4);
  const net::test::Peer peer = scene.keep_one(scene.one);
  CHECK(scene.pool->stats().idle == 1);
  CHECK_FALSE(scene.pool->take_idle(scene.other.executor()).holds_permit());
  Lease lease = scene.pool->take_idle(scene.one.executor());
  REQUIRE(lease.holds_permit());
  CHECK(lease.is_reused());
  const SocketPtr socket = lease.take_socket();
  REQUIRE(socket);
  CHECK(socket->get_executor() == scene.one.executor());
  CHECK(scene.pool->stats().active == 1);
  CHECK_FALSE(peer.is_left());
}

TEST_CASE("another event loop opens a connection of its own while it may") {
  Scene scene(2);
  const net::test::Peer peer = scene.keep_one(scene.one);
  Lease lease = scene.acquire(scene.other);
  CHECK_FALSE(lease.is_reused());
  CHECK(scene.pool->stats().idle == 1);
}

TEST_CASE("where no more may be opened another event loop takes an idle connection over") {
  Scene scene(1);
  const net::test::Peer peer = scene.keep_one(scene.one);
  Lease lease = scene.acquire(scene.other);
  CHECK(lease.is_reused());
  SocketPtr socket = lease.take_socket();
  REQUIRE(socket);
  CHECK(socket->get_executor() == scene.other.executor());
  scene.one.turn();  // forgets it
  CHECK_FALSE(peer.is_left());
  // It is heard of in its new loop, and in no other.
  std::size_t received = 0;
  std::array<char, 8> room{};
  net::ErrorCode error;
  net::spawn(scene.other.executor(), [&]() -> net::Task<void> {
    received = co_await net::Receive(*socket, room, net::FirstTry::once_told, error);
  });
  peer.send("answer");
  scene.one.turn();
  scene.other.run_until([&] { return received == 6; });
  socket->close();
  CHECK(peer.is_left());
}

TEST_CASE("a connection that the upstream has closed, or that has unasked bytes, is not taken") {
  const bool is_closed = GENERATE(true, false);
  const bool is_own = GENERATE(true, false);
  const bool is_told = GENERATE(true, false);  // to its event loop
  CAPTURE(is_closed, is_own, is_told);
  Scene scene(1);
  net::test::Peer peer = scene.keep_one(scene.one);
  if (is_closed) {
    peer.close();
  } else {
    peer.send("HTTP/1.1 200 OK\r\n");
  }
  if (is_told) scene.one.turn();
  const Lease lease = scene.acquire(is_own ? scene.one : scene.other);
  CHECK_FALSE(lease.is_reused());
  CHECK(scene.pool->stats().idle == 0);
}

TEST_CASE("for a new connection the oldest idle one makes room") {
  Scene scene(1);
  const net::test::Peer peer = scene.keep_one(scene.one);
  const Lease lease = scene.acquire(scene.other, true);
  CHECK_FALSE(lease.is_reused());
  CHECK(peer.is_left());
  scene.one.turn();
}

TEST_CASE("who waits gets the connection that is given back, whichever loop it is of") {
  Scene scene(1);
  Lease first = scene.acquire(scene.one);
  Pair pair = connected_pair(scene.one);
  std::optional<Outcome> outcome;
  Loop& waiting = GENERATE(true, false) ? scene.one : scene.other;
  scene.ask(waiting, outcome);
  CHECK_FALSE(outcome);
  CHECK(scene.pool->stats().queued == 1);
  std::optional<Outcome> refused;
  scene.ask(waiting, refused);
  REQUIRE(refused);
  CHECK(std::get<cache::Reason>(*refused) == cache::Reason::queue_full);
  SECTION("with its permit") {
    first.keep(std::move(pair.socket));
    waiting.run_until([&] { return outcome.has_value(); });
    scene.one.turn();
    Lease& lease = std::get<Lease>(*outcome);
    CHECK(lease.is_reused());
    const SocketPtr socket = lease.take_socket();
    REQUIRE(socket);
    CHECK(socket->get_executor() == waiting.executor());
    CHECK_FALSE(pair.peer.is_left());
  }
  SECTION("the permit alone where the connection is of no use") {
    pair.peer.close();
    first.keep(std::move(pair.socket));
    waiting.run_until([&] { return outcome.has_value(); });
    CHECK_FALSE(std::get<Lease>(*outcome).is_reused());
  }
  SECTION("or where it is let go of") {
    first.release();
    waiting.run_until([&] { return outcome.has_value(); });
    CHECK_FALSE(std::get<Lease>(*outcome).is_reused());
  }
}

TEST_CASE("idle connections are closed in time, by their own event loop") {
  Scene scene(4);
  const net::test::Peer peer = scene.keep_one(scene.one);
  scene.pool->sweep();
  CHECK(scene.pool->stats().idle == 1);
  scene.clock.advance(std::chrono::seconds(61));
  scene.pool->sweep();
  CHECK(scene.pool->stats().idle == 0);
  scene.one.turn();
  CHECK(peer.is_left());
}

}  // namespace
}  // namespace larder::upstream
