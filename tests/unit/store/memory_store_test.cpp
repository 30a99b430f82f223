// The memory store: the suite of all stores, and what is its own: budget, hashes that collide, growing
// bodies.
#include "larder/store/memory_store.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "store_conformance.hpp"

namespace larder::store {
namespace {

using fixture::key_in;
using fixture::key_of;
using fixture::look_up;
using fixture::mark_of;
using fixture::response_of;

constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;

struct MemorySubject {
  void put(const cache::StoredPtr& response) { store.put(response); }
  void mark(const cache::CacheKey& key, std::string_view vary, std::string_view secondary,
            std::uint64_t sequence) {
    store.mark_hit_for_miss(key, vary, secondary, mark_of(sequence));
  }
  conformance::Seen look_up(const cache::CacheKey& key, const http::Fields& request) {
    const LookUp found = fixture::look_up(store, key, request);
    conformance::Seen seen;
    if (found.response) seen.body = conformance::body_of(*found.response);
    seen.has_mark = found.hit_for_miss.has_value();
    return seen;
  }
  MemoryStore store;
};

TEST_CASE("the memory store is a store") {
  const std::size_t shards = GENERATE(1, 4);
  MemorySubject subject{MemoryStore(conformance::size_max, shards)};
  conformance::run_shared(subject);
  conformance::run_conformance(
      [shards] { return std::make_unique<MemoryStore>(conformance::size_max, shards); });
}

TEST_CASE("shards are as many as the size asks for") {
  CHECK(MemoryStore(1).shard_count() == 1);
  CHECK(MemoryStore(64 * mib).shard_count() == 4);
  CHECK(MemoryStore(4096 * mib).shard_count() == 16);
  CHECK(MemoryStore(mib, 3).shard_count() == 3);
}

TEST_CASE("keys with one hash stay apart") {
  MemoryStore store(mib);
  std::vector<cache::StoredPtr> responses;
  for (int i = 0; i < 50; ++i) {
    auto key = key_of("/" + std::to_string(i));
    key.hash = 42;
    responses.push_back(response_of(key));
    REQUIRE(store.put(responses.back()));
  }
  for (const auto& response : responses) CHECK(look_up(store, key_in(response)).response == response);
  for (std::size_t i = 0; i < responses.size(); i += 2) store.remove(responses[i]);
  for (std::size_t i = 0; i < responses.size(); ++i) {
    CHECK((look_up(store, key_in(responses[i])).response == responses[i]) == (i % 2 == 1));
  }
  auto stranger = key_of("/stranger");
  stranger.hash = 42;
  CHECK_FALSE(look_up(store, stranger).response);
}

TEST_CASE("a response larger than the room is not kept, and nothing leaves for it") {
  MemoryStore store(mib);
  store.put(response_of(key_of("/a")));
  CHECK_FALSE(store.put(response_of(key_of("/large"), {.body_size = 2 * mib})));
  CHECK(look_up(store, key_of("/a")).response);
  REQUIRE(store.add_in_flight(mib / 2));
  CHECK_FALSE(store.put(response_of(key_of("/half"), {.body_size = mib / 2})));
}

TEST_CASE("a response of max_object fits a store of 64 MiB, whatever its shards") {
  MemoryStore store(64 * mib, 16);
  for (int i = 0; i < 300; ++i)
    store.put(response_of(key_of("/" + std::to_string(i)), {.body_size = 250'000}));
  const auto large = response_of(key_of("/large"), {.body_size = 8 * mib});
  CHECK(store.put(large));
  CHECK(look_up(store, key_in(large)).response == large);
  CHECK(store.stats().bytes <= store.stats().size_max);
}

TEST_CASE("a landed form that does not fit takes the growing one with it") {
  MemoryStore store(mib);
  const auto growing = response_of(key_of("/a"));
  store.put(growing);
  CHECK_FALSE(store.replace(growing, response_of(key_of("/a"), {.body_size = 2 * mib})));
  CHECK_FALSE(look_up(store, key_of("/a")).response);
}

TEST_CASE("a growing body is counted in flight, and as landed once it is replaced") {
  MemoryStore store(mib);
  cache::ResponseDraft draft = fixture::draft(key_of("/a"));
  draft.body = cache::Body::growing(100'000);
  draft.body->append(std::string(50'000, 'x'));
  const cache::StoredPtr growing = cache::freeze(draft);
  store.put(growing);
  const std::uint64_t at_head = store.stats().bytes;
  CHECK(at_head < 5'000);
  draft.body->append(std::string(50'000, 'x'));
  draft.body->finish();
  CHECK(store.replace(growing, growing));
  CHECK(store.stats().bytes > at_head + 100'000);
  store.remove(growing);
  CHECK(store.stats().bytes < at_head);
}

// Whatever their number: the tables grow with it. bench/tools/entry_memory.cpp compares this with the
// process.
TEST_CASE("a page of 1 KiB costs at most 300 bytes beyond its key, its head and its bytes") {
  MemoryStore store(256 * mib);
  std::uint64_t needed = 0;
  for (int i = 1; i <= 40'000; ++i) {
    cache::ResponseDraft page = fixture::draft(key_of("/blog/" + std::to_string(i) + "/a-post-of-ours/"));
    page.head.text.append(250 + i % 60, 'h');
    page.body = cache::Body::complete(std::string(1024, 'x'));
    needed += page.key.text.size() + page.head.text.size() + 1024;
    store.put(cache::freeze(page));
    if (i > 20'000 && i % 1000 == 0) CHECK((store.stats().bytes - needed) / i <= 300);
  }
}

TEST_CASE("bytes in flight push landed responses out") {
  MemoryStore store(mib, 4);
  for (int i = 0; i < 100; ++i)
    store.put(response_of(key_of("/" + std::to_string(i)), {.body_size = 10'000}));
  const std::uint64_t before = store.stats().entries;
  REQUIRE(store.add_in_flight(mib / 2));
  CHECK(store.stats().bytes <= mib);
  CHECK(store.stats().entries < before * 2 / 3);
  CHECK(store.stats().evictions > 0);
}

// Whatever happens, the account is within the budget, and agrees with what is stored.
TEST_CASE("the budget holds under random operations") {
  MemoryStore store(mib, 3);
  std::mt19937 random(7);
  const auto below = [&random](std::size_t count) { return random() % count; };
  std::vector<std::uint64_t> in_flight;
  for (int i = 0; i < 20'000; ++i) {
    const auto key = key_of("/" + std::to_string(below(3000)));
    switch (below(8)) {
      case 0:
        in_flight.push_back(below(60'000));
        if (!store.add_in_flight(in_flight.back())) in_flight.pop_back();
        break;
      case 1:
        if (in_flight.empty()) break;
        store.subtract_in_flight(in_flight.back());
        in_flight.pop_back();
        break;
      case 2:
        store.mark_hit_for_miss(key, "", "", mark_of(below(5)));
        break;
      case 3:
        if (const auto stored = look_up(store, key).response) store.replace(stored, response_of(key));
        break;
      case 4:
        if (const auto stored = look_up(store, key).response) store.remove(stored);
        break;
      default:
        store.put(response_of(key, {.sequence = below(3), .body_size = below(below(2) ? 2'000 : 100'000)}));
    }
    REQUIRE(store.stats().bytes <= store.stats().size_max);
  }
  for (const std::uint64_t bytes : in_flight) store.subtract_in_flight(bytes);
  for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
    store.sweep_shard(
        shard, [](const auto&) { return true; }, [](const auto&, const auto&) { return true; });
  }
  const StoreStats stats = store.stats();
  CHECK(stats.entries == 0);
  CHECK(stats.in_flight_bytes == 0);
  CHECK(stats.bytes < mib / 5);  // the ghosts, and small tables
}

TEST_CASE("what is swept takes the memory of its tables with it") {
  MemoryStore store(64 * mib, 2);
  for (int i = 0; i < 40'000; ++i) store.put(response_of(key_of("/" + std::to_string(i))));
  const auto sweep = [&store](const auto& is_dead) {
    for (std::size_t shard = 0; shard < store.shard_count(); ++shard)
      store.sweep_shard(shard, is_dead, [](const auto&, const auto&) { return true; });
  };
  const std::uint64_t filled = store.stats().bytes;
  sweep([](const auto& response) { return !response.key().path().ends_with("00"); });
  CHECK(store.stats().entries == 399);
  CHECK(store.stats().bytes < filled / 50);
  CHECK(look_up(store, key_of("/100")).response);
  sweep([](const auto&) { return true; });
  CHECK(store.stats().bytes < filled / 90);
  for (int i = 0; i < 1'000; ++i) store.put(response_of(key_of("/" + std::to_string(i))));
  CHECK(look_up(store, key_of("/999")).response);
}

TEST_CASE("the store knows whether it holds parts") {
  MemoryStore store(mib, 1);
  cache::ResponseDraft part = fixture::draft(key_of("/film"));
  part.head.status = 206;
  CHECK_FALSE(store.holds_parts());
  store.put(response_of(key_of("/page")));
  CHECK_FALSE(store.holds_parts());
  const cache::StoredPtr stored = cache::freeze(part);
  store.put(stored);
  CHECK(store.holds_parts());
  part.body = cache::Body::complete(std::string(200, 'x'));
  const cache::StoredPtr longer = cache::freeze(part);
  CHECK(store.replace(stored, longer));
  CHECK(store.holds_parts());
  store.remove(longer);
  CHECK_FALSE(store.holds_parts());
}

TEST_CASE("marks are part of the budget") {
  MemoryStore store(mib, 1);
  for (int i = 0; i < 20'000; ++i)
    store.mark_hit_for_miss(key_of("/" + std::to_string(i)), "", "", mark_of());
  CHECK(store.stats().bytes <= mib);
  CHECK(look_up(store, key_of("/19999")).hit_for_miss);
  CHECK_FALSE(look_up(store, key_of("/0")).hit_for_miss);
}

TEST_CASE("a walk visits every response with how often it was used lately") {
  MemoryStore store(8 * mib, 2);
  for (int i = 0; i < 300; ++i) store.put(response_of(key_of("/" + std::to_string(i))));
  store.mark_hit_for_miss(key_of("/mark"), "", "", mark_of());
  for (int i = 0; i < 9; ++i) look_up(store, key_of("/7"));
  const auto uses = [&store] {
    std::map<std::string, std::uint32_t> uses;
    for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
      store.walk_shard(shard, [&uses](const cache::StoredPtr& response, std::uint32_t count) {
        uses[std::string(response->key().path())] = count;
        return true;
      });
    }
    return uses;
  };
  CHECK(uses().size() == 300);
  CHECK(uses()["/7"] == 9);
  CHECK(uses()["/8"] == 0);
  store.end_period();
  CHECK(uses()["/7"] == 5);  // four and a half
  look_up(store, key_of("/7"));
  CHECK(uses()["/7"] == 6);
  store.end_period();
  store.end_period();
  CHECK(uses()["/7"] == 2);
  for (int i = 0; i < 8; ++i) store.end_period();
  CHECK(uses()["/7"] == 1);
  for (int i = 0; i < 40; ++i) store.end_period();
  CHECK(uses()["/7"] == 0);
}

TEST_CASE("a walk may change the store, and end before its end") {
  MemoryStore store(8 * mib, 1);
  for (int i = 0; i < 200; ++i) store.put(response_of(key_of("/" + std::to_string(i))));
  std::size_t count = 0;
  // Two at once, and a sweep between: each step is made where the other's entry may just have gone.
  store.walk_shard(0, [&](const cache::StoredPtr& response, std::uint32_t) {
    if (++count == 70) {
      std::size_t inner = 0;
      store.walk_shard(0, [&](const cache::StoredPtr& other, std::uint32_t) {
        store.remove(other);
        return ++inner < 100;
      });
      store.sweep_shard(
          0, [](const auto& swept) { return swept.key().path().ends_with('9'); },
          [](const auto&, const auto&) { return true; });
    }
    return response->key().path() != "/160";
  });
  CHECK(store.stats().entries == 90);
  CHECK(count == 157);  // two batches that were taken, and of the rest what is still there up to /160
}

}  // namespace
}  // namespace larder::store
