// Deadlines that share a timer: each is told when it is past, and none that was taken back.
#include "larder/net/watchdog.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "support/net/loop.hpp"

namespace larder::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::Loop;

TEST_CASE("deadlines are told in their order, whatever the order they were set in") {
  Loop loop;
  std::vector<int> told;
  Watchdog late(loop.executor());
  Watchdog never(loop.executor());
  Watchdog early(loop.executor());
  late.arm(milliseconds(30), [&] { told.push_back(2); });
  never.arm(hours(1), [&] { told.push_back(3); });
  early.arm(milliseconds(1), [&] { told.push_back(1); });
  loop.run_until([&] { return told.size() == 2; });
  CHECK(told == std::vector<int>{1, 2});
  CHECK((early.has_fired() && late.has_fired() && !never.has_fired()));
}

TEST_CASE("what is taken back, set anew or gone is not told") {
  Loop loop;
  std::vector<std::string> told;
  Watchdog disarmed(loop.executor());
  Watchdog rearmed(loop.executor());
  auto gone = std::make_unique<Watchdog>(loop.executor());
  Watchdog last(loop.executor());
  disarmed.arm(milliseconds(1), [&] { told.emplace_back("disarmed"); });
  rearmed.arm(milliseconds(1), [&] { told.emplace_back("first"); });
  gone->arm(milliseconds(1), [&] { told.emplace_back("gone"); });
  disarmed.disarm();
  rearmed.arm(milliseconds(5), [&] { told.emplace_back("second"); });
  gone.reset();
  last.arm(milliseconds(20), [&] { told.emplace_back("last"); });
  loop.run_until([&] { return last.has_fired(); });
  CHECK(told == std::vector<std::string>{"second", "last"});
  CHECK_FALSE(disarmed.has_fired());
  // Fired once, it may be armed again.
  rearmed.arm(milliseconds(1), [&] { told.emplace_back("third"); });
  CHECK_FALSE(rearmed.has_fired());
  loop.run_until([&] { return rearmed.has_fired(); });
  CHECK(told.back() == "third");
}

TEST_CASE("who is told may end itself, take back others, and arm anew") {
  Loop loop;
  auto self = std::make_unique<Watchdog>(loop.executor());
  Watchdog other(loop.executor());
  Watchdog next(loop.executor());
  bool was_other_told = false;
  self->arm(milliseconds(1), [&] {
    other.disarm();
    next.arm(milliseconds(1), [] {});
    self.reset();
  });
  other.arm(milliseconds(1), [&] { was_other_told = true; });
  loop.run_until([&] { return next.has_fired(); });
  CHECK_FALSE(self);
  CHECK_FALSE(was_other_told);
}

TEST_CASE("an event loop may end while deadlines are set") {
  auto loop = std::make_unique<Loop>();
  auto watchdog = std::make_unique<Watchdog>(loop->executor());
  watchdog->arm(hours(1), [] {});
  spawn(loop->executor(), [kept = std::move(watchdog), executor = loop->executor()]() -> Task<void> {
    Timer timer(executor, hours(1));
    co_await timer.async_wait(use_task);
  });
  loop->turn();
  loop.reset();
}

}  // namespace
}  // namespace larder::net
