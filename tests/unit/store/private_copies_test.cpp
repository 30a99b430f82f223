// Private copies have a share of the budget, and push out each other past it, never what everybody shares.
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "store_fixture.hpp"

namespace larder::store {
namespace {

using fixture::key_in;
using fixture::key_of;
using fixture::look_up;
using fixture::mark_of;
using fixture::private_key_of;
using fixture::response_of;

constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;

cache::CacheKey nth_private(std::size_t number) {
  return private_key_of("/account/", "session " + std::to_string(number));
}

void put_shared(MemoryStore& store, std::size_t count, std::size_t body_size) {
  for (std::size_t i = 0; i < count; ++i) {
    store.put(response_of(key_of("/" + std::to_string(i)), {.body_size = body_size}));
  }
}

std::size_t count_shared(MemoryStore& store, std::size_t count) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (look_up(store, key_of("/" + std::to_string(i))).response) ++found;
  }
  return found;
}

void clear(MemoryStore& store) {
  for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
    store.sweep_shard(
        shard, [](const auto&) { return true; }, [](const auto&, const auto&) { return true; });
  }
}

TEST_CASE("private copies beyond their share push out each other and nothing else") {
  MemoryStore store(4 * mib, GENERATE(1, 4));
  const std::uint64_t share = store.stats().private_size_max;
  CHECK(share == mib / 2);
  put_shared(store, 300, 10'000);  // 3 MiB: what the share leaves is not full
  REQUIRE(count_shared(store, 300) == 300);
  for (std::size_t i = 0; i < 2000; ++i) {
    REQUIRE(store.put(response_of(nth_private(i), {.body_size = 5'000})));
    REQUIRE(store.stats().private_bytes <= share);
  }
  CHECK(count_shared(store, 300) == 300);
  const StoreStats stats = store.stats();
  CHECK(stats.entries == 300 + stats.private_entries);
  CHECK(stats.private_entries > 70);
  CHECK(stats.private_bytes > share * 9 / 10);
  CHECK(look_up(store, nth_private(1999)).response);
  CHECK_FALSE(look_up(store, nth_private(0)).response);
}

TEST_CASE("private copies take no places of a path's") {
  MemoryStore store(std::uint64_t{64} * 1024 * 1024);
  CHECK(store.put_within(response_of(fixture::key_of("/account/?a")), 1) == Put::kept);
  for (const std::size_t number : {0, 1, 2}) {
    CHECK(store.has_place(nth_private(number), 1));
    CHECK(store.put_within(response_of(nth_private(number)), 1) == Put::kept);
  }
  CHECK_FALSE(store.has_place(fixture::key_of("/account/?b"), 1));
  for (const std::size_t number : {0, 1, 2}) store.remove(look_up(store, nth_private(number)).response);
  store.remove(look_up(store, fixture::key_of("/account/?a")).response);
  CHECK(store.put_within(response_of(fixture::key_of("/account/?b")), 1) == Put::kept);
}

TEST_CASE("among private copies, who is asked for again stays") {
  MemoryStore store(mib, 1);
  for (std::size_t i = 0; i < 500; ++i) {
    store.put(response_of(nth_private(i), {.body_size = 5'000}));
    look_up(store, nth_private(0));
  }
  CHECK(look_up(store, nth_private(0)).response);
}

TEST_CASE("shared pages take the room of private copies that nobody asks for") {
  MemoryStore store(mib, GENERATE(1, 4));
  for (std::size_t i = 0; i < 100; ++i) store.put(response_of(nth_private(i), {.body_size = 5'000}));
  REQUIRE(store.stats().private_entries > 15);
  put_shared(store, 2000, 5'000);
  CHECK(store.stats().private_entries == 0);
  CHECK(store.stats().private_bytes == 0);
}

TEST_CASE("a private copy larger than the share is not kept, and nothing leaves for it") {
  MemoryStore store(mib, 1);
  const auto first = response_of(nth_private(0));
  store.put(first);
  put_shared(store, 50, 10'000);
  CHECK_FALSE(store.put(response_of(nth_private(1), {.body_size = mib / 8})));
  CHECK(look_up(store, key_in(first)).response == first);
  CHECK(count_shared(store, 50) == 50);
}

TEST_CASE("growing bodies of private copies are part of their share") {
  MemoryStore store(mib, 2);
  put_shared(store, 80, 10'000);
  const std::size_t before = count_shared(store, 80);
  for (std::size_t i = 0; i < 20; ++i) store.put(response_of(nth_private(i), {.body_size = 5'000}));
  REQUIRE(store.add_in_flight(100'000, true));
  CHECK(store.stats().private_bytes >= 100'000);
  CHECK(store.stats().private_bytes <= store.stats().private_size_max);
  CHECK_FALSE(store.add_in_flight(100'000, true));
  CHECK_FALSE(store.put(response_of(nth_private(50), {.body_size = 40'000})));
  CHECK(count_shared(store, 80) == before);
  store.subtract_in_flight(100'000, true);
  CHECK(store.put(response_of(nth_private(50), {.body_size = 40'000})));
  CHECK(store.stats().in_flight_bytes == 0);
}

TEST_CASE("marks of private keys are part of their share") {
  MemoryStore store(mib, 1);
  put_shared(store, 50, 10'000);
  for (std::size_t i = 0; i < 5000; ++i) store.mark_hit_for_miss(nth_private(i), "cookie", "", mark_of());
  CHECK(store.stats().private_bytes <= store.stats().private_size_max);
  CHECK(count_shared(store, 50) == 50);
}

TEST_CASE("the store knows of which sessions it has copies") {
  MemoryStore store(4 * mib, 4);
  const auto a = response_of(private_key_of("/a", "one"));
  const auto b = response_of(private_key_of("/b", "one"));
  const auto other = response_of(private_key_of("/a", "two"));
  const auto holds = [&](const auto& response) { return store.holds_session(response->key().session()); };
  CHECK_FALSE(holds(a));
  for (const auto& response : {a, b, other}) store.put(response);
  store.put(response_of(key_in(a)));  // in its place
  CHECK(holds(a));
  store.remove(b);
  CHECK(holds(a));
  store.remove(look_up(store, key_in(a)).response);
  CHECK_FALSE(holds(a));
  CHECK(holds(other));
  store.mark_hit_for_miss(key_in(a), "", "", mark_of());
  CHECK_FALSE(holds(a));  // a mark holds nothing of a page
  clear(store);
  CHECK_FALSE(holds(other));
  for (std::size_t i = 0; i < 2000; ++i) store.put(response_of(nth_private(i), {.body_size = 5'000}));
  CHECK_FALSE(store.holds_session(nth_private(0).session()));  // evicted
}

// Whatever happens, both accounts are within their budgets, and agree with what is stored.
TEST_CASE("the share holds under random operations") {
  MemoryStore store(mib, 3);
  std::mt19937 random(11);
  const auto below = [&random](std::size_t count) { return random() % count; };
  std::vector<std::uint64_t> in_flight;
  for (int i = 0; i < 20'000; ++i) {
    const auto key = below(2) == 0 ? nth_private(below(500)) : key_of("/" + std::to_string(below(500)));
    switch (below(8)) {
      case 0:
        in_flight.push_back(below(30'000));
        if (!store.add_in_flight(in_flight.back(), true)) in_flight.pop_back();
        break;
      case 1:
        if (in_flight.empty()) break;
        store.subtract_in_flight(in_flight.back(), true);
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
        store.put(response_of(key, {.sequence = below(3), .body_size = below(below(2) ? 2'000 : 50'000)}));
    }
    const StoreStats stats = store.stats();
    REQUIRE(stats.bytes <= stats.size_max);
    REQUIRE(stats.private_bytes <= stats.private_size_max);
  }
  for (const std::uint64_t bytes : in_flight) store.subtract_in_flight(bytes, true);
  clear(store);
  CHECK(store.stats().entries == 0);
  CHECK(store.stats().private_entries == 0);
  CHECK(store.stats().private_bytes == 0);
}

TEST_CASE("many threads make private copies at once") {
  MemoryStore store(mib, 4);
  std::atomic<std::size_t> wrong{0};
  const auto visit = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 5000; ++i) {
      const auto key =
          random() % 3 == 0 ? key_of("/" + std::to_string(random() % 100)) : nth_private(random() % 100);
      const auto found = look_up(store, key).response;
      if (found && found->key().text != key.text) ++wrong;
      if (random() % 8 == 0 && found) {
        store.remove(found);
      } else {
        store.put(response_of(key, {.body_size = random() % 9000}));
      }
      const bool is_private = random() % 2 == 0;
      const std::uint64_t size = random() % 4000;
      if (store.add_in_flight(size, is_private)) store.subtract_in_flight(size, is_private);
      // Others reserve before they have evicted: each may be over by what it is about to put.
      if (store.stats().private_bytes > store.stats().private_size_max + std::uint64_t{4} * 15'000) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(visit, seed);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(store.stats().private_bytes <= store.stats().private_size_max);
  clear(store);
  CHECK(store.stats().private_bytes == 0);
  CHECK(store.stats().private_entries == 0);
}

}  // namespace
}  // namespace larder::store
