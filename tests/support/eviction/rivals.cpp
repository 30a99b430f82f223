#include "support/eviction/rivals.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "larder/cache/body.hpp"
#include "unit/store/store_fixture.hpp"

namespace larder::eviction {
namespace {

constexpr std::size_t usual_size = 1024;

struct Wanted {
  std::size_t visits = 0;
  std::uint64_t cost = 0;
};

std::size_t hits_of_fixed(const Trace& trace, std::size_t begin, std::uint64_t budget, std::uint64_t overhead,
                          const SizeOf& size_of) {
  std::unordered_map<Object, Wanted> wanted;
  for (std::size_t i = begin; i < trace.size(); ++i) ++wanted[trace[i]].visits;
  std::vector<Wanted> order;
  for (auto& [object, each] : wanted) {
    if (each.visits < 2) continue;
    each.cost = response_of(object, size_of(object))->cost() + overhead;
    order.push_back(each);
  }
  std::sort(order.begin(), order.end(),
            [](const Wanted& a, const Wanted& b) { return a.visits * b.cost > b.visits * a.cost; });
  std::size_t hits = 0;
  std::uint64_t held = 0;
  for (const Wanted& each : order) {
    if (held + each.cost > budget) break;
    held += each.cost;
    hits += each.visits - 1;
  }
  return hits;
}

}  // namespace

cache::CacheKey key_of(Object object) {
  return store::fixture::key_of("/pages/" + std::to_string(1'000'000'000 + object));
}

cache::StoredPtr response_of(Object object, std::size_t body_size) {
  return store::fixture::response_of(key_of(object), {.body_size = body_size});
}

StoreCache::StoreCache(std::uint64_t budget, std::size_t shards, SizeOf size_of)
    : store_(budget, shards), size_of_(std::move(size_of)) {}

bool StoreCache::visit(Object object) {
  static const http::Fields no_fields;
  store_.look_up(key_of(object), no_fields, store::fixture::no_cookie_rule, {}, found_);
  if (found_.response) return true;
  store_.put(response_of(object, size_of_(object)));
  return false;
}

LruCache::LruCache(std::uint64_t budget, std::uint64_t overhead, SizeOf size_of)
    : budget_(budget), overhead_(overhead), size_of_(std::move(size_of)) {}

bool LruCache::visit(Object object) {
  if (const auto found = places_.find(object); found != places_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return true;
  }
  const std::uint64_t cost = response_of(object, size_of_(object))->cost() + overhead_;
  if (cost > budget_) return false;
  for (held_ += cost; held_ > budget_; order_.pop_back()) {
    held_ -= order_.back().cost;
    places_.erase(order_.back().object);
  }
  order_.push_front({object, cost});
  places_[object] = order_.begin();
  return false;
}

std::uint64_t entry_overhead(std::size_t body_size) {
  constexpr Object count = 1000;
  store::MemoryStore roomy(std::uint64_t{256} << 20, 1);
  const std::uint64_t empty = roomy.stats().bytes;
  for (Object object = 0; object < count; ++object) roomy.put(response_of(object, body_size));
  return (roomy.stats().bytes - empty) / count - response_of(0, body_size)->cost();
}

Result compare(const Trace& trace, std::uint64_t budget, const SizeOf& size_of, std::size_t shards) {
  const std::uint64_t overhead = entry_overhead(usual_size);
  const std::size_t warm = trace.size() / 4;
  StoreCache store(budget, shards, size_of);
  LruCache lru(budget, overhead, size_of);
  Result result{.visits = trace.size() - warm};
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const bool is_store_hit = store.visit(trace[i]);
    const bool is_lru_hit = lru.visit(trace[i]);
    if (i < warm) continue;
    result.store_hits += is_store_hit ? 1 : 0;
    result.lru_hits += is_lru_hit ? 1 : 0;
  }
  result.fixed_hits = hits_of_fixed(trace, warm, budget, overhead, size_of);
  return result;
}

std::uint64_t budget_for(std::size_t objects, double share, const SizeOf& size_of) {
  const std::uint64_t overhead = entry_overhead(usual_size);
  std::uint64_t bytes = 0;
  for (Object object = 0; object < objects; ++object)
    bytes += response_of(object, size_of(object))->cost() + overhead;
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * share);
}

}  // namespace larder::eviction
