// What a connection asks its server first, and what the answers mean.
#include <catch2/catch.hpp>

#include "redis/backoff.hpp"
#include "redis/set_up.hpp"

using namespace larder::redis;
using namespace std::chrono_literals;

namespace {

Outcome text(const std::string& value) {
  Outcome outcome;
  outcome.reply.kind = Reply::Kind::text;
  outcome.reply.text = value;
  return outcome;
}

Outcome error(const std::string& value) {
  Outcome outcome = text(value);
  outcome.failure = Failure::refused;
  outcome.reply.kind = Reply::Kind::error;
  return outcome;
}

Outcome role(const std::string& value) {
  Outcome outcome;
  outcome.reply.kind = Reply::Kind::array;
  outcome.reply.items.push_back(text(value).reply);
  return outcome;
}

const std::string standalone = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\n";
const std::string cluster = "# Server\r\nredis_mode:cluster\r\nrun_id:abc\r\n";
const Outcome ok = text("OK");

struct SetUpCase {
  const char* what;
  std::vector<Outcome> outcomes;  // INFO, ROLE, SELECT, CLIENT
  Trouble trouble;
};

const SetUpCase cases[] = {
    {"a master", {text(standalone), role("master"), ok, ok}, Trouble::none},
    {"a replica", {text(standalone), role("slave"), ok, ok}, Trouble::replica},
    {"a sentinel", {text(standalone), role("sentinel"), error("ERR unknown command"), ok}, Trouble::replica},
    {"a cluster", {text(cluster), role("master"), error("ERR SELECT is not allowed"), ok}, Trouble::cluster},
    {"a cluster's replica", {text(cluster), role("slave"), ok, ok}, Trouble::cluster},
    {"no password",
     {error("NOAUTH x"), error("NOAUTH x"), error("NOAUTH x"), error("NOAUTH x")},
     Trouble::credentials},
    {"no right to ask for the role", {text(standalone), error("NOPERM x"), ok, ok}, Trouble::credentials},
    {"a server that loads its data",
     {text(standalone), error("LOADING x"), error("LOADING x"), ok},
     Trouble::set_up},
    {"no such database", {text(standalone), role("master"), error("ERR DB index"), ok}, Trouble::set_up},
    {"no run id", {text("redis_mode:standalone\r\n"), role("master"), ok, ok}, Trouble::set_up},
    {"an end in between",
     {text(standalone), {Failure::lost, {}}, {Failure::lost, {}}, {Failure::lost, {}}},
     Trouble::unreachable},
    {"no reply",
     {{Failure::timeout, {}}, {Failure::timeout, {}}, {Failure::timeout, {}}, {Failure::timeout, {}}},
     Trouble::unreachable},
    {"something else than Redis", {ok, ok, ok, ok}, Trouble::replica},
};

}  // namespace

TEST_CASE("The answers to the set-up say whether a server can be used", "[redis]") {
  for (const SetUpCase& c : cases) {
    INFO(c.what);
    larder::config::Redis config;
    const SetUp result = judge_set_up(config, c.outcomes);
    CHECK(result.trouble == c.trouble);
    if (result.trouble == Trouble::none) {
      CHECK(result.identity.run_id == "abc");
      CHECK(result.identity.role == "master");
    }
    config.password = "s3cret";
    std::vector<Outcome> with_auth = c.outcomes;
    with_auth.insert(with_auth.begin(), ok);
    CHECK(judge_set_up(config, with_auth).trouble == c.trouble);
    with_auth.front() = error("WRONGPASS x");
    CHECK(judge_set_up(config, with_auth).trouble == Trouble::credentials);
  }
}

TEST_CASE("The set-up asks what the configuration makes necessary", "[redis]") {
  larder::config::Redis config;
  config.database = 3;
  std::vector<Command> commands{
      {"INFO", "server"}, {"ROLE"}, {"SELECT", "3"}, {"CLIENT", "SETNAME", "larder"}};
  CHECK(set_up_commands(config) == commands);
  config.password = "s3cret";
  commands.insert(commands.begin(), {"AUTH", "s3cret"});
  CHECK(set_up_commands(config) == commands);
  config.user = "me";
  commands.front() = {"AUTH", "me", "s3cret"};
  CHECK(set_up_commands(config) == commands);
}

TEST_CASE("A value of INFO is that of the whole name", "[redis]") {
  CHECK(info_value("a_run_id:x\r\nrun_id2:y\r\nrun_id:z\r\n", "run_id") == "z");
  CHECK(info_value("run_id:z", "run_id") == "z");
  CHECK(info_value("run_id:z\r\n", "mode").empty());
  CHECK(info_value("", "run_id").empty());
}

TEST_CASE("Pauses double up to their bound, and lie in the upper half", "[redis]") {
  Backoff backoff(50ms, 300ms);
  CHECK(backoff.next(0) == 25ms);
  CHECK(backoff.next(1) == 100ms);
  CHECK(backoff.next(0.5) == 150ms);
  CHECK(backoff.next(1) == 300ms);
  CHECK(backoff.next(0) == 150ms);
  backoff.reset();
  CHECK(backoff.next(1) == 50ms);
}
