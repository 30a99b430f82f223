#include "store/url_counts.hpp"

#include "larder/base/hash.hpp"

namespace larder::store {

std::uint64_t UrlCounts::hash_of(const cache::CacheKey& key) noexcept {
  return base::hash64(std::string_view(key.text).substr(key.host_begin, key.path_end - key.host_begin));
}

std::uint64_t UrlCounts::bytes_of(const Stripe& stripe) noexcept {
  return table_bytes(stripe.counts.bucket_count(), sizeof(*stripe.counts.begin()));
}

void UrlCounts::add(const cache::CacheKey& key) {
  const std::uint64_t hash = hash_of(key);
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const std::uint64_t before = bytes_of(stripe);
  ++stripe.counts[hash];
  ledger_.change(before, bytes_of(stripe));
}

void UrlCounts::subtract(const cache::CacheKey& key) {
  const std::uint64_t hash = hash_of(key);
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.counts.find(hash);
  if (--found->second == 0) stripe.counts.erase(found);
}

bool UrlCounts::holds(const cache::CacheKey& key) const {
  const std::uint64_t hash = hash_of(key);
  const Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  return stripe.counts.contains(hash);
}

}  // namespace larder::store
