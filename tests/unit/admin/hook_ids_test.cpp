#include "admin/hook_ids.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace larder::admin {
namespace {

using State = HookIds::Claim::State;

base::WallTime at(std::int64_t seconds) {
  return base::WallTime(base::Seconds(seconds));
}

// Carries it out, if it may.
State carried_out(HookIds& ids, const char* once, std::int64_t until, std::int64_t now,
                  const char* hook = "cms") {
  HookIds::Claim claim = ids.claim(hook, once, at(until), at(now));
  if (claim.state() == State::free) claim.done();
  return claim.state();
}

TEST_CASE("an id is done once, and until its time") {
  HookIds ids;
  CHECK(carried_out(ids, "a", 300, 0) == State::free);
  CHECK(carried_out(ids, "a", 300, 0) == State::done);
  CHECK(carried_out(ids, "a", 300, 300) == State::done);
  CHECK(carried_out(ids, "b", 300, 300) == State::free);
  // Nobody can show it any more: its timestamp is stale.
  CHECK(carried_out(ids, "c", 600, 301) == State::free);
  CHECK(ids.size() == 1);
}

TEST_CASE("an id that was signed again later is remembered for as long as that") {
  HookIds ids;
  CHECK(carried_out(ids, "a", 300, 0) == State::free);
  CHECK(carried_out(ids, "a", 500, 200) == State::done);
  CHECK(carried_out(ids, "a", 500, 450) == State::done);
  CHECK(carried_out(ids, "a", 300, 450) == State::done);
  CHECK(carried_out(ids, "a", 900, 501) == State::free);
}

TEST_CASE("what was not carried out may come again") {
  HookIds ids;
  {
    const HookIds::Claim claim = ids.claim("cms", "a", at(300), at(0));
    CHECK(claim.state() == State::free);
  }
  CHECK(ids.size() == 0);
  CHECK(carried_out(ids, "a", 300, 0) == State::free);
}

TEST_CASE("two hooks share no ids") {
  HookIds ids;
  CHECK(carried_out(ids, "a", 300, 0, "cms") == State::free);
  CHECK(carried_out(ids, "a", 300, 0, "shop") == State::free);
  CHECK(carried_out(ids, "a", 300, 0, "shop") == State::done);
}

TEST_CASE("without an id nothing is remembered") {
  HookIds ids;
  CHECK(carried_out(ids, "", 300, 0) == State::free);
  CHECK(carried_out(ids, "", 300, 0) == State::free);
  CHECK(ids.size() == 0);
}

TEST_CASE("past the bound the id whose time is nearest is forgotten") {
  HookIds ids(3);
  CHECK(carried_out(ids, "late", 900, 0) == State::free);
  CHECK(carried_out(ids, "early", 300, 0) == State::free);
  CHECK(carried_out(ids, "middle", 600, 0) == State::free);
  HookIds::Claim one_more = ids.claim("cms", "one more", at(700), at(0));
  CHECK(one_more.done());  // says so
  CHECK(ids.size() == 3);
  CHECK(carried_out(ids, "late", 900, 0) == State::done);
  CHECK(carried_out(ids, "middle", 600, 0) == State::done);
  CHECK(carried_out(ids, "one more", 700, 0) == State::done);
  CHECK(carried_out(ids, "early", 300, 0) == State::free);
}

TEST_CASE("while one thread carries it out, its twin is told so") {
  HookIds ids;
  HookIds::Claim first = ids.claim("cms", "a", at(300), at(0));
  CHECK(ids.claim("cms", "a", at(300), at(0)).state() == State::under_way);
  first.done();
  CHECK(ids.claim("cms", "a", at(300), at(0)).state() == State::done);
}

TEST_CASE("of many threads at once one carries it out") {
  constexpr int rounds = 200;
  constexpr int threads = 4;
  HookIds ids;
  std::vector<std::atomic<int>> carried(rounds);
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) {
        HookIds::Claim claim = ids.claim("cms", std::to_string(i), at(300), at(0));
        if (claim.state() != State::free) continue;
        ++carried[static_cast<std::size_t>(i)];
        claim.done();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  for (const auto& count : carried) CHECK(count == 1);
  CHECK(ids.size() == rounds);
}

}  // namespace
}  // namespace larder::admin
