#include "store/s3_fifo.hpp"

#include <bit>

#include "larder/base/hash.hpp"

namespace larder::store {

std::uint64_t S3Fifo::ghost_hash(const Entry& entry) {
  const std::uint64_t hash = entry.key().hash;
  return entry.secondary().empty() ? hash : hash ^ std::rotl(base::hash64(entry.secondary()), 1);
}

void S3Fifo::insert(Entry& entry) {
  entry.hits = 0;
  push(entry, ghost_.take(ghost_hash(entry), ghost_window()));
}

void S3Fifo::push(Entry& entry, bool is_in_main) {
  entry.is_in_main = is_in_main;
  (is_in_main ? main_ : small_).push_front(entry);
  (is_in_main ? main_cost_ : small_cost_) += entry.cost;
}

void S3Fifo::unlink(Entry& entry) {
  for (Walk* const walk : walks_) step_past(entry, *walk);
  Queue& queue = entry.is_in_main ? main_ : small_;
  queue.erase(queue.iterator_to(entry));
  (entry.is_in_main ? main_cost_ : small_cost_) -= entry.cost;
}

void S3Fifo::remove(Entry& entry) {
  unlink(entry);
}

void S3Fifo::set_cost(Entry& entry, std::uint64_t cost) {
  std::uint64_t& sum = entry.is_in_main ? main_cost_ : small_cost_;
  sum += cost - entry.cost;  // may wrap around, and is right
  entry.cost = cost;
}

bool S3Fifo::evicts_from_small() const {
  if (main_.empty() || small_.empty()) return main_.empty();
  return small_cost_ * small_share >= cost();
}

// Ends: each turn takes one entry out, or one hit off an entry, or moves one from small to main.
Entry* S3Fifo::evict() {
  while (!small_.empty() || !main_.empty()) {
    const bool is_from_small = evicts_from_small();
    Entry& entry = is_from_small ? small_.back() : main_.back();
    unlink(entry);
    if (entry.hits == 0) {
      ghost_.add(ghost_hash(entry), ghost_window());
      return &entry;
    }
    entry.hits = is_from_small ? 0 : entry.hits - 1;
    push(entry, true);
  }
  return nullptr;
}

// Both queues are walked from their tails, small before main: whatever moves, moves to main's front, which is
// visited last.
void S3Fifo::begin(Walk& walk) {
  walk.is_in_main_ = small_.empty();
  Queue& queue = walk.is_in_main_ ? main_ : small_;
  walk.next_ = queue.empty() ? nullptr : &queue.back();
  walks_.push_back(&walk);
}

Entry* S3Fifo::next_of(Walk& walk) {
  Entry* const entry = walk.next_;
  if (entry) step_past(*entry, walk);
  return entry;
}

void S3Fifo::step_past(Entry& entry, Walk& walk) {
  if (walk.next_ != &entry) return;
  Queue& queue = walk.is_in_main_ ? main_ : small_;
  const auto place = queue.iterator_to(entry);
  if (place != queue.begin()) {
    walk.next_ = &*std::prev(place);
    return;
  }
  walk.next_ = walk.is_in_main_ || main_.empty() ? nullptr : &main_.back();
  walk.is_in_main_ = true;
}

}  // namespace larder::store
