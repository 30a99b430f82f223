// How many responses are stored for each host and path, whatever their query. By hash alone: a collision only
// makes an invalidation that was not needed. Any thread; its locks are taken last and hold nothing up.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>

#include "larder/cache/key.hpp"
#include "store/ledger.hpp"

namespace larder::store {

class UrlCounts {
 public:
  explicit UrlCounts(Ledger& ledger) : ledger_(ledger) {}
  void add(const cache::CacheKey& key);
  void subtract(const cache::CacheKey& key);
  bool holds(const cache::CacheKey& key) const;

 private:
  struct Stripe {
    mutable std::mutex mutex;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts;
  };
  static constexpr std::size_t stripe_count = 16;
  static std::uint64_t hash_of(const cache::CacheKey& key) noexcept;
  static std::uint64_t bytes_of(const Stripe& stripe) noexcept;
  // The table inside mixes the hash once more.
  static std::size_t place_of(std::uint64_t hash) noexcept { return (hash >> 24) % stripe_count; }

  Ledger& ledger_;
  std::array<Stripe, stripe_count> stripes_;
};

}  // namespace larder::store
