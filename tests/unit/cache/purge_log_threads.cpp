// The fence between threads: who asks after append() has returned never finds valid what it matches.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "purge_log_fixture.hpp"

namespace larder::cache {
namespace {

TEST_CASE("what was acknowledged is seen by every later check on every thread") {
  PurgeLog log;
  const CacheKey key = fixture::key_of("a.com", "/x");
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<std::uint64_t> broken{0};
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!is_over) {
        const std::uint64_t promised = acknowledged;
        const std::uint64_t newest = log.newest();
        if (newest < promised) ++broken;
        // Fetched just before the line that was promised: it must be outdated by it.
        if (promised == 0) continue;
        const auto fetched = fixture::response_of(key, {{"t"}, {}}, promised - 1);
        if (log.validity(*fetched, newest) != Validity::outdated) ++broken;
        if (log.may_join({key, {}}, promised - 1)) ++broken;
      }
    });
  }
  for (int i = 0; i < 3000; ++i) {
    acknowledged = fixture::purge(log, i % 2 == 0 ? "path:/x" : "tag:t");
    if (i % 100 == 99) log.forget_through(log.newest() - 50);
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(broken == 0);
}

}  // namespace
}  // namespace larder::cache
