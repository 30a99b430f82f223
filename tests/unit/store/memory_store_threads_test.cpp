// The memory store between threads: under TSan it shows races; the account must come out even.
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>
#include <vector>

#include "store_fixture.hpp"

namespace larder::store {
namespace {

using fixture::key_of;
using fixture::look_up;
using fixture::mark_of;
using fixture::response_of;

class Visitor {
 public:
  Visitor(MemoryStore& store, unsigned seed) : store_(store), random_(seed) {}

  // Returns how often something was wrong.
  std::size_t run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    return wrong_;
  }

 private:
  void step() {
    const auto key = key_of("/" + std::to_string(random_() % 300));
    LookUp found = look_up(store_, key);
    if (found.response && found.response->key().text != key.text) ++wrong_;
    switch (random_() % 10) {
      case 0:
        store_.mark_hit_for_miss(key, "", "", mark_of(random_() % 4));
        break;
      case 1:
        store_.holds_url(key);
        break;
      case 2:
        if (found.response) store_.remove(found.response);
        break;
      case 3:
        grow(key);
        break;
      case 4:
        if (found.response) store_.replace(found.response, response_of(key));
        break;
      default:
        if (!found.response)
          store_.put(response_of(key, {.sequence = random_() % 4, .body_size = random_() % 9000}));
    }
  }
  void grow(const cache::CacheKey& key) {
    if (!store_.add_in_flight(5000)) return;
    cache::ResponseDraft draft = fixture::draft(key, {.sequence = 4});
    draft.body = cache::Body::growing(5000);
    const cache::StoredPtr growing = cache::freeze(draft);
    store_.put(growing);
    draft.body->append(std::string(5000, 'x'));
    draft.body->finish();
    store_.subtract_in_flight(5000);
    store_.replace(growing, response_of(key, {.sequence = 4, .body_size = 5000}));
  }

  MemoryStore& store_;
  std::mt19937 random_;
  std::size_t wrong_ = 0;
};

void sweep_all(MemoryStore& store, std::uint64_t sequence) {
  for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
    store.sweep_shard(
        shard, [sequence](const auto& response) { return response.sequence <= sequence; },
        [sequence](const auto&, const HitForMiss& mark) { return mark.sequence <= sequence; });
  }
}

TEST_CASE("many threads use the store at once") {
  MemoryStore store(std::size_t{512} * 1024, 4);
  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&store, &wrong, seed] { wrong += Visitor(store, seed).run(8000); });
  }
  threads.emplace_back([&store] {
    for (int i = 0; i < 30; ++i) sweep_all(store, 0);
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(store.stats().in_flight_bytes == 0);
  CHECK(store.stats().bytes <= store.stats().size_max);
  sweep_all(store, 4);
  CHECK(store.stats().entries == 0);
  CHECK(store.stats().bytes < std::size_t{100} * 1024);
}

TEST_CASE("no more keys of a path are kept than its bound, whoever puts them at once") {
  constexpr std::uint32_t keys_max = 10;
  MemoryStore store(std::size_t{64} * 1024 * 1024, 4);
  for (int round = 0; round < 50; ++round) {
    const std::string path = "/p" + std::to_string(round);
    std::atomic<std::uint32_t> kept{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 20; ++i) {
          const auto key = key_of(path + "?x=" + std::to_string(thread * 20 + i));
          if (store.put_within(response_of(key), keys_max) == Put::kept) ++kept;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(kept == keys_max);
    CHECK(store.stats().entries == keys_max * static_cast<std::uint32_t>(round + 1));
  }
  sweep_all(store, 0);
  CHECK(store.has_place(key_of("/p0?x=none"), 1));
}

}  // namespace
}  // namespace larder::store
