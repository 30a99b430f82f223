// The lock of a fetch among several fleets of one process, and a real Redis.
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "../cache/purge_log_fixture.hpp"
#include "larder/base/hash.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/obs/log.hpp"
#include "support/redis/redis_server.hpp"
#include "support/scenario/waiting.hpp"

namespace larder::fleet {
namespace {

using redis_support::RedisServer;
using scenario::wait_until;
using namespace std::chrono_literals;

// A lease that a busy machine does not make anybody lose.
constexpr base::Duration long_lease = 3s * scenario::slowness;
// A question that is answered at all is answered within that.
constexpr base::Duration patient_budget = 5s;

config::Redis config_of(const RedisServer& server, base::Duration lease, base::Duration budget) {
  // Before any of its threads logs.
  static const bool is_quiet = (obs::set_up_log({.level = "off"}), true);
  (void)is_quiet;
  config::Redis config;
  const std::string url = "redis://127.0.0.1:" + std::to_string(server.port());
  if (const auto problem = config::parse_redis_url(url, config)) throw std::runtime_error(*problem);
  config.lease = lease;
  config.read_budget = budget;
  return config;
}

std::string key_of(const std::string& name) {
  const base::DigestText digest = base::digest256(name);
  return "larder:larder:turn:" + std::string(digest.data(), digest.size());
}

// What one that asked was told.
class Answer {
 public:
  void tell(Turn turn, std::string token) {
    const std::scoped_lock lock(mutex_);
    ++times_;
    turn_ = turn;
    token_ = std::move(token);
  }
  bool is_there() const {
    const std::scoped_lock lock(mutex_);
    return times_ > 0;
  }
  Turn turn() const {
    wait_until("an answer", [this] { return is_there(); });
    const std::scoped_lock lock(mutex_);
    CHECK(times_ == 1);
    return turn_;
  }
  std::string token() const {
    const std::scoped_lock lock(mutex_);
    return token_;
  }

 private:
  mutable std::mutex mutex_;
  int times_ = 0;
  Turn turn_ = Turn::unavailable;
  std::string token_;
};

// A member of the fleet.
class Replica {
 public:
  explicit Replica(const RedisServer& server, base::Duration lease = long_lease,
                   base::Duration budget = patient_budget)
      : fleet(config_of(server, lease, budget), log, clock, {}) {
    fleet.start();
    wait_until("a lease", [this] { return holds_lease(); });
  }

  bool holds_lease() const { return fleet.standing(clock.now().mono) == Standing::member; }
  std::shared_ptr<Answer> ask(const std::string& name, std::function<bool(std::uint64_t)> may_share = {}) {
    auto answer = std::make_shared<Answer>();
    fleet.take_turn({name, log.newest(), std::move(may_share)},
                    [answer](Turn turn, std::string token) { answer->tell(turn, std::move(token)); });
    return answer;
  }
  // Returns once somebody of this replica waits, as it has so often.
  std::shared_ptr<Answer> wait_behind(const std::string& name,
                                      std::function<bool(std::uint64_t)> may_share = {}) {
    const std::uint64_t before = fleet.stats().turns_waited;
    auto answer = ask(name, std::move(may_share));
    wait_until("somebody to wait", [&] { return fleet.stats().turns_waited > before; });
    return answer;
  }
  // Whatever was sent before has been carried out.
  void settle() {
    const auto answer = ask("settled");
    REQUIRE(answer->turn() == Turn::ours);
    fleet.end_turn(answer->token(), Handover::look_again);
  }

