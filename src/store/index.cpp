#include "store/index.hpp"

#include <bit>
#include <random>

#include "larder/cache/allocation.hpp"

namespace larder::store {
namespace {

bool belongs_before(const Entry& entry, const Entry& other) {
  if (!other.response) return true;
  return entry.response && entry.response->sequence >= other.response->sequence;
}

bool leads_to(const EntryLink& link, const cache::KeyView& key) {
  return link.may_be_of(key.hash) && link.entry()->has_key(key);
}

// Buckets are chosen by bits that nobody outside can know: else a stranger could make up URLs that all fall
// into one, and look-ups there would be long.
std::uint64_t mixed(std::uint64_t hash) noexcept {
  static const std::uint64_t multiplier = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device() | 1U;
  }();
  return (hash * multiplier) >> 24U;
}

}  // namespace

Index::Index() {
  segments_.push_back(std::make_unique<Segment>());
}

void Index::set_bucket_count(std::size_t count) noexcept {
  bucket_count_ = count;
  mask_ = 2 * std::bit_floor(count) - 1;
}

// What belongs into a bucket that has not been split off yet is in the one that will be split.
std::size_t Index::number_of(std::uint64_t hash) const noexcept {
  const std::uint64_t bits = mixed(hash);
  const std::size_t number = bits & mask_;
  return number < bucket_count_ ? number : bits & (mask_ >> 1U);
}

void Index::Place::set(EntryLink next) const noexcept {
  *link = next;
  if (before) before->set_followed(static_cast<bool>(next));
}

Index::Place Index::Place::behind() const noexcept {
  return {&link->entry()->next, link};
}

Entry* Index::find(const cache::KeyView& key) const {
  EntryLink link = bucket_of(key.hash);
  while (link && !leads_to(link, key)) link = link.is_followed() ? link.entry()->next : EntryLink();
  return link ? link.entry() : nullptr;
}

// In the row of its key; where there is none, the bucket's first place, which costs no way to its end.
Index::Place Index::place_for(const Entry& entry, const cache::KeyView& key) const noexcept {
  const Place first{&bucket_of(key.hash)};
  Place place = first;
  while (*place.link && !leads_to(*place.link, key)) {
    if (!place.link->is_followed()) return first;
    place = place.behind();
  }
  while (*place.link && leads_to(*place.link, key) && !belongs_before(entry, *place.link->entry()))
    place = place.behind();
  return place;
}

void Index::insert(Entry& entry) {
  const cache::KeyView key = entry.key();
  const Place place = place_for(entry, key);
  entry.next = *place.link;
  EntryLink link(entry, key.hash);
  link.set_followed(static_cast<bool>(entry.next));
  place.set(link);
  if (++entry_count_ > bucket_count_) add_bucket();
}

void Index::erase(Entry& entry) {
  Place place{&bucket_of(entry.key().hash)};
  while (place.link->entry() != &entry) place = place.behind();
  place.set(entry.next);
  --entry_count_;
  while (bucket_count_ > segment_size && entry_count_ < bucket_count_ / 2) remove_bucket();
}

// Takes its entries out of the bucket that they share so far, in their order.
void Index::add_bucket() {
  const std::size_t added = bucket_count_;
  if (added % segment_size == 0) segments_.push_back(std::make_unique<Segment>());
  Place from{&bucket(added - std::bit_floor(added))};
  Place to{&bucket(added)};
  set_bucket_count(added + 1);
  while (*from.link) {
    Entry& entry = *from.link->entry();
    if (number_of(entry.key().hash) != added) {
      from = from.behind();
      continue;
    }
    to.set(*from.link);
    from.set(entry.next);
    to = to.behind();
  }
  to.set({});
}

// Gives its entries back to that bucket.
void Index::remove_bucket() {
  const std::size_t removed = bucket_count_ - 1;
  Place place{&bucket(removed - std::bit_floor(removed))};
  while (*place.link) place = place.behind();
  place.set(bucket(removed));
  bucket(removed) = {};
  set_bucket_count(removed);
  if (bucket_count_ % segment_size == 0) segments_.pop_back();
}

std::uint64_t Index::bytes() const noexcept {
  return segments_.size() * cache::allocated_size(sizeof(Segment)) +
         cache::allocated_size(segments_.capacity() * sizeof(segments_[0]));
}

}  // namespace larder::store
