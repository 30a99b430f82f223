#include "store/hash_counts.hpp"

#include "larder/base/hash.hpp"
#include "larder/cache/groups.hpp"

namespace larder::store {

std::uint64_t HashCounts::bytes_of(const Stripe& stripe) noexcept {
  return table_bytes(stripe.counts.bucket_count(), sizeof(*stripe.counts.begin()));
}

bool HashCounts::is_full(Stripe& stripe, std::uint64_t hash, std::uint32_t count, std::uint32_t most) {
  if (most == 0 || count < most) return false;
  if (stripe.full.size() < full_max) stripe.full.insert(hash);
  was_any_full_.store(true, std::memory_order_relaxed);
  return true;
}

bool HashCounts::add(std::uint64_t hash, std::uint32_t most) {
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const std::uint64_t before = bytes_of(stripe);
  std::uint32_t& count = stripe.counts[name_of(hash)];
  if (is_full(stripe, hash, count, most)) return false;  // nothing was added: it was there
  ++count;
  ledger_.change(before, bytes_of(stripe));
  return true;
}

void HashCounts::subtract(std::uint64_t hash) {
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.counts.find(name_of(hash));
  if (--found->second > 0) return;
  const std::uint64_t before = bytes_of(stripe);
  stripe.counts.erase(found);
  give_back(stripe.counts);
  ledger_.change(before, bytes_of(stripe));
}

bool HashCounts::holds(std::uint64_t hash) const {
  const Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  return stripe.counts.contains(name_of(hash));
}

bool HashCounts::has_place(std::uint64_t hash, std::uint32_t most) {
  Stripe& stripe = stripes_[place_of(hash)];
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.counts.find(name_of(hash));
  return found == stripe.counts.end() || !is_full(stripe, hash, found->second, most);
}

Hashes HashCounts::take_full() {
  Hashes hashes;
  if (!was_any_full_.exchange(false, std::memory_order_relaxed)) return hashes;
  for (Stripe& stripe : stripes_) {
    const std::lock_guard lock(stripe.mutex);
    hashes.insert(stripe.full.begin(), stripe.full.end());
    stripe.full.clear();
  }
  return hashes;
}

std::uint64_t Counts::url_hash(const cache::KeyView& key) noexcept {
  return base::hash64(key.text.substr(key.host_begin, key.path_end - key.host_begin));
}

bool Counts::add_key(const cache::KeyView& key, std::uint32_t most) {
  if (!key.is_private()) return urls_.add(url_hash(key), most);
  private_urls_.add(url_hash(key));
  sessions_.add(base::hash64(key.session()));
  return true;
}

void Counts::subtract_key(const cache::KeyView& key) {
  if (!key.is_private()) return urls_.subtract(url_hash(key));
  private_urls_.subtract(url_hash(key));
  sessions_.subtract(base::hash64(key.session()));
}

bool Counts::has_place(const cache::KeyView& key, std::uint32_t most) {
  return key.is_private() || urls_.has_place(url_hash(key), most);
}

void Counts::add_groups(const cache::StoredResponse& response) {
  for (const std::string_view tag : response.tags()) {
    if (cache::is_group_label(tag)) groups_.add(base::hash64(tag));
  }
}

void Counts::subtract_groups(const cache::StoredResponse& response) {
  for (const std::string_view tag : response.tags()) {
    if (cache::is_group_label(tag)) groups_.subtract(base::hash64(tag));
  }
}

bool Counts::holds_group(std::string_view label) const {
  return groups_.holds(base::hash64(label));
}

bool Counts::holds_url(const cache::KeyView& key) const {
  return urls_.holds(url_hash(key)) || private_urls_.holds(url_hash(key));
}

bool Counts::holds_session(std::string_view digest) const {
  return sessions_.holds(base::hash64(digest));
}

}  // namespace larder::store
