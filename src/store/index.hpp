// The entries of a shard by cache key: under each key a chain, responses first (the newest fetch first), then
// hit-for-miss marks (newest first). Full keys are compared, never hashes alone. Not synchronised: the
// shard's lock guards it.
//
// Linear hashing (Litwin, "Linear hashing: a new tool for file and table addressing", VLDB 1980): as many
// buckets as entries, one more or less at a time, each split off another or joined to it again. So the table
// is never moved as a whole while look-ups wait for the lock, and never holds more than it needs: eight
// bytes for each entry, beside the link in it.
//
// Who looks for what is not stored reads one word as a rule: what costs is memory that no processor has near.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "store/entry.hpp"

namespace larder::store {

class Index {
 public:
  Index();
  // The head of the key's chain, or null.
  Entry* find(const cache::KeyView& key) const;
  void insert(Entry& entry);
  void erase(Entry& entry);
  // Of the buckets.
  std::uint64_t bytes() const noexcept;

 private:
  static constexpr std::size_t segment_size = 128;
  using Segment = std::array<EntryLink, segment_size>;

  // Where a link stands.
  struct Place {
    EntryLink* link = nullptr;
    EntryLink* before = nullptr;  // what leads to the entry that it stands in; null: it stands in a bucket

    void set(EntryLink next) const noexcept;
    Place behind() const noexcept;
  };

  EntryLink& bucket(std::size_t number) const noexcept {
    return (*segments_[number / segment_size])[number % segment_size];
  }
  EntryLink& bucket_of(std::uint64_t hash) const noexcept { return bucket(number_of(hash)); }
  Place place_for(const Entry& entry, const cache::KeyView& key) const noexcept;
  std::size_t number_of(std::uint64_t hash) const noexcept;
  void set_bucket_count(std::size_t count) noexcept;
  void add_bucket();
  void remove_bucket();

  std::vector<std::unique_ptr<Segment>> segments_;
  std::size_t bucket_count_ = segment_size;
  std::size_t mask_ = 2 * segment_size - 1;  // of the hashes' bits, while buckets are split
  std::size_t entry_count_ = 0;
};

}  // namespace larder::store
