// A notifier: what it remembers, from where who waits goes on, and that a loop's end leaves nobody behind.
#include "larder/net/notifier.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "support/net/loop.hpp"

namespace larder::net {
namespace {

using test::Loop;

Task<void> count_notices(Notifier& notifier, int& count) {
  for (;;) {
    co_await notifier.wait();
    ++count;
  }
}

Task<void> hold_while_waiting(std::shared_ptr<Notifier> own, std::shared_ptr<int> held) {
  co_await own->wait();
  ++*held;
}

TEST_CASE("a notice that nobody waits for yet is remembered, once") {
  Loop loop;
  Notifier notifier(loop.executor());
  notifier.notify();
  notifier.notify();
  int count = 0;
  spawn(loop.executor(), count_notices(notifier, count));
  loop.turn();
  CHECK(count == 1);
}

TEST_CASE("who waits goes on from the event loop") {
  Loop loop;
  Notifier notifier(loop.executor());
  int count = 0;
  spawn(loop.executor(), count_notices(notifier, count));
  loop.turn();
  CHECK(count == 0);
  notifier.notify();
  CHECK(count == 0);
  notifier.notify();  // the same notice still
  loop.turn();
  CHECK(count == 1);
  notifier.notify();
  loop.turn();
  CHECK(count == 2);
}

TEST_CASE("an event loop's end ends those who wait, and those who were notified already") {
  const auto held = std::make_shared<int>(0);
  {
    Loop loop;
    std::vector<std::weak_ptr<Notifier>> notifiers;
    for (int i = 0; i < 3; ++i) {
      auto own = std::make_shared<Notifier>(loop.executor());
      notifiers.emplace_back(own);
      spawn(loop.executor(), hold_while_waiting(std::move(own), held));
    }
    loop.turn();
    notifiers[1].lock()->notify();
    CHECK(held.use_count() == 4);
  }
  CHECK(held.use_count() == 1);
  CHECK(*held == 0);
}

}  // namespace
}  // namespace larder::net