  net::Clock clock;
  cache::PurgeLog log;
  Fleet fleet;
};

void forge(const RedisServer& server, const std::string& name, const std::string& value,
           const char* lives_for) {
  REQUIRE(server.ask({"SET", key_of(name), '"' + value + '"', "PX", lives_for}) == "+OK\r\n");
}

}  // namespace

TEST_CASE("One replica has the turn, and the others are told how it ended", "[fleet]") {
  RedisServer server;
  Replica a(server);
  Replica b(server);
  const auto handover = GENERATE(Handover::look_again, Handover::fetch_alone);
  const Turn expected = handover == Handover::look_again ? Turn::look_again : Turn::fetch_alone;
  const auto first = a.ask("/page/");
  REQUIRE(first->turn() == Turn::ours);
  CHECK(a.fleet.stats().turns_held == 1);
  const auto elsewhere = b.wait_behind("/page/");
  const auto here = a.wait_behind("/page/");
  const auto other = b.ask("/other/");
  CHECK(other->turn() == Turn::ours);
  CHECK_FALSE(elsewhere->is_there());
  a.fleet.end_turn(first->token(), handover);
  CHECK(elsewhere->turn() == expected);
  CHECK(here->turn() == expected);
  CHECK(elsewhere->token().empty());
  CHECK(b.ask("/page/")->turn() == Turn::ours);
  CHECK(a.fleet.stats().turns == 2);
  CHECK(a.fleet.stats().turns_held == 0);
  CHECK(b.fleet.stats().turns_taken_over == 0);
}

TEST_CASE("A replica that stops hands its turns over, and answers who waits in it", "[fleet]") {
  RedisServer server;
  Replica a(server);
  Replica b(server);
  REQUIRE(a.ask("/page/")->turn() == Turn::ours);
  REQUIRE(b.ask("/other/")->turn() == Turn::ours);
  const auto elsewhere = b.wait_behind("/page/");
  const auto here = a.wait_behind("/other/");
  a.fleet.stop();
  CHECK(here->is_there());
  CHECK(here->turn() == Turn::unavailable);
  CHECK(elsewhere->turn() == Turn::look_again);
  CHECK(a.ask("/page/")->turn() == Turn::unavailable);
  CHECK(b.ask("/page/")->turn() == Turn::ours);
}

TEST_CASE("Who has died is waited for until its lock runs out", "[fleet]") {
  RedisServer server;
  Replica a(server);
  const FleetView view = a.fleet.view();
  std::string value = "gone-1/t1 " + view.epoch + " ";
  SECTION("at a place that is known here") {
    value += std::to_string(view.applied);
  }
  SECTION("at a place that is not known here yet") {
    value += "1000000";
  }
  SECTION("of another version") {
    value = "something-else";
  }
  forge(server, "/page/", value, "400");
  const auto answer = a.wait_behind("/page/");
  CHECK(answer->turn() == Turn::ours);
  CHECK(a.fleet.stats().turns_taken_over == 0);
  CHECK(a.fleet.stats().turns_waited == 1);
}

TEST_CASE("The turn of another epoch is taken over at once", "[fleet]") {
  RedisServer server;
  Replica a(server);
  forge(server, "/page/", "gone-1/t1 other:epoch 0", "100000");
  CHECK(a.ask("/page/")->turn() == Turn::ours);
  CHECK(a.fleet.stats().turns_taken_over == 1);
  CHECK(a.fleet.stats().turns_waited == 0);
}

TEST_CASE("A fetch that a purge has sealed loses its turn, and no longer speaks for it", "[fleet]") {
  RedisServer server;
  const base::Duration lease = 1s * scenario::slowness;  // the first purge of an epoch waits for one
  Replica a(server, lease);
  Replica b(server, lease);
  Replica c(server, lease);
  const auto sealed = a.ask("/page/");
  REQUIRE(sealed->turn() == Turn::ours);
  std::optional<Publication> published;
  scenario::Gate gate;
  b.fleet.publish({{cache::fixture::selector_of("all")}, cache::PurgeMode::hard, {}, {}},
                  [&](Publication outcome) {
                    published = std::move(outcome);
                    gate.open();
                  });
  gate.pass("the purge");
  REQUIRE(published->is_acknowledged);
  const auto since = [](const Replica& replica) {
    return [newest = replica.log.newest()](std::uint64_t sequence) { return sequence >= newest; };
  };
  const auto taken = b.ask("/page/", since(b));
  CHECK(taken->turn() == Turn::ours);
  CHECK(b.fleet.stats().turns_taken_over == 1);
  const auto behind = c.wait_behind("/page/", since(c));
  a.fleet.end_turn(sealed->token(), Handover::look_again);
  a.settle();
  CHECK(server.ask({"EXISTS", key_of("/page/")}) == ":1\r\n");
  CHECK_FALSE(behind->is_there());
  b.fleet.end_turn(taken->token(), Handover::fetch_alone);
  CHECK(behind->turn() == Turn::fetch_alone);
  CHECK(c.fleet.stats().turns_taken_over == 0);
}

TEST_CASE("A turn is kept for longer than a lease, and who waits asks again", "[fleet]") {
  RedisServer server;
  const base::Duration lease = 500ms * scenario::slowness;
  Replica a(server, lease);
  Replica b(server, lease);
  const auto first = a.ask("/page/");
  REQUIRE(first->turn() == Turn::ours);
  const auto behind = b.wait_behind("/page/");
  const auto began = std::chrono::steady_clock::now();
  wait_until("two leases to pass", [&] { return std::chrono::steady_clock::now() > began + 2 * lease; });
  CHECK_FALSE(behind->is_there());
  a.fleet.end_turn(first->token(), Handover::look_again);
  CHECK(behind->turn() == Turn::look_again);
  CHECK(b.fleet.stats().turns_waited == 1);
}

TEST_CASE("Who waits when Redis dies is told so before any lock runs out", "[fleet]") {
  RedisServer server;
  Replica a(server, 60s);
  forge(server, "/page/", "gone-1/t1 " + a.fleet.view().epoch + " 0", "100000");
  const auto behind = a.wait_behind("/page/");
  server.kill();
  CHECK(behind->turn() == Turn::unavailable);
  // Nothing is asked any more, though the lease still runs.
  CHECK(a.holds_lease());
  CHECK(a.ask("/page/")->turn() == Turn::unavailable);
}

TEST_CASE("A Redis that stands still costs no more than the budget", "[fleet]") {
  RedisServer server;
  Replica a(server, 60s, 50ms);
  server.pause();
  const auto began = std::chrono::steady_clock::now();
  const auto answer = a.ask("/page/");
  CHECK(answer->turn() == Turn::ours);  // Redis may yet carry it out
  CHECK(std::chrono::steady_clock::now() - began < 1s * scenario::slowness);
  a.fleet.end_turn(answer->token(), Handover::look_again);
  CHECK(a.fleet.stats().turns_held == 0);
  server.resume();
  wait_until("the lock to be gone", [&] { return server.ask({"EXISTS", key_of("/page/")}) == ":0\r\n"; });
}

TEST_CASE("Whoever asks while the replica stops is answered once", "[fleet]") {
  RedisServer server;
  Replica a(server);
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> is_over{false};
  std::thread asker([&] {
    while (!is_over) {
      const std::string name = "/page/" + std::to_string(++asked % 100);
      a.fleet.take_turn({name, 0, {}}, [&](Turn, const std::string&) { ++answered; });
    }
  });
  wait_until("some answers", [&] { return answered > 200; });
  a.fleet.stop();
  is_over = true;
  asker.join();
  CHECK(answered == asked);
}

TEST_CASE("Without a lease there are no turns", "[fleet]") {
  RedisServer server;
  net::Clock clock;
  cache::PurgeLog log;
  Fleet fleet(config_of(server, long_lease, patient_budget), log, clock, {});
  std::optional<Turn> told;
  fleet.take_turn({"/page/", 0, {}}, [&](Turn turn, const std::string&) { told = turn; });
  CHECK(told == Turn::unavailable);
  CHECK(fleet.stats().turns == 1);
}

namespace {

// Asks until it has had the turn, or has been told of others' ends so often.
struct Crowd {
  struct Held {
    Replica* replica;
    std::string token;
  };
  std::mutex mutex;
  std::deque<Held> held;
  std::size_t held_at_once = 0;
  std::size_t turns = 0;
  std::size_t answered = 0;
  std::size_t alone = 0;

