// Eviction: what the paper promises of S3-FIFO, seen through a store.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <list>
#include <random>
#include <unordered_map>

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

class LruModel {
 public:
  bool visit(std::size_t number) {
    const auto found = places_.find(number);
    if (found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return true;
    }
    order_.push_front(number);
    places_[number] = order_.begin();
    if (order_.size() > room) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    return false;
  }

 private:
  std::list<std::size_t> order_;
  std::unordered_map<std::size_t, std::list<std::size_t>::iterator> places_;
};

// Page n is asked for in proportion to 1/n^0.9; every tenth visit is a crawler's, to a page of its own.
std::vector<std::size_t> zipf_and_scan(std::size_t visits) {
  std::mt19937 random(11);
  std::vector<double> weights(10'000);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = 1 / std::pow(static_cast<double>(i + 1), 0.9);
  std::discrete_distribution<std::size_t> zipf(weights.begin(), weights.end());
  std::vector<std::size_t> trace(visits);
  for (std::size_t i = 0; i < visits; ++i) trace[i] = i % 10 == 0 ? 100'000 + i : zipf(random);
  return trace;
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

TEST_CASE("it hits at least as often as LRU where some pages are popular and a crawler passes") {
  MemoryStore store = make_store();
  LruModel lru;
  std::size_t hits = 0;
  std::size_t lru_hits = 0;
  for (const std::size_t number : zipf_and_scan(40'000)) {
    hits += visit(store, number) ? 1 : 0;
    lru_hits += lru.visit(number) ? 1 : 0;
  }
  INFO(hits << " of ours, " << lru_hits << " of LRU's");
  CHECK(hits >= lru_hits);
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
