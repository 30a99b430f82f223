// The client and real servers, which die, stand still and come back.
#include <algorithm>
#include <catch2/catch.hpp>

#include "client_fixture.hpp"

using namespace larder::redis;
using namespace larder::redis::test;
using redis_support::RedisServer;

namespace {

bool has_blocked_client(const RedisServer& server) {
  return server.ask({"INFO", "clients"}).find("\r\nblocked_clients:1\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("A client comes up, knows its server, and executes commands in order", "[redis]") {
  RedisServer server;
  Fixture fixture(url_of(server));
  fixture.wait_until_up();
  CHECK(fixture.client.identity().run_id.size() == 40);
  CHECK(fixture.client.identity().role == "master");
  const std::string value(100'000, '\0');
  CHECK(fixture.execute({"SET", "key", value}).reply.text == "OK");
  CHECK(fixture.execute({"GET", "key"}).reply.text == value);
  CHECK(fixture.execute({"GET", "other"}).reply.is_nil());
  const Outcome refused = fixture.execute({"INCR", "key"});
  CHECK(refused.failure == Failure::refused);
  CHECK(refused.reply.text.starts_with("ERR value is not an integer"));
  CHECK(server.ask({"CLIENT", "GETNAME"}) == "$-1\r\n");
  CHECK(fixture.execute({"CLIENT", "GETNAME"}).reply.text == "larder");
  const ClientCounters counters = fixture.client.counters();
  CHECK(counters.attempts == 1);
  CHECK(counters.connects == 1);
  CHECK(counters.commands == 5);
  CHECK(counters.refused == 1);
}

TEST_CASE("Many commands may be under way; each gets its own reply", "[redis]") {
  RedisServer server;
  Fixture fixture(url_of(server));
  fixture.wait_until_up();
  std::vector<std::optional<std::vector<Outcome>>> results(100);
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::vector<Command> commands{{"ECHO", std::to_string(i)}, {"ECHO", std::to_string(i + 1000)}};
    larder::net::spawn(fixture.loop.executor(),
                       store(fixture.client.execute_all(std::move(commands), 5s), results[i]));
  }
  fixture.loop.run_until("all replies", [&] {
    return std::all_of(results.begin(), results.end(), [](const auto& r) { return r.has_value(); });
  });
  for (std::size_t i = 0; i < results.size(); ++i) {
    CHECK(results[i]->at(0).reply.text == std::to_string(i));
    CHECK(results[i]->at(1).reply.text == std::to_string(i + 1000));
  }
  CHECK(fixture.execute_all({}).empty());
}

TEST_CASE("A unix socket, a database and a password are used", "[redis]") {
  RedisServer server({"--requirepass", "s3cret"});
  Fixture fixture("redis+unix://:s3cret@" + server.unix_path() + "?db=3");
  fixture.wait_until_up();
  CHECK(fixture.execute({"SET", "a", "b"}).is_ok());
  const std::string info = fixture.execute({"INFO", "keyspace"}).reply.text;
  CHECK(info.find("db3:keys=1") != std::string::npos);
}

TEST_CASE("A user of the access list is used", "[redis]") {
  RedisServer server({"--user", "larder", "on", ">p@ss", "~*", "&*", "+@all"});
  Fixture fixture("redis://larder:p%40ss@127.0.0.1:" + std::to_string(server.port()));
  fixture.wait_until_up();
  CHECK(fixture.execute({"ACL", "WHOAMI"}).reply.text == "larder");
}

TEST_CASE("What is wrong with a server is told, and tried again", "[redis]") {
  SECTION("no password") {
    RedisServer server({"--requirepass", "s3cret"});
    Fixture fixture(url_of(server));
    fixture.wait_for(Trouble::credentials);
    CHECK(server.ask({"AUTH", "s3cret"}) == "+OK\r\n");
  }
  SECTION("a wrong password") {
    RedisServer server({"--requirepass", "s3cret"});
    Fixture fixture("redis://:other@127.0.0.1:" + std::to_string(server.port()));
    fixture.wait_for(Trouble::credentials);
  }
  SECTION("a user who may do too little") {
    RedisServer server({"--user", "larder", "on", ">x", "~*", "+get"});
    Fixture fixture("redis://larder:x@127.0.0.1:" + std::to_string(server.port()));
    fixture.wait_for(Trouble::credentials);
  }
  SECTION("a database that is not there") {
    RedisServer server;
    Fixture fixture(url_of(server) + "/99");
    fixture.wait_for(Trouble::set_up);
  }
  SECTION("a Redis Cluster") {
    RedisServer server({"--cluster-enabled", "yes"});
    Fixture fixture(url_of(server) + "/1");  // which refuses databases as well
    fixture.wait_for(Trouble::cluster);
    CHECK(fixture.execute({"GET", "a"}).failure == Failure::down);
  }
  SECTION("a replica, until it is promoted") {
    RedisServer server({"--replicaof", "127.0.0.1 1"});
    Fixture fixture(url_of(server));
    fixture.wait_for(Trouble::replica);
    CHECK(server.ask({"REPLICAOF", "NO", "ONE"}) == "+OK\r\n");
    fixture.wait_until_up();
  }
  SECTION("nobody there") {
    RedisServer server;
    const std::string url = url_of(server);
    server.kill();
    Fixture fixture(url);
    fixture.wait_for(Trouble::unreachable);
    CHECK(fixture.execute({"GET", "a"}).failure == Failure::down);
    server.start();
    fixture.wait_until_up();
  }
}

TEST_CASE("A server that dies is lost, and found again as another one", "[redis]") {
  RedisServer server;
  Fixture fixture(url_of(server));
  fixture.wait_until_up();
  const std::string run_id = fixture.client.identity().run_id;
  std::optional<Outcome> blocked;
  larder::net::spawn(fixture.loop.executor(),
                     store(fixture.client.execute({"BLPOP", "none", "0"}, 30s), blocked));
  fixture.loop.run_until("the command", [&] { return has_blocked_client(server); });
  server.kill();
  fixture.loop.run_until("the loss", [&] { return blocked.has_value() && fixture.losses == 1; });
  CHECK(blocked->failure == Failure::lost);
  CHECK_FALSE(fixture.client.is_up());
  CHECK(fixture.execute({"PING"}).failure == Failure::down);
  server.start();
  fixture.wait_until_up();
  CHECK(fixture.client.identity().run_id.size() == 40);
  CHECK(fixture.client.identity().run_id != run_id);
  CHECK(fixture.client.counters().losses == 1);
  CHECK(fixture.client.counters().lost == 1);
}

TEST_CASE("A server that stands still costs each who is there his time-out, then nothing", "[redis]") {
  RedisServer server;
  Fixture fixture(url_of(server));
  fixture.wait_until_up();
  server.pause();
  CHECK(fixture.execute({"PING"}, 20ms).failure == Failure::timeout);
  // The one before has waited for longer already.
  CHECK(fixture.execute({"PING"}, 20ms).failure == Failure::down);
  fixture.loop.run_until("the loss", [&] { return fixture.losses == 1; });
  fixture.wait_for(Trouble::unreachable);
  CHECK(fixture.execute({"PING"}, 10s).failure == Failure::down);
  server.resume();
  fixture.wait_until_up();
  CHECK(fixture.execute({"PING"}).reply.text == "PONG");
}

TEST_CASE("An idle client notices by itself", "[redis]") {
  RedisServer server;
  Fixture fixture(url_of(server));
  fixture.wait_until_up();
  SECTION("that its server stands still") {
    server.pause();
    fixture.loop.run_until("the loss", [&] { return fixture.losses == 1; });
    server.resume();
    fixture.wait_until_up();
  }
  SECTION("that its server is no master any more") {
    REQUIRE(server.ask({"REPLICAOF", "127.0.0.1", "1"}) == "+OK\r\n");
    fixture.wait_for(Trouble::replica);
    CHECK(fixture.losses == 1);
  }
}

TEST_CASE("A write that is refused by what has become a replica ends the connection", "[redis]") {
  RedisServer server;
  Client::Options options = quick_options();
  options.check_period = 1h;
  Fixture fixture(url_of(server), options);
  fixture.wait_until_up();
  REQUIRE(server.ask({"REPLICAOF", "127.0.0.1", "1"}) == "+OK\r\n");
  CHECK(fixture.execute({"SET", "a", "b"}).reply.text.starts_with("READONLY"));
  fixture.wait_for(Trouble::replica);
}

TEST_CASE("What comes first on a connection comes before what others want", "[redis]") {
  RedisServer server;
  int calls = 0;
  std::string seen;
  const auto register_first = [](Channel& channel, int call, std::string& id) -> larder::net::Task<bool> {
    id = channel.identity().run_id;
    Command push{"RPUSH", "list", "first"};
    const Outcome outcome = co_await channel.execute(std::move(push), 5s);
    co_return outcome.is_ok() && call > 1;  // the first connection is given up
  };
  Fixture fixture(url_of(server), quick_options(),
                  [&](Channel& channel) { return register_first(channel, ++calls, seen); });
  CHECK(fixture.execute({"RPUSH", "list", "too early"}).failure == Failure::down);
  fixture.wait_until_up();
  CHECK(calls == 2);
  CHECK(seen == fixture.client.identity().run_id);
  CHECK(fixture.execute({"RPUSH", "list", "second"}).reply.integer == 3);
  CHECK(fixture.execute({"LRANGE", "list", "0", "-1"}).reply.items.at(1).text == "first");
  CHECK(fixture.losses == 0);
}

TEST_CASE("More than may wait is refused at once", "[redis]") {
  RedisServer server;
  Client::Options options = quick_options();
  options.pending_max = 5;  // the set-up's are four
  Fixture fixture(url_of(server), options);
  fixture.wait_until_up();
  const auto outcomes = fixture.execute_all(std::vector<Command>(6, Command{"PING"}));
  CHECK(outcomes.size() == 6);
  CHECK(outcomes.back().failure == Failure::overloaded);
  CHECK(fixture.execute_all(std::vector<Command>(5, Command{"PING"})).back().is_ok());
  CHECK(fixture.client.counters().overloaded == 6);
}

TEST_CASE("A client that stops leaves nothing behind", "[redis]") {
  RedisServer server;
  std::optional<Outcome> blocked;
  {
    Fixture fixture(url_of(server));
    fixture.wait_until_up();
    larder::net::spawn(fixture.loop.executor(),
                       store(fixture.client.execute({"BLPOP", "none", "0"}, 30s), blocked));
    fixture.loop.run_until("the command", [&] { return has_blocked_client(server); });
    fixture.client.stop();
    fixture.loop.run_out();
    CHECK(blocked->failure == Failure::lost);
    CHECK(fixture.losses == 0);
    CHECK(fixture.execute({"PING"}).failure == Failure::down);
  }
}
