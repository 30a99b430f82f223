// The conversation with a server, by scripts: what is sent, which bytes come, when, and what comes of it.
#include <catch2/catch.hpp>

#include "redis/pipeline.hpp"

using namespace larder::redis;
using namespace std::chrono_literals;
using larder::base::MonoTime;

namespace {

// A call that counts how often it is over.
struct Probe {
  std::shared_ptr<Call> call = std::make_shared<Call>();
  int over = 0;
  Probe() {
    call->on_over = [this] { ++over; };
  }
  const Outcome& outcome(std::size_t i = 0) const { return call->outcomes.at(i); }
};

Pipeline::Limits small_limits() {
  Pipeline::Limits limits;
  limits.pending_max = 4;
  limits.pending_bytes_max = 400;
  limits.reply_size_max = 200;
  return limits;
}

const Command ping{"PING"};
MonoTime at(std::chrono::milliseconds time) {
  return MonoTime(time);
}

}  // namespace

TEST_CASE("Commands are sent as arrays of bulk strings, whatever their bytes", "[redis]") {
  Pipeline pipeline(small_limits());
  Probe probe;
  using namespace std::string_literals;
  REQUIRE(pipeline.send(probe.call, {{"SET", "k\r\n", "\0\xff"s}, {"GET", ""}}, 1s, at(0ms)) ==
          Failure::none);
  CHECK(pipeline.take_output() ==
        "*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\n\0\xff\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n"s);
  CHECK_FALSE(pipeline.has_output());
}

TEST_CASE("Each reply goes to the command that waits longest, however the bytes arrive", "[redis]") {
  const std::string replies =
      "+OK\r\n$5\r\na\r\nbc\r\n:-7\r\n$-1\r\n-ERR no\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*-1\r\n+y\r\n*0\r\n";
  for (std::size_t step = 1; step <= replies.size(); ++step) {
    Pipeline pipeline(Pipeline::Limits{});
    Probe first;
    Probe second;
    REQUIRE(pipeline.send(first.call, {ping, ping}, 1s, at(0ms)) == Failure::none);
    REQUIRE(pipeline.send(second.call, {ping, ping, ping, ping, ping}, 1s, at(0ms)) == Failure::none);
    for (std::size_t i = 0; i < replies.size(); i += step) {
      REQUIRE(pipeline.receive(std::string_view(replies).substr(i, step), at(1ms)));
    }
    REQUIRE(first.over == 1);
    REQUIRE(second.over == 1);
    CHECK(first.outcome(0).reply.text == "OK");
    CHECK(first.outcome(1).reply.text == "a\r\nbc");
    CHECK(second.outcome(0).reply.integer == -7);
    CHECK(second.outcome(1).reply.is_nil());
    CHECK(second.outcome(1).is_ok());
    CHECK(second.outcome(2).failure == Failure::refused);
    CHECK(second.outcome(2).reply.text == "ERR no");
    const Reply& array = second.outcome(3).reply;
    REQUIRE(array.items.size() == 3);
    CHECK(array.items[0].integer == 1);
    REQUIRE(array.items[1].items.size() == 2);
    CHECK(array.items[1].items[0].text == "x");
    CHECK(array.items[1].items[1].is_nil());
    CHECK(array.items[2].text == "y");
    CHECK(second.outcome(4).reply.is_array());
    CHECK(second.outcome(4).reply.items.empty());
    CHECK(pipeline.is_idle());
    CHECK_FALSE(pipeline.next_deadline());
  }
}

TEST_CASE("Who has waited long enough goes, and his reply goes to nobody", "[redis]") {
  Pipeline pipeline(Pipeline::Limits{});
  Probe slow;
  Probe patient;
  REQUIRE(pipeline.send(slow.call, {ping, ping}, 50ms, at(0ms)) == Failure::none);
  REQUIRE(pipeline.send(patient.call, {ping}, 900ms, at(10ms)) == Failure::none);
  CHECK(pipeline.next_deadline() == at(50ms));
  pipeline.expire(at(49ms));
  CHECK(slow.over == 0);
  REQUIRE(pipeline.receive("+one\r\n", at(49ms)));
  pipeline.expire(at(50ms));
  CHECK(slow.over == 1);
  CHECK(slow.outcome(0).reply.text == "one");
  CHECK(slow.outcome(1).failure == Failure::timeout);
  CHECK_FALSE(pipeline.is_silent(at(50ms)));
  REQUIRE(pipeline.receive("+two\r\n+three\r\n", at(60ms)));
  CHECK(slow.outcome(1).failure == Failure::timeout);
  CHECK(slow.over == 1);
  CHECK(patient.over == 1);
  CHECK(patient.outcome().reply.text == "three");
}

