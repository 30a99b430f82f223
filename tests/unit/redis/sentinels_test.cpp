// Who is the master: the count of votes, and real sentinels that fail over.
#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "client_fixture.hpp"
#include "redis/sentinels.hpp"

using namespace larder::redis;
using namespace larder::redis::test;
using larder::config::Address;
using redis_support::RedisServer;

namespace {

struct ElectionCase {
  std::size_t voters;
  const char* votes;       // in order: a name each, - for none
  std::size_t decided_at;  // after so many
  const char* winner;      // "" for none
};

const ElectionCase elections[] = {
    {1, "a", 1, "a"},   {1, "-", 1, ""},      {2, "aa", 2, "a"},    {2, "ab", 2, ""},    {2, "-a", 1, ""},
    {3, "aab", 2, "a"}, {3, "aba", 3, "a"},   {3, "baa", 3, "a"},   {3, "abc", 3, ""},   {3, "a-a", 3, "a"},
    {3, "--a", 2, ""},  {3, "a--", 3, ""},    {3, "-b-", 3, ""},    {4, "aaab", 3, "a"}, {4, "aabb", 4, ""},
    {4, "ab--", 3, ""}, {5, "aabba", 5, "a"}, {5, "--aaa", 5, "a"}, {5, "a-b-a", 4, ""}, {5, "bbb", 3, "b"},
};

Outcome outcome_of(std::vector<std::string> texts) {
  Outcome outcome;
  outcome.reply.kind = Reply::Kind::array;
  for (std::string& text : texts) {
    Reply item;
    item.kind = Reply::Kind::text;
    item.text = std::move(text);
    outcome.reply.items.push_back(std::move(item));
  }
  return outcome;
}

// A master, its replica, and three sentinels that know of each other.
class House {
 public:
  House() : master(fast_replication()), replica(fast_replication()) {
    const std::string port = std::to_string(master.port());
    replica.ask({"REPLICAOF", "127.0.0.1", port});
    scenario::wait_until("the replica", [&] {
      return master.ask({"INFO", "replication"}).find("state=online") != std::string::npos;
    });
    for (auto& sentinel : sentinels) {
      sentinel = RedisServer::sentinel({"sentinel monitor kitchen 127.0.0.1 " + port + " 2",
                                        "sentinel down-after-milliseconds kitchen 300",
                                        "sentinel failover-timeout kitchen 3000"});
    }
    for (const auto& sentinel : sentinels) {
      scenario::wait_until("the sentinels", [&] {
        return sentinel->ask({"INFO", "sentinel"}).find("slaves=1,sentinels=3") != std::string::npos;
      });
    }
  }
  std::string url() const {
    std::string hosts;
    for (const auto& sentinel : sentinels) {
      hosts += (hosts.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(sentinel->port());
    }
    return "sentinel://" + hosts + "/kitchen";
  }

  RedisServer master;
  RedisServer replica;
  std::array<std::unique_ptr<RedisServer>, 3> sentinels;

 private:
  static std::vector<std::string> fast_replication() {
    return {"--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"};
  }
};

}  // namespace

TEST_CASE("A master is who more than half of all sentinels name", "[redis]") {
  for (const ElectionCase& c : elections) {
    INFO(c.voters << " voters, " << c.votes);
    Election election(c.voters);
    std::size_t heard = 0;
    CHECK_FALSE(election.is_decided());
    for (const char name : std::string(c.votes)) {
      if (name == '-') {
        election.add(std::nullopt);
      } else {
        election.add(Address{std::string(1, name), 6379, {}});
      }
      CHECK(election.is_decided() == (++heard >= c.decided_at));
    }
    const auto winner = election.winner();
    CHECK((winner ? winner->host : "") == c.winner);
  }
}

TEST_CASE("A server at another port is another one", "[redis]") {
  Election election(2);
  election.add(Address{"a", 1, {}});
  election.add(Address{"a", 2, {}});
  CHECK_FALSE(election.winner());
}

TEST_CASE("A sentinel's answer is an address, or no vote", "[redis]") {
  CHECK(vote_of(outcome_of({"10.0.0.7", "6379"})) == Address{"10.0.0.7", 6379, {}});
  CHECK(vote_of(outcome_of({"::1", "1"})) == Address{"::1", 1, {}});
  CHECK_FALSE(vote_of(outcome_of({"", "6379"})));
  CHECK_FALSE(vote_of(outcome_of({"a", "0"})));
  CHECK_FALSE(vote_of(outcome_of({"a", "65536"})));
  CHECK_FALSE(vote_of(outcome_of({"a", "-1"})));
  CHECK_FALSE(vote_of(outcome_of({"a"})));
  CHECK_FALSE(vote_of({Failure::none, {}}));
  CHECK_FALSE(vote_of({Failure::timeout, {}}));
}

TEST_CASE("The sentinels' master is followed through a failover, and only by a majority", "[redis][slow]") {
  House house;
  Fixture fixture(house.url());
  fixture.wait_until_up();
  const std::string first = fixture.client.identity().run_id;
  REQUIRE(fixture.execute({"SET", "a", "b"}).is_ok());
  CHECK(fixture.loop.result_of(fixture.client.confirm_master(5s)));

  // A sentinel that stands still is not waited for.
  house.sentinels[0]->pause();
  CHECK(fixture.loop.result_of(fixture.client.confirm_master(1h)));
  house.sentinels[0]->resume();

  house.master.kill();
  fixture.loop.run_until("the loss", [&] { return fixture.losses == 1; });
  fixture.wait_until_up();
  CHECK(fixture.client.identity().run_id != first);
  CHECK(house.replica.ask({"INFO", "server"}).find(fixture.client.identity().run_id) != std::string::npos);
  CHECK(fixture.execute({"SET", "a", "c"}).is_ok());
  CHECK(fixture.loop.result_of(fixture.client.confirm_master(5s)));

  // One of three is no majority: nothing is confirmed, and nobody new comes up.
  house.sentinels[1]->kill();
  house.sentinels[2]->kill();
  CHECK_FALSE(fixture.loop.result_of(fixture.client.confirm_master(5s)));
  CHECK(fixture.client.is_up());
  Fixture late(house.url());
  late.wait_for(Trouble::no_majority);
  CHECK(late.execute({"GET", "a"}).failure == Failure::down);
}

TEST_CASE("A master that the sentinels do not name any more is dropped", "[redis][slow]") {
  RedisServer old_master;
  RedisServer new_master;
  const auto monitor = [](const RedisServer& server) {
    return std::vector<std::string>{"sentinel monitor kitchen 127.0.0.1 " + std::to_string(server.port()) +
                                    " 1"};
  };
  const auto sentinel = RedisServer::sentinel(monitor(old_master));
  Fixture fixture("sentinel://127.0.0.1:" + std::to_string(sentinel->port()) + "/kitchen");
  fixture.wait_until_up();
  // Cut off from its sentinels, it would not know of it.
  REQUIRE(sentinel->ask({"SENTINEL", "REMOVE", "kitchen"}) == "+OK\r\n");
  REQUIRE(sentinel->ask({"SENTINEL", "MONITOR", "kitchen", "127.0.0.1", std::to_string(new_master.port()),
                         "1"}) == "+OK\r\n");
  CHECK_FALSE(fixture.loop.result_of(fixture.client.confirm_master(5s)));
  fixture.loop.run_until("the loss", [&] { return fixture.losses == 1; });
  fixture.wait_until_up();
  CHECK(new_master.ask({"INFO", "server"}).find(fixture.client.identity().run_id) != std::string::npos);
}

TEST_CASE("Sentinels with and without a password are asked alike", "[redis]") {
  RedisServer master({"--requirepass", "s3cret"});
  const std::string monitor = "sentinel monitor kitchen 127.0.0.1 " + std::to_string(master.port()) + " 1";
  const std::vector<std::vector<std::string>> configurations{{monitor}, {monitor, "requirepass s3cret"}};
  for (const std::vector<std::string>& lines : configurations) {
    const auto sentinel = RedisServer::sentinel(lines);
    Fixture fixture("sentinel://:s3cret@127.0.0.1:" + std::to_string(sentinel->port()) + "/kitchen/2");
    fixture.wait_until_up();
    CHECK(fixture.execute({"PING"}).is_ok());
  }
}
