#include "larder/store/memory_store.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "store/hash_counts.hpp"
#include "store/ledger.hpp"
#include "store/shard.hpp"

// Read by jemalloc when the process starts (jemalloc(3), TUNING); MALLOC_CONF in the environment has the last
// word. The budget counts what is allocated, but by default what was freed stays resident for ten seconds
// more: with 64 MiB under a stream of large bodies the process took 100 to 125 MiB, and with a tenth of a
// second about 85 (tests/soak/budget), as with none at all. None would cost a miss a tenth of its time: what
// is given back at once is wanted again at once. Threads of jemalloc's give it back: a worker that did so
// between two requests, while half a million outdated entries were freed beside it, kept one in seventy of
// them waiting for more than half a millisecond. A thread keeps 64 blocks of each size from 16 to 32 KiB,
// instead of 20: of 64 fetches at a time two thirds gave their buffer (16 KiB) back and asked for it again.
// That is 7.5 MiB a thread at the most, instead of 2.4, and only where it has used so many of each size.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:100,muzzy_decay_ms:0,background_thread:true,tcache_nslots_large:64";
}

namespace larder::store {
namespace {

std::size_t shards_for(std::uint64_t size_max, std::size_t wanted) {
  if (wanted != 0) return wanted;
  const auto by_size = static_cast<std::size_t>(size_max / MemoryStore::shard_size_min);
  return std::clamp<std::size_t>(by_size, 1, MemoryStore::shards_max);
}

}  // namespace

struct MemoryStore::State {
  State(std::uint64_t size_max, std::size_t shard_count) : ledger(size_max), counts(ledger) {
    for (std::size_t i = 0; i < shard_count; ++i) shards.push_back(std::make_unique<Shard>(ledger, counts));
  }
  Ledger ledger;
  Counts counts;
  std::vector<std::unique_ptr<Shard>> shards;
  bool make_room_in(Account& account, std::size_t first_shard, std::uint64_t bytes);
  std::atomic<std::size_t> next_to_shrink{0};  // in turn, for bytes in flight
};

MemoryStore::MemoryStore(std::uint64_t size_max, std::size_t shard_count)
    : state_(std::make_unique<State>(size_max, shards_for(size_max, shard_count))) {}

MemoryStore::~MemoryStore() = default;

std::size_t MemoryStore::shard_count() const noexcept {
  return state_->shards.size();
}

// By bits in the middle of the hash: the tables inside a shard go by those at its ends.
std::size_t MemoryStore::place_of(const cache::KeyPlaces& key) const noexcept {
  return static_cast<std::size_t>(key.hash >> 24) % state_->shards.size();
}

// Adds `bytes` to the account and evicts until it is within its budget, beginning with this shard; false, and
// nothing added, when that cannot be.
bool MemoryStore::State::make_room_in(Account& account, std::size_t first_shard, std::uint64_t bytes) {
  const std::uint64_t in_flight = account.in_flight_bytes.load(std::memory_order_relaxed);
  if (bytes > account.size_max - std::min(in_flight, account.size_max)) return false;
  account.bytes += bytes;
  for (std::size_t i = 0; i < shards.size() && account.is_over(); ++i) {
    shards[(first_shard + i) % shards.size()]->evict_while_over(account);
  }
  if (!account.is_over()) return true;
  account.bytes -= bytes;
  return false;
}

// Private copies first make room among themselves: past their share they never reach the others.
bool MemoryStore::make_room(std::size_t first_shard, std::uint64_t bytes, bool is_private) {
  Ledger& ledger = state_->ledger;
  if (is_private && !state_->make_room_in(ledger.private_copies, first_shard, bytes)) return false;
  if (state_->make_room_in(ledger, first_shard, bytes)) return true;
  if (is_private) ledger.private_copies.bytes -= bytes;
  return false;
}

void MemoryStore::look_up(const cache::CacheKey& key, const http::Fields& request,
                          const cache::CookieRule& cookies, base::MonoTime now, LookUp& result, Use use) {
  state_->shards[place_of(key)]->look_up(key, request, cookies, now, result, use);
}

bool MemoryStore::holds_parts() const noexcept {
  return state_->ledger.parts.load(std::memory_order_relaxed) > 0;
}

std::vector<cache::StoredPtr> MemoryStore::variants(const cache::CacheKey& key) const {
  return state_->shards[place_of(key)]->variants(key);
}

Put MemoryStore::put_within(cache::StoredPtr response, std::uint32_t keys_max) {
  const std::size_t place = place_of(response->key());
  const std::uint64_t cost = Shard::cost_of(*response);
  if (!make_room(place, cost, response->key().is_private())) return Put::not_kept;
  const Put result = state_->shards[place]->put(std::move(response), cost, keys_max);
  make_room(place, 0, false);  // the index may have grown
  return result;
}

bool MemoryStore::has_place(const cache::CacheKey& key, std::uint32_t keys_max) {
  return state_->counts.has_place(key, keys_max);
}

std::optional<std::size_t> MemoryStore::free_places(base::MonoTime now) {
  const Hashes full = state_->counts.take_full();
  if (full.empty()) return std::nullopt;
  const auto is_dead = [&](const cache::StoredResponse& response) {
    const bool is_stale = response.freshness.remaining(now) < base::Duration::zero();
    return is_stale && full.contains(Counts::url_hash(response.key()));
  };
  const auto is_mark_dead = [](const cache::CacheKey&, const HitForMiss&) { return false; };
  std::size_t freed = 0;
  for (const auto& shard : state_->shards) freed += shard->sweep(is_dead, is_mark_dead);
  return freed;
}

bool MemoryStore::replace(const cache::StoredPtr& previous, cache::StoredPtr next) {
  const std::size_t place = place_of(previous->key());
  const std::uint64_t cost = Shard::cost_of(*next);
  if (!make_room(place, cost, next->key().is_private())) {
    remove(previous);
    return false;
  }
  const bool is_replaced = state_->shards[place]->replace(previous, std::move(next), cost);
  make_room(place, 0, false);
  return is_replaced;
}

void MemoryStore::remove(const cache::StoredPtr& response) {
  state_->shards[place_of(response->key())]->remove(response);
}

void MemoryStore::mark_hit_for_miss(const cache::CacheKey& key, std::string_view vary,
                                    std::string_view secondary, HitForMiss mark) {
  auto entry = std::make_unique<Mark>(key, vary, secondary, mark);
  const std::size_t place = place_of(key);
  const std::uint64_t cost = Shard::cost_of(*entry);
  if (!make_room(place, cost, key.is_private())) return;
  state_->shards[place]->put_mark(std::move(entry), cost);
  make_room(place, 0, false);
}

bool MemoryStore::holds_group(std::string_view label) const {
  return state_->counts.holds_group(label);
}

bool MemoryStore::holds_url(const cache::CacheKey& key) const {
  return state_->counts.holds_url(key);
}

bool MemoryStore::holds_session(std::string_view digest) const {
  return state_->counts.holds_session(digest);
}

bool MemoryStore::add_in_flight(std::uint64_t bytes, bool is_private) {
  Ledger& ledger = state_->ledger;
  const std::uint64_t share = ledger.size_max / 2;
  std::uint64_t before = ledger.in_flight_bytes.load(std::memory_order_relaxed);
  do {
    if (bytes > share || before > share - bytes) return false;
  } while (!ledger.in_flight_bytes.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  const std::size_t first = state_->next_to_shrink.fetch_add(1, std::memory_order_relaxed);
  if (make_room(first % shard_count(), bytes, is_private)) {
    if (is_private) ledger.private_copies.in_flight_bytes += bytes;
    return true;
  }
  ledger.in_flight_bytes -= bytes;
  return false;
}

void MemoryStore::subtract_in_flight(std::uint64_t bytes, bool is_private) {
  Ledger& ledger = state_->ledger;
  ledger.bytes -= bytes;
  ledger.in_flight_bytes -= bytes;
  if (!is_private) return;
  ledger.private_copies.bytes -= bytes;
  ledger.private_copies.in_flight_bytes -= bytes;
}

std::size_t MemoryStore::sweep_shard(
    std::size_t shard, const std::function<bool(const cache::StoredResponse&)>& is_dead,
    const std::function<bool(const cache::CacheKey&, const HitForMiss&)>& is_mark_dead,
    const std::function<bool()>& may_go_on) {
  return state_->shards[shard]->sweep(is_dead, is_mark_dead, may_go_on);
}

void MemoryStore::walk_shard(std::size_t shard, const Visit& visit) const {
  state_->shards[shard]->walk(visit);
}

void MemoryStore::raise_uses(const cache::StoredResponse& like, std::uint32_t uses) {
  state_->shards[place_of(like.key())]->raise_uses(like, uses);
}

void MemoryStore::end_period() {
  for (const auto& shard : state_->shards) shard->end_period();
}

StoreStats MemoryStore::stats() const {
  const Ledger& ledger = state_->ledger;
  return {.entries = ledger.entries,
          .bytes = ledger.bytes,
          .in_flight_bytes = ledger.in_flight_bytes,
          .size_max = ledger.size_max,
          .evictions = ledger.evictions,
          .insertions = ledger.insertions,
          .swept = ledger.swept,
          .private_entries = ledger.private_copies.entries,
          .private_bytes = ledger.private_copies.bytes,
          .private_size_max = ledger.private_copies.size_max};
}

}  // namespace larder::store
