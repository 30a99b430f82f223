// Eviction: what the paper promises of S3-FIFO, seen through a store. Its hit ratios are in
// eviction_test.cpp.
#include <catch2/catch.hpp>
#include <random>

#include "store/ghost.hpp"
#include "store_fixture.hpp"

namespace larder::store {
namespace {

using fixture::key_of;
using fixture::look_up;
using fixture::response_of;

constexpr std::size_t room = 1000;  // in pages
constexpr std::size_t page_size = 4000;

cache::CacheKey page(std::size_t number) {
  return key_of("/" + std::to_string(1'000'000 + number));
}

// A store with room for about `room` pages.
MemoryStore make_store() {
  const std::uint64_t cost = response_of(page(0), {.body_size = page_size})->cost() + 60;
  return MemoryStore(room * cost, 1);
}

bool visit(MemoryStore& store, std::size_t number) {
  const auto key = page(number);
  if (look_up(store, key).response) return true;
  store.put(response_of(key, {.body_size = page_size}));
  return false;
}

TEST_CASE("a scan does not flush what is asked for again and again") {
  MemoryStore store = make_store();
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < room / 2; ++i) visit(store, i);
  }
  for (std::size_t i = 0; i < room * 5; ++i) visit(store, 10'000 + i);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < room / 2; ++i) hits += look_up(store, page(i)).response ? 1 : 0;
  CHECK(hits >= room / 2 * 9 / 10);
}

TEST_CASE("what comes back soon after it left is kept for longer") {
  MemoryStore store = make_store();
  visit(store, 0);
  for (std::size_t i = 1; i < room + 200; ++i) visit(store, i);
  REQUIRE_FALSE(look_up(store, page(0)).response);
  visit(store, 0);  // remembered: it goes to the main queue
  for (std::size_t i = 0; i < 300; ++i) visit(store, 20'000 + i);
  CHECK(look_up(store, page(0)).response);
}

TEST_CASE("a renewed response keeps the place that its predecessor earned") {
  MemoryStore store = make_store();
  for (int round = 0; round < 4; ++round) visit(store, 0);
  const auto renewed = response_of(page(0), {.sequence = 1, .body_size = page_size});
  store.put(renewed);
  for (std::size_t i = 1; i < room * 2; ++i) visit(store, i);
  CHECK(look_up(store, page(0)).response == renewed);
}

TEST_CASE("the ghost remembers the latest, once each") {
  Ghost ghost;
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> hashes(100);
  for (auto& hash : hashes) {
    hash = random();
    ghost.add(hash, 1000);
  }
  CHECK(ghost.take(hashes[99], 1000));
  CHECK_FALSE(ghost.take(hashes[99], 1000));
  CHECK_FALSE(ghost.take(hashes[10], 50));  // longer ago than the window
  CHECK_FALSE(ghost.take(12345, 1000));
  CHECK(ghost.bytes() <= std::size_t{16} * 1024);
}

}  // namespace
}  // namespace larder::store