TEST_CASE("A server that has not answered who is next for long is given up", "[redis]") {
  Pipeline pipeline(Pipeline::Limits{});
  Probe first;
  Probe second;
  REQUIRE(pipeline.send(first.call, {ping}, 50ms, at(0ms)) == Failure::none);
  REQUIRE(pipeline.send(second.call, {ping}, 5s, at(10ms)) == Failure::none);
  pipeline.expire(at(50ms));
  CHECK(pipeline.next_deadline() == at(1000ms));
  CHECK_FALSE(pipeline.is_silent(at(999ms)));
  CHECK(pipeline.is_silent(at(1000ms)));

  SECTION("and the others are told") {
    pipeline.fail_all();
    CHECK(first.over == 1);
    CHECK(first.outcome().failure == Failure::timeout);
    CHECK(second.over == 1);
    CHECK(second.outcome().failure == Failure::lost);
    CHECK(pipeline.is_idle());
    CHECK_FALSE(pipeline.has_output());
  }
  SECTION("unless he waits longer himself, counted from when he became next") {
    REQUIRE(pipeline.receive("+one\r\n", at(1000ms)));
    CHECK_FALSE(pipeline.is_silent(at(5999ms)));
    pipeline.expire(at(5010ms));
    CHECK(second.over == 1);
    CHECK(pipeline.is_silent(at(6000ms)));
  }
}

TEST_CASE("Nobody queues behind a command that has waited for longer than he would", "[redis]") {
  Pipeline pipeline(Pipeline::Limits{});
  Probe blocked;
  Probe hasty;
  Probe patient;
  REQUIRE(pipeline.send(blocked.call, {ping}, 2s, at(0ms)) == Failure::none);
  CHECK(pipeline.send(hasty.call, {ping}, 50ms, at(50ms)) == Failure::down);
  CHECK(pipeline.send(patient.call, {ping}, 51ms, at(50ms)) == Failure::none);
  REQUIRE(pipeline.receive("+a\r\n", at(60ms)));
  CHECK(pipeline.send(hasty.call, {ping}, 50ms, at(60ms)) == Failure::none);
}

TEST_CASE("Commands and bytes without a reply are bounded", "[redis]") {
  Pipeline pipeline(small_limits());
  Probe probes[4];
  REQUIRE(pipeline.send(probes[0].call, {ping, ping, ping}, 1s, at(0ms)) == Failure::none);
  CHECK(pipeline.send(probes[1].call, {ping, ping}, 1s, at(0ms)) == Failure::overloaded);
  CHECK(pipeline.send(probes[2].call, {{"SET", "k", std::string(300, 'x')}}, 1s, at(0ms)) ==
        Failure::overloaded);
  const std::string sent = pipeline.take_output();
  CHECK(sent == "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
  REQUIRE(pipeline.receive("+a\r\n+b\r\n+c\r\n", at(1ms)));
  CHECK(pipeline.send(probes[2].call, {{"SET", "k", std::string(300, 'x')}}, 1s, at(1ms)) == Failure::none);
  // One that has timed out still takes its place: the server has yet to answer it.
  pipeline.expire(at(2000ms));
  CHECK(probes[2].over == 1);
  CHECK(pipeline.send(probes[3].call, {{"SET", "k", std::string(300, 'x')}}, 5s, at(2000ms)) ==
        Failure::overloaded);
}

TEST_CASE("What is no reply, or one that nobody asked for, ends the conversation", "[redis]") {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("+one\r\n+two\r\n"),
        std::string("*65537\r\n"), std::string("*-2\r\n"), std::string("$-2\r\n"),
        "$1000\r\n" + std::string(300, 'x')}) {
    INFO(bytes);
    Pipeline pipeline(small_limits());
    Probe probe;
    REQUIRE(pipeline.send(probe.call, {ping}, 1s, at(0ms)) == Failure::none);
    CHECK_FALSE(pipeline.receive(bytes, at(1ms)));
    CHECK_FALSE(pipeline.receive("+OK\r\n", at(1ms)));
  }
}

TEST_CASE("Small replies in plenty do not add up to one that is too large", "[redis]") {
  Pipeline pipeline(small_limits());
  for (int round = 0; round < 100; ++round) {
    Probe probe;
    REQUIRE(pipeline.send(probe.call, {ping, ping, ping, ping}, 1s, at(0ms)) == Failure::none);
    REQUIRE(pipeline.receive("$20\r\naaaaaaaaaaaaaaaaaaaa\r\n+b\r\n+c\r\n+", at(0ms)));
    REQUIRE(pipeline.receive("d\r\n", at(0ms)));
    REQUIRE(probe.over == 1);
  }
}
