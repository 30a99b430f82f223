// How many responses are stored for each of something, and under how many keys, by its hash alone: a
// collision only makes an invalidation that was not needed, or two paths share their places. Any thread; its
// locks are taken last and hold nothing up.
#pragma once
#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <mutex>

#include "larder/cache/stored_response.hpp"
#include "store/ledger.hpp"

namespace larder::store {

using Hashes = boost::unordered_flat_set<std::uint64_t>;

class HashCounts {
 public:
  explicit HashCounts(Ledger& ledger) : ledger_(ledger) {}
  void add(std::uint64_t hash);
  void subtract(std::uint64_t hash);
  bool holds(std::uint64_t hash) const;

  // Of the responses' keys. One more is counted, unless there are `most` already (0: any number): then false.
  // Before the key's first response is counted, and taken off before its last one is.
  bool add_key(std::uint64_t hash, std::uint32_t most);
  void subtract_key(std::uint64_t hash);
  bool has_place(std::uint64_t hash, std::uint32_t most);
  // Where a key found no place since the last call; of very many, some.
  Hashes take_full();

 private:
  struct Count {
    std::uint32_t responses = 0;
    std::uint32_t keys = 0;
  };
  struct Stripe {
    mutable std::mutex mutex;
    boost::unordered_flat_map<std::uint64_t, Count> counts;
    Hashes full;
  };
  static constexpr std::size_t stripe_count = 16;
  static constexpr std::size_t full_max = 256;  // remembered in a stripe
  static std::uint64_t bytes_of(const Stripe& stripe) noexcept;
  // The table inside mixes the hash once more.
  static std::size_t place_of(std::uint64_t hash) noexcept { return (hash >> 24) % stripe_count; }

  // With the stripe's lock held.
  bool is_full(Stripe& stripe, std::uint64_t hash, std::uint32_t most);

  Ledger& ledger_;
  std::array<Stripe, stripe_count> stripes_;
  std::atomic<bool> was_any_full_{false};
};

// What is stored for each host and path, whatever the query, for each session, and for each group.
class Counts {
 public:
  explicit Counts(Ledger& ledger) : urls_(ledger), sessions_(ledger), groups_(ledger) {}
  void add(const cache::CacheKey& key);
  void subtract(const cache::CacheKey& key);
  bool holds_url(const cache::CacheKey& key) const;
  bool holds_session(std::string_view digest) const;
  // Of the response's group labels (cache/groups.hpp).
  void add_groups(const cache::StoredResponse& response);
  void subtract_groups(const cache::StoredResponse& response);
  bool holds_group(std::string_view label) const;

  // The keys under a host and path, which `query.max_variants` bounds. Private copies are left out: their
  // share of the memory bounds them. Decided and counted at once, under the lock of the key's shard.
  bool add_key(const cache::CacheKey& key, std::uint32_t most);
  void subtract_key(const cache::CacheKey& key);
  bool has_place(const cache::CacheKey& key, std::uint32_t most);
  Hashes take_full() { return urls_.take_full(); }
  static std::uint64_t url_hash(const cache::CacheKey& key) noexcept;

 private:
  HashCounts urls_;
  HashCounts sessions_;
  HashCounts groups_;
};

}  // namespace larder::store
