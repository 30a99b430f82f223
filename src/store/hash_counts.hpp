// How many are stored of each of something, by its hash alone: a collision only makes an invalidation that
// was not needed, or two paths share their places. Any thread; its locks are taken last and hold nothing up.
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
  // One more is counted, unless there are `most` already (0: any number): then false.
  bool add(std::uint64_t hash, std::uint32_t most = 0);
  void subtract(std::uint64_t hash);
  bool holds(std::uint64_t hash) const;
  bool has_place(std::uint64_t hash, std::uint32_t most);
  // Where there was no place since the last call; of very many, some.
  Hashes take_full();

 private:
  // By the upper half of the hash, which the table mixes once more. With the bits that choose the stripe two
  // in seventy thousand million meet.
  using Table = boost::unordered_flat_map<std::uint32_t, std::uint32_t>;
  struct Stripe {
    mutable std::mutex mutex;
    Table counts;
    Hashes full;
  };
  static constexpr std::size_t stripe_count = 16;
  static constexpr std::size_t full_max = 256;  // remembered in a stripe
  static std::uint64_t bytes_of(const Stripe& stripe) noexcept;
  static std::size_t place_of(std::uint64_t hash) noexcept { return (hash >> 24) % stripe_count; }
  static std::uint32_t name_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

  // `count` are there. With the stripe's lock held.
  bool is_full(Stripe& stripe, std::uint64_t hash, std::uint32_t count, std::uint32_t most);

  Ledger& ledger_;
  std::array<Stripe, stripe_count> stripes_;
  std::atomic<bool> was_any_full_{false};
};

// What is stored for each host and path, whatever the query, for each session, and for each group.
class Counts {
 public:
  explicit Counts(Ledger& ledger)
      : urls_(ledger), private_urls_(ledger), sessions_(ledger), groups_(ledger) {}
  // A key of which responses are stored: before its first one is, and after its last one is not any more.
  // Of a host and path no more than `most` are counted (0: any number), which `query.max_variants` bounds;
  // false where there is no place. Private copies have always one: their share of the memory bounds them.
  // Decided and counted at once, under the lock of the key's shard.
  bool add_key(const cache::KeyView& key, std::uint32_t most);
  void subtract_key(const cache::KeyView& key);
  bool has_place(const cache::KeyView& key, std::uint32_t most);
  Hashes take_full() { return urls_.take_full(); }
  bool holds_url(const cache::KeyView& key) const;
  bool holds_session(std::string_view digest) const;
  // Of the response's group labels (cache/groups.hpp).
  void add_groups(const cache::StoredResponse& response);
  void subtract_groups(const cache::StoredResponse& response);
  bool holds_group(std::string_view label) const;
  static std::uint64_t url_hash(const cache::KeyView& key) noexcept;

 private:
  HashCounts urls_;
  HashCounts private_urls_;
  HashCounts sessions_;
  HashCounts groups_;
};

}  // namespace larder::store
