// The entries of a shard by cache key: under each key a chain, responses first (the newest fetch first), then
// hit-for-miss marks (newest first). Full keys are compared, never hashes alone. Not synchronised: the
// shard's lock guards it.
#pragma once
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

#include "store/entry.hpp"

namespace larder::store {

class Index {
 public:
  // The head of the key's chain, or null.
  Entry* find(const cache::CacheKey& key) const;
  void insert(Entry& entry);
  void erase(Entry& entry);
  // Of the hash table, at its worst.
  std::uint64_t bytes() const noexcept;

 private:
  struct Slot {
    std::uint64_t hash;
    mutable Entry* head;  // of a chain whose entries have one key, so that a change of head moves no slot
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;  // XXH3 already
    std::size_t operator()(const Slot& slot) const noexcept { return slot.hash; }
    std::size_t operator()(const cache::CacheKey& key) const noexcept { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const noexcept { return (*this)(a, b.head->key()); }
    bool operator()(const Slot& slot, const cache::CacheKey& key) const noexcept {
      return slot.hash == key.hash && slot.head->key().text == key.text;
    }
    bool operator()(const cache::CacheKey& key, const Slot& slot) const noexcept {
      return (*this)(slot, key);
    }
  };

  boost::unordered_flat_set<Slot, Hash, Equal> slots_;
};

}  // namespace larder::store
