// The shared store while its Redis stands still, dies and comes back; and its end in the midst of it.
#include <catch2/catch.hpp>
#include <vector>

#include "redis_store_fixture.hpp"

namespace larder::store {
namespace {

using namespace fixture;

constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;

struct OwnServer {
  redis_support::RedisServer server;
  std::string name_space = fresh_name_space();
};

}  // namespace

TEST_CASE("a Redis that stands still costs the budget, and no more", "[redis]") {
  OwnServer own;
  const base::Duration budget = 50ms * scenario::slowness;
  Replica replica(config_of(own.server, own.name_space, budget));
  REQUIRE(replica.put(replica.page(key_of("/a"), "page")));
  const RedisStoreStats before = replica.store.stats();
  own.server.pause();

  const auto since = std::chrono::steady_clock::now();
  const RedisStore::Found found = replica.look_up(question_of(key_of("/a")));
  const auto took = std::chrono::steady_clock::now() - since;
  CHECK_FALSE(found.is_known);
  CHECK_FALSE(found.response);
  CHECK(took >= budget - 2ms);
  if (scenario::is_release_build) CHECK(took < budget * 10);
  CHECK(replica.store.stats().timeouts == before.timeouts + 1);

  const cache::StoredPtr large = cache::freeze(replica.page(key_of("/large"), std::string(mib, 'x')));
  std::vector<std::future<bool>> writes;
  for (std::uint64_t i = 0; i < 100; ++i) {
    writes.push_back(begin_put(replica.store, large, {"e", i}));
    CHECK(replica.store.stats().waiting_bytes <= 32 * mib);
  }
  CHECK(replica.store.stats().dropped > 0);
  for (std::future<bool>& write : writes) {
    const bool is_written = result_of(std::move(write), "a write");
    CHECK_FALSE(is_written);
  }
  const RedisStoreStats stats = replica.store.stats();
  CHECK(stats.dropped + stats.failed_writes == before.failed_writes + 100);
  CHECK(stats.waiting_bytes == 0);

  own.server.resume();
  replica.wait_until_up();
  REQUIRE(replica.put(replica.page(key_of("/a"), "again"), {"epoch", 2}));
  scenario::wait_until("the page",
                       [&] { return body_of(replica.look_up(question_of(key_of("/a")))) == "again"; });
}

TEST_CASE("no more than so many marks wait", "[redis]") {
  OwnServer own;
  Replica replica(config_of(own.server, own.name_space));
  const std::uint64_t failed_before = replica.store.stats().failed_writes;
  own.server.pause();
  std::atomic<int> answers{0};
  constexpr int count = 1'200;
  for (int i = 0; i < count; ++i) {
    const RedisStore::Mark mark{"", "", replica.clock.now().mono + 1min};
    replica.store.put_mark("space", key_of("/" + std::to_string(i)), mark, {"e", 1},
                           [&answers](bool) { ++answers; });
  }
  CHECK(replica.store.stats().dropped > 0);
  scenario::wait_until("all answers", [&] { return answers == count; });
  const RedisStoreStats stats = replica.store.stats();
  CHECK(stats.dropped + stats.failed_writes == failed_before + count);
}

TEST_CASE("a Redis that dies and comes back is used again", "[redis]") {
  OwnServer own;
  Replica replica(config_of(own.server, own.name_space));
  REQUIRE(replica.put(replica.page(key_of("/a"), "page")));
  own.server.kill();
  scenario::wait_until("the loss", [&] { return !replica.look_up(question_of(key_of("/a"))).is_known; });
  CHECK(replica.store.stats().unavailable >= 1);
  scenario::wait_until("the writer's", [&] { return !replica.put(replica.page(key_of("/a"), "page")); });
  CHECK(replica.store.stats().failed_writes >= 1);
  own.server.start();
  replica.wait_until_up();
  CHECK(replica.look_up(question_of(key_of("/a"))).is_known);
  REQUIRE(replica.put(replica.page(key_of("/a"), "again")));
  CHECK(body_of(replica.look_up(question_of(key_of("/a")))) == "again");
}

TEST_CASE("a Redis that is full refuses, and serves what it has", "[redis]") {
  OwnServer own;
  Replica replica(config_of(own.server, own.name_space));
  REQUIRE(replica.put(replica.page(key_of("/a"), "page")));
  own.server.ask({"CONFIG", "SET", "maxmemory", "1"});
  CHECK_FALSE(replica.put(replica.page(key_of("/b"), "page")));
  CHECK_FALSE(replica.put(replica.page(key_of("/b"), std::string(mib, 'x'))));
  CHECK(replica.store.stats().failed_writes >= 2);
  CHECK(body_of(replica.look_up(question_of(key_of("/a")))) == "page");
}

TEST_CASE("a store that stops calls nobody back, and lets go of what it was given", "[redis]") {
  OwnServer own;
  auto replica = std::make_unique<Replica>(config_of(own.server, own.name_space));
  own.server.pause();
  std::atomic<int> answers{0};
  const auto held = std::make_shared<int>(0);
  for (std::uint64_t i = 0; i < 20; ++i) {
    const cache::CacheKey key = key_of("/" + std::to_string(i));
    replica->store.look_up(question_of(key), [&answers, held](const RedisStore::Found&) { ++answers; });
    replica->store.put("space", cache::freeze(replica->page(key, std::string(mib, 'x'))), {"e", i},
                       [&answers, held](bool) { ++answers; });
  }
  replica->store.stop();
  const int before = answers;
  CHECK(held.use_count() == 1);
  replica.reset();
  CHECK(answers == before);
}

TEST_CASE("many threads ask and put at once", "[redis]") {
  Replica replica(config_of(shared_server(), fresh_name_space()));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&replica, &wrong, thread] {
      for (int i = 0; i < 100; ++i) {
        const std::string path = "/" + std::to_string((i + thread) % 7);
        if (!replica.put(replica.page(key_of(path), path))) ++wrong;
        if (body_of(replica.look_up(question_of(key_of(path)))) != path) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace larder::store
