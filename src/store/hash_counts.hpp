// How many responses are stored for each of something, by its hash alone: a collision only makes an
// invalidation that was not needed. Any thread; its locks are taken last and hold nothing up.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>

#include "larder/cache/key.hpp"
#include "store/ledger.hpp"

namespace larder::store {

class HashCounts {
 public:
  explicit HashCounts(Ledger& ledger) : ledger_(ledger) {}
  void add(std::uint64_t hash);
  void subtract(std::uint64_t hash);
  bool holds(std::uint64_t hash) const;

 private:
  struct Stripe {
    mutable std::mutex mutex;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts;
  };
  static constexpr std::size_t stripe_count = 16;
  static std::uint64_t bytes_of(const Stripe& stripe) noexcept;
  // The table inside mixes the hash once more.
  static std::size_t place_of(std::uint64_t hash) noexcept { return (hash >> 24) % stripe_count; }

  Ledger& ledger_;
  std::array<Stripe, stripe_count> stripes_;
};

// What is stored for each host and path, whatever the query, and for each session.
class Counts {
 public:
  explicit Counts(Ledger& ledger) : urls_(ledger), sessions_(ledger) {}
  void add(const cache::CacheKey& key);
  void subtract(const cache::CacheKey& key);
  bool holds_url(const cache::CacheKey& key) const;
  bool holds_session(std::string_view digest) const;

 private:
  HashCounts urls_;
  HashCounts sessions_;
};

}  // namespace larder::store
