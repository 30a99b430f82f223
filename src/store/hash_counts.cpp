#include "store/hash_counts.hpp"

#include "larder/base/hash.hpp"

namespace larder::store {
namespace {

std::uint64_t url_hash(const cache::CacheKey& key) noexcept {
  return base::hash64(std::string_view(key.text).substr(key.host_begin, key.path_end - key.host_begin));
}

}  // namespace

std::uint64_t HashCounts::bytes_of(const Stripe& stripe) noexcept {
  return table_bytes(stripe.counts.bucket_count(), sizeof(*stripe.counts.begin()));
}

void HashCounts::add(std::uint64_t hash) {
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const std::uint64_t before = bytes_of(stripe);
  ++stripe.counts[hash];
  ledger_.change(before, bytes_of(stripe));
}

void HashCounts::subtract(std::uint64_t hash) {
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.counts.find(hash);
  if (--found->second == 0) stripe.counts.erase(found);
}

bool HashCounts::holds(std::uint64_t hash) const {
  const Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  return stripe.counts.contains(hash);
}

void Counts::add(const cache::CacheKey& key) {
  urls_.add(url_hash(key));
  if (key.is_private()) sessions_.add(base::hash64(key.session()));
}

void Counts::subtract(const cache::CacheKey& key) {
  urls_.subtract(url_hash(key));
  if (key.is_private()) sessions_.subtract(base::hash64(key.session()));
}

bool Counts::holds_url(const cache::CacheKey& key) const {
  return urls_.holds(url_hash(key));
}

bool Counts::holds_session(std::string_view digest) const {
  return sessions_.holds(base::hash64(digest));
}

}  // namespace larder::store
