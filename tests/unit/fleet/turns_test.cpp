// Who has which turn and who waits, told by hand: no Redis, no clock.
#include "fleet/turns.hpp"

#include <catch2/catch.hpp>

namespace larder::fleet {
namespace {

using namespace std::chrono_literals;

// Askers of one replica, and what each was told.
struct Askers {
  struct Told {
    int times = 0;
    Turn turn = Turn::unavailable;
    std::string token;
  };
  Turns turns{"a"};
  SteadyTime now{1000s};
  std::map<std::string, Told> told;  // by who asked

  std::optional<std::string> begin(const std::string& who, const std::string& name = "/page/") {
    Fleet::TurnDone done = [this, who](Turn turn, std::string token) {
      Told& what = told[who];
      ++what.times;
      what.turn = turn;
      what.token = std::move(token);
    };
    TurnRequest request{name, 7, {}};
    return turns.begin(request, done, now);
  }
  std::string waiting(const std::string& who, const std::string& name = "/page/") {
    std::string token = begin(who, name).value();
    CHECK_FALSE(turns.waits(token, now + 3s));
    return token;
  }
  std::string digest(const std::string& token) { return turns.question_of(token)->digest; }
};

void call(const std::vector<Turns::Call>& calls) {
  for (const auto& each : calls) each();
}

}  // namespace

TEST_CASE("Who is given a turn holds it until its end, and is told its token", "[fleet]") {
  Askers askers;
  const std::string token = askers.begin("one").value();
  CHECK(askers.turns.question_of(token)->sequence == 7);
  CHECK(askers.digest(token).size() == 64);
  askers.turns.took(token, false, askers.now)();
  CHECK(askers.told["one"].turn == Turn::ours);
  CHECK(askers.told["one"].token == token);
  CHECK_FALSE(askers.turns.question_of(token));
  CHECK(askers.turns.counts().held == 1);
  CHECK(askers.turns.held(askers.now).at(0).token == token);
  CHECK(askers.turns.end(token)->token == token);
  CHECK_FALSE(askers.turns.end(token));
  CHECK(askers.turns.counts().held == 0);
  CHECK(askers.turns.counts().taken_over == 0);
  CHECK(askers.told["one"].times == 1);
}

TEST_CASE("The end of a turn tells all who wait for it and nobody else", "[fleet]") {
  const auto handover = GENERATE(Handover::look_again, Handover::fetch_alone);
  Askers askers;
  const std::string first = askers.waiting("first");
  askers.waiting("second");
  const std::string other = askers.waiting("other", "/other/");
  CHECK(askers.turns.counts().waited == 3);
  call(askers.turns.ended(askers.digest(first), handover));
  const Turn expected = handover == Handover::look_again ? Turn::look_again : Turn::fetch_alone;
  for (const char* who : {"first", "second"}) {
    CHECK(askers.told[who].times == 1);
    CHECK(askers.told[who].turn == expected);
    CHECK(askers.told[who].token.empty());
  }
  CHECK(askers.told["other"].times == 0);
  CHECK(askers.turns.has_waiters());
  call(askers.turns.ended(askers.digest(other), handover));
  CHECK_FALSE(askers.turns.has_waiters());
}

TEST_CASE("An end that is told while Redis is asked counts, unless the turn is ours then", "[fleet]") {
  Askers askers;
  const std::string second = askers.begin("second").value();
  const std::string third = askers.begin("third").value();
  CHECK(askers.turns.ended(askers.digest(second), Handover::fetch_alone).empty());
  askers.turns.waits(second, askers.now + 3s)();
  CHECK(askers.told["second"].turn == Turn::fetch_alone);
  askers.turns.took(third, false, askers.now)();
  CHECK(askers.told["third"].turn == Turn::ours);
}

TEST_CASE("Who waits asks again when the lock has run out, and waits no longer than so long in all",
          "[fleet]") {
  Askers askers;
  const std::string token = askers.waiting("one");
  CHECK(askers.turns.due(askers.now + 2s).to_ask.empty());
  askers.now += 3s;
  CHECK(askers.turns.due(askers.now).to_ask == std::vector<std::string>{token});
  CHECK_FALSE(askers.turns.has_waiters());
  CHECK_FALSE(askers.turns.waits(token, askers.now + 1h));  // renewed
  CHECK(askers.turns.counts().waited == 1);                 // once for each
  askers.now += Turns::wait_max - 3s - 1ms;
  CHECK(askers.turns.due(askers.now).calls.empty());
  call(askers.turns.due(askers.now + 1ms).calls);
  CHECK(askers.told["one"].turn == Turn::fetch_alone);
  CHECK(askers.told["one"].times == 1);
  CHECK_FALSE(askers.turns.question_of(token));
}

TEST_CASE("Who asks says for how long at most", "[fleet]") {
  Askers askers;
  TurnRequest request{"/page/", 7, {}, 5s};
  Fleet::TurnDone done = [&askers](Turn turn, const std::string&) { askers.told["one"] = {1, turn, {}}; };
  const std::string token = askers.turns.begin(request, done, askers.now).value();
  CHECK_FALSE(askers.turns.waits(token, askers.now + 1h));
  CHECK(askers.turns.due(askers.now + 4999ms).calls.empty());
  call(askers.turns.due(askers.now + 5s).calls);
  CHECK(askers.told["one"].turn == Turn::fetch_alone);
  CHECK(askers.turns.counts().run_out == 1);
}

TEST_CASE("Who does not want to wait any more is told so at once, and who is asking by Redis", "[fleet]") {
  Askers askers;
  const std::string waiting = askers.waiting("waiting");
  const std::string asking = askers.begin("asking").value();
  askers.turns.withdraw(waiting)();
  CHECK(askers.told["waiting"].turn == Turn::unavailable);
  CHECK(askers.turns.counts().unavailable == 0);  // of their own will
  CHECK_FALSE(askers.turns.withdraw(waiting));
  CHECK_FALSE(askers.turns.withdraw(asking));
  askers.turns.took(asking, false, askers.now)();
  CHECK(askers.told["asking"].turn == Turn::ours);
  CHECK_FALSE(askers.turns.withdraw("nobody's"));
}

TEST_CASE("Of a crowd whose lock has run out some ask at once, and the others after them", "[fleet]") {
  Askers askers;
  for (std::size_t i = 0; i < Turns::asking_max + 2; ++i) askers.waiting(std::to_string(i));
  askers.now += 3s;
  const std::vector<std::string> first = askers.turns.due(askers.now).to_ask;
  CHECK(first.size() == Turns::asking_max);
  CHECK(askers.turns.due(askers.now).to_ask.empty());
  CHECK_FALSE(askers.begin("late"));
  askers.turns.took(first[0], false, askers.now)();
  CHECK(askers.turns.due(askers.now).to_ask.size() == 1);
  CHECK_FALSE(askers.turns.waits(first[1], askers.now + 3s));
  CHECK(askers.turns.due(askers.now).to_ask.size() == 1);
}

TEST_CASE("Who waits when Redis is gone is told so; who still asks hears by its answer", "[fleet]") {
  Askers askers;
  askers.waiting("waiting");
  const std::string asking = askers.begin("asking").value();
  call(askers.turns.give_up());
  CHECK(askers.told["waiting"].turn == Turn::unavailable);
  CHECK(askers.told["waiting"].times == 1);
  CHECK(askers.told["asking"].times == 0);
  askers.turns.answer(asking, Turn::unavailable)();
  CHECK(askers.told["asking"].times == 1);
  CHECK(askers.turns.counts().unavailable == 2);
  CHECK_FALSE(askers.turns.answer(asking, Turn::unavailable));
}

TEST_CASE("At the close all are answered, and what is or may be held is to be ended", "[fleet]") {
  Askers askers;
  const std::string held = askers.begin("held", "/held/").value();
  askers.turns.took(held, true, askers.now)();
  askers.waiting("waiting");
  const std::string asking = askers.begin("asking").value();
  const Turns::Closed closed = askers.turns.close();
  call(closed.calls);
  CHECK(askers.told["waiting"].turn == Turn::unavailable);
  CHECK(askers.told["asking"].turn == Turn::unavailable);
  REQUIRE(closed.turns.size() == 2);
  CHECK(closed.turns[0].token == held);
  CHECK(closed.turns[1].token == asking);
  CHECK_FALSE(askers.turns.took(asking, false, askers.now));
  CHECK_FALSE(askers.turns.end(held));
  CHECK_FALSE(askers.begin("late"));
  CHECK(askers.turns.counts().taken_over == 1);
  CHECK(askers.told["held"].times == 1);
}

TEST_CASE("Too many who wait, or hold, are turned away", "[fleet]") {
  Askers askers;
  const bool hold = GENERATE(true, false);
  const std::size_t most = hold ? Turns::held_max : Turns::waiters_max;
  for (std::size_t i = 0; i < most; ++i) {
    const std::string token = askers.begin("one").value();
    const Turns::Call told =
        hold ? askers.turns.took(token, false, askers.now) : askers.turns.waits(token, askers.now + 3s);
    if (told) told();
  }
  CHECK_FALSE(askers.begin("late"));
}

TEST_CASE("A turn that nobody ends is renewed for so long only", "[fleet]") {
  Askers askers;
  askers.turns.took(askers.begin("one").value(), false, askers.now)();
  CHECK(askers.turns.held(askers.now + Turns::hold_max - 1ms).size() == 1);
  CHECK(askers.turns.held(askers.now + Turns::hold_max).empty());
}

TEST_CASE("A turn's value in Redis reads back, and another's does not", "[fleet]") {
  const auto holder = holder_of(value_of({"host-1-ab/t5", {"run:born", 12}}));
  REQUIRE(holder);
  CHECK(holder->token == "host-1-ab/t5");
  CHECK(holder->place == cache::Place{"run:born", 12});
  for (const char* other : {"", " ", "a", "a b", "a b c", "a b 1x", "a b "}) CHECK_FALSE(holder_of(other));
}

TEST_CASE("Many turns are renewed and ended by few commands", "[fleet]") {
  const TurnScripts scripts("site");
  const std::vector<HeldTurn> turns(TurnScripts::turns_at_once_max + 1, {std::string(64, 'a'), "t"});
  CHECK(scripts.renew({}, 3s).empty());
  CHECK(scripts.renew(turns, 3s).size() == 2);
  CHECK(scripts.end(turns, Handover::look_again).size() == 2);
  CHECK(scripts.end({turns[0]}, Handover::fetch_alone).at(0).at(4) ==
        "larder:site:turn:" + std::string(64, 'a'));
}

}  // namespace larder::fleet
