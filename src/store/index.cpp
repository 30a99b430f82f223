#include "store/index.hpp"

#include "store/ledger.hpp"

namespace larder::store {
namespace {

bool belongs_before(const Entry& entry, const Entry& other) {
  if (!other.response) return true;
  return entry.response && entry.response->sequence >= other.response->sequence;
}

}  // namespace

Entry* Index::find(const cache::CacheKey& key) const {
  const auto slot = slots_.find(key);
  return slot == slots_.end() ? nullptr : slot->head;
}

void Index::insert(Entry& entry) {
  entry.older = nullptr;
  const auto slot = slots_.find(entry.key());
  if (slot == slots_.end()) {
    slots_.insert(Slot{entry.key().hash, &entry});
    return;
  }
  Entry** place = &slot->head;
  while (*place && !belongs_before(entry, **place)) place = &(*place)->older;
  entry.older = *place;
  *place = &entry;
}

void Index::erase(Entry& entry) {
  const auto slot = slots_.find(entry.key());
  if (slot->head == &entry && !entry.older) {
    slots_.erase(slot);
    give_back(slots_);
    return;
  }
  Entry** place = &slot->head;
  while (*place != &entry) place = &(*place)->older;
  *place = entry.older;
}

std::uint64_t Index::bytes() const noexcept {
  return table_bytes(slots_.bucket_count(), sizeof(Slot));
}

}  // namespace larder::store
