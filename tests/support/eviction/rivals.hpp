// The caches that are compared: the store as shipped, LRU within the same bytes, and the best that never
// changes what it keeps.
//
// A visit of either is what an exchange does: look up, and put what was not there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

#include "larder/store/memory_store.hpp"
#include "support/eviction/trace.hpp"

namespace larder::eviction {

using SizeOf = std::function<std::size_t(Object)>;  // of the body, in bytes

// Key, head and body of an object as they are stored.
cache::CacheKey key_of(Object object);
cache::StoredPtr response_of(Object object, std::size_t body_size);

class StoreCache {
 public:
  // `shards` 0: as many as the store makes by itself.
  StoreCache(std::uint64_t budget, std::size_t shards, SizeOf size_of);
  bool visit(Object object);
  const store::MemoryStore& store() const noexcept { return store_; }

 private:
  store::MemoryStore store_;
  SizeOf size_of_;
  store::LookUp found_;
};

// Exact, and of one piece: what the store loses by its shards is the store's loss.
class LruCache {
 public:
  // `overhead`: what an entry takes beside its response, which is that of the store's entries.
  LruCache(std::uint64_t budget, std::uint64_t overhead, SizeOf size_of);
  bool visit(Object object);

 private:
  struct Kept {
    Object object;
    std::uint64_t cost;
  };
  std::uint64_t budget_;
  std::uint64_t overhead_;
  SizeOf size_of_;
  std::uint64_t held_ = 0;
  std::list<Kept> order_;  // the one used last in front
  std::unordered_map<Object, std::list<Kept>::iterator> places_;
};

// Bytes that an entry of the store takes beside its response's own cost, without eviction: index and entry.
std::uint64_t entry_overhead(std::size_t body_size);

struct Result {
  std::size_t visits = 0;  // after the warm-up
  std::size_t store_hits = 0;
  std::size_t lru_hits = 0;
  // Of a cache that knows beforehand what will be asked for most per byte, and keeps that and nothing else.
  std::size_t fixed_hits = 0;

  double percent(std::size_t hits) const {
    return 100 * static_cast<double>(hits) / static_cast<double>(visits);
  }
  double gain_points() const { return percent(store_hits) - percent(lru_hits); }
};

// The first quarter of the trace warms up. `budget` in bytes, for all alike.
Result compare(const Trace& trace, std::uint64_t budget, const SizeOf& size_of, std::size_t shards = 0);
// The bytes that hold this share of the objects, of those that a trace of `objects` asks for again.
std::uint64_t budget_for(std::size_t objects, double share, const SizeOf& size_of);

}  // namespace larder::eviction