  void ask(Replica& replica, int looks_left) {
    replica.fleet.take_turn({"/page/", replica.log.newest(), {}},
                            [this, &replica, looks_left](Turn turn, std::string token) {
                              tell(replica, looks_left, turn, std::move(token));
                            });
  }
  void tell(Replica& replica, int looks_left, Turn turn, std::string token) {
    if (turn == Turn::look_again && looks_left > 0) {
      ask(replica, looks_left - 1);
      return;
    }
    const std::scoped_lock lock(mutex);
    ++answered;
    if (turn == Turn::look_again) return;
    if (turn != Turn::ours) {
      ++alone;
      return;
    }
    ++turns;
    held.push_back({&replica, std::move(token)});
    held_at_once = std::max(held_at_once, held.size());
  }
  std::optional<Held> take() {
    const std::scoped_lock lock(mutex);
    if (held.empty()) return std::nullopt;
    Held first = std::move(held.front());
    held.pop_front();
    return first;
  }
};

}  // namespace

TEST_CASE("Of a thousand who ask for one turn exactly one has it at any time", "[fleet]") {
  constexpr std::size_t askers = 1000;
  RedisServer server;
  Crowd crowd;
  std::deque<Replica> replicas;
  for (int i = 0; i < 3; ++i) replicas.emplace_back(server);
  for (std::size_t i = 0; i < askers; ++i) crowd.ask(replicas[i % 3], i % 50 == 0 ? 100 : 2);
  wait_until("all answers", [&] {
    if (const auto held = crowd.take()) held->replica->fleet.end_turn(held->token, Handover::look_again);
    const std::scoped_lock lock(crowd.mutex);
    return crowd.answered == askers;
  });
  CHECK(crowd.held_at_once == 1);
  CHECK(crowd.turns >= 20);  // who looks a hundred times finds no turn that is not its own more often
  CHECK(crowd.alone == 0);
  while (const auto held = crowd.take()) held->replica->fleet.end_turn(held->token, Handover::look_again);
  std::uint64_t still_held = 0;
  for (const Replica& replica : replicas) still_held += replica.fleet.stats().turns_held;
  CHECK(still_held == 0);
}

}  // namespace larder::fleet
