#include "store/shard.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "larder/base/text.hpp"
#include "larder/cache/allocation.hpp"
#include "store/variant_match.hpp"

namespace larder::store {
namespace {

// Evictions and steps of a walk under one hold of the lock.
constexpr std::size_t batch_max = 64;
// Removals by the sweep: each looks its entry up, and hits wait for the lock meanwhile.
constexpr std::size_t removals_max = 16;

std::uint64_t text_bytes(const std::string& text) {
  static const std::size_t inline_capacity = std::string().capacity();
  return text.capacity() > inline_capacity ? cache::allocated_size(text.capacity() + 1) : 0;
}

bool is_same_variant(const Entry& entry, std::string_view vary, std::string_view secondary) {
  return entry.vary() == vary && entry.secondary() == secondary;
}

// It stays one for as long as its entry lives: what replaces it there is of the same key.
bool is_part(const cache::StoredResponse& response) noexcept {
  return response.status() == 206;
}

}  // namespace

// Brackets a change of the shard: holds the lock, and tells the ledger the difference. `garbage` is declared
// before it, so that it is destroyed after the lock is let go.
class Shard::Change {
 public:
  // `reserved` of the ledger, and as much of the private copies' account if `is_private`.
  explicit Change(Shard& shard, std::uint64_t reserved = 0, bool is_private = false)
      : shard_(shard),
        lock_(shard.mutex_),
        before_(shard.bytes_held() + reserved),
        private_before_(shard.private_.cost() + (is_private ? reserved : 0)) {}
  ~Change() {
    shard_.ledger_.change(before_, shard_.bytes_held());
    shard_.ledger_.private_copies.change(private_before_, shard_.private_.cost());
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  Shard& shard_;
  std::lock_guard<std::mutex> lock_;
  std::uint64_t before_;
  std::uint64_t private_before_;
};

Shard::~Shard() {
  while (Entry* const entry = evict_next(ledger_)) {
    index_.erase(*entry);
    EntryDeleter()(entry);
  }
}

// The bytes of a body that grows are in flight, and are counted there.
std::uint64_t Shard::cost_of(const cache::StoredResponse& response) {
  const bool is_growing = response.body_state() == cache::Body::State::growing;
  const std::uint64_t in_flight = is_growing ? response.body()->allocated() : 0;
  const std::uint64_t cost =
      response.cost() +
      cache::allocated_size(sizeof(Entry));  // after `in_flight` was read: never less than it
  return cost - std::min(in_flight, cost);
}

std::uint64_t Shard::cost_of(const Mark& mark) {
  return cache::allocated_size(sizeof(Mark)) + text_bytes(mark.marked_key.text) +
         text_bytes(mark.marked_vary) + text_bytes(mark.marked_secondary);
}

std::uint64_t Shard::bytes_held() const noexcept {
  return shared_.cost() + private_.cost() + index_.bytes() + shared_.ghost_bytes() + private_.ghost_bytes();
}

std::uint64_t Shard::bytes_held(const Account& account) const noexcept {
  return &account == &ledger_.private_copies ? private_.cost() : bytes_held();
}

void Shard::look_up(const cache::CacheKey& key, const http::Fields& request, const cache::CookieRule& cookies,
                    base::MonoTime now, LookUp& result, Use use) {
  result.response.reset();
  result.has_other_variants = false;
  result.hit_for_miss.reset();
  VariantMatch match(request, cookies);
  const std::lock_guard lock(mutex_);
  Entry* const head = index_.find(key);
  base::assign_if_other(result.last_vary, head ? head->vary() : std::string_view());
  if (!head) return;
  Entry* selected = nullptr;
  for (Entry* entry = head; entry; entry = entry->older()) {
    const bool is_wanted = entry->response || !result.hit_for_miss;
    const bool is_selected = is_wanted && match.selects(entry->vary(), entry->secondary());
    if (entry->response) {
      if (is_selected && (!selected || cache::is_preferred(*entry->response, *selected->response, now)))
        selected = entry;
      result.has_other_variants = result.has_other_variants || !is_selected;
    } else if (is_selected && mark_of(*entry).value.expires_at > now) {
      S3Fifo::touch(*entry);
      result.hit_for_miss = mark_of(*entry).value;
    }
  }
  if (!selected) return;
  if (use == Use::counted) {
    S3Fifo::touch(*selected);
    selected->note_use(period_);
  }
  result.response = selected->response;
}

std::vector<cache::StoredPtr> Shard::variants(const cache::CacheKey& key) {
  std::vector<cache::StoredPtr> responses;
  const std::lock_guard lock(mutex_);
  for (const Entry* entry = index_.find(key); entry; entry = entry->older()) {
    if (entry->response) responses.push_back(entry->response);
  }
  return responses;
}

void Shard::insert(EntryPtr entry) {
  if (entry->response) {
    counts_.add_groups(*entry->response);
    ++ledger_.entries;
    if (is_part(*entry->response)) ++ledger_.parts;
    if (entry->is_private) ++ledger_.private_copies.entries;
  }
  queue_of(*entry).insert(*entry);
  index_.insert(*entry.release());
}

void Shard::take_out(Entry& entry, Garbage& garbage) {
  index_.erase(entry);
  if (entry.response) {
    if (!holds_response(entry.key())) counts_.subtract_key(entry.key());
    counts_.subtract_groups(*entry.response);
    --ledger_.entries;
    if (is_part(*entry.response)) --ledger_.parts;
    if (entry.is_private) --ledger_.private_copies.entries;
  }
  garbage.entries.emplace_back(&entry);
}

void Shard::remove(Entry& entry, Garbage& garbage) {
  queue_of(entry).remove(entry);
  take_out(entry, garbage);
}

// A renewed response keeps the place that its predecessor earned.
void Shard::set_response(Entry& entry, cache::StoredPtr next, Garbage& garbage) {
  assert(is_part(*next) == is_part(*entry.response));
  index_.erase(entry);
  queue_of(entry).set_cost(entry, cost_of(*next));
  counts_.add_groups(*next);
  counts_.subtract_groups(*entry.response);
  garbage.responses.push_back(std::exchange(entry.response, std::move(next)));
  index_.insert(entry);
}

void Shard::remove_marks_replaced_by(const cache::StoredResponse& response, Garbage& garbage) {
  for (Entry* entry = index_.find(response.key()); entry;) {
    Entry* const next = entry->older();
    const bool is_of_another_variant =
        entry->vary() == response.vary() && entry->secondary() != response.secondary();
    if (!entry->response && !is_of_another_variant) remove(*entry, garbage);
    entry = next;
  }
}

// At most variants_max responses and as many marks; the oldest leaves.
void Shard::bound_chain(const cache::KeyView& key, Garbage& garbage) {
  std::size_t responses = 0;
  std::size_t marks = 0;
  for (Entry* entry = index_.find(key); entry;) {
    Entry* const next = entry->older();
    if (++(entry->response ? responses : marks) > variants_max) {
      if (entry->response) ++ledger_.evictions;
      remove(*entry, garbage);
    }
    entry = next;
  }
}

// Responses stand before marks.
bool Shard::holds_response(const cache::KeyView& key) const {
  const Entry* const head = index_.find(key);
  return head && head->response;
}

Put Shard::put(cache::StoredPtr response, std::uint64_t reserved, std::uint32_t keys_max) {
  Garbage garbage;
  const Change change(*this, reserved, response->key().is_private());
  return put_locked(std::move(response), keys_max, garbage);
}

Put Shard::put_locked(cache::StoredPtr response, std::uint32_t keys_max, Garbage& garbage) {
  const cache::KeyView key = response->key();
  Entry* const head = index_.find(key);
  Entry* same = head;
  while (same && !(same->response && is_same_variant(*same, response->vary(), response->secondary()))) {
    same = same->older();
  }
  if (same && same->response->sequence > response->sequence) return Put::not_kept;
  const bool is_new = !head || !head->response;  // responses stand before marks
  if (is_new && !counts_.add_key(key, keys_max)) return Put::too_many_keys;
  if (head) remove_marks_replaced_by(*response, garbage);
  ++ledger_.insertions;
  if (same) {
    set_response(*same, std::move(response), garbage);
    return Put::kept;
  }
  EntryPtr entry(new Entry(response));
  entry->cost = cost_of(*response);
  insert(std::move(entry));
  if (head) bound_chain(key, garbage);
  return Put::kept;
}

Entry* Shard::find_same(const cache::StoredPtr& response) const {
  Entry* entry = index_.find(response->key());
  while (entry && entry->response != response) entry = entry->older();
  return entry;
}

bool Shard::replace(const cache::StoredPtr& previous, cache::StoredPtr next, std::uint64_t reserved) {
  assert(previous->key().text == next->key().text);
  Garbage garbage;
  const Change change(*this, reserved, next->key().is_private());
  Entry* const entry = find_same(previous);
  if (!entry) return false;
  set_response(*entry, std::move(next), garbage);
  return true;
}

void Shard::put_mark(std::unique_ptr<Mark> mark, std::uint64_t reserved) {
  Garbage garbage;
  const Change change(*this, reserved, mark->is_private);
  for (Entry* entry = index_.find(mark->key()); entry; entry = entry->older()) {
    if (!is_same_variant(*entry, mark->vary(), mark->secondary())) continue;
    if (entry->sequence() > mark->value.sequence) return;  // something newer is known
    if (entry->response) continue;
    mark_of(*entry).value = mark->value;
    return;
  }
  mark->cost = cost_of(*mark);
  const cache::KeyView key = mark->key();
  insert(EntryPtr(mark.release()));
  bound_chain(key, garbage);
}

void Shard::remove(const cache::StoredPtr& response) {
  Garbage garbage;
  const Change change(*this);
  if (Entry* const entry = find_same(response)) remove(*entry, garbage);
}

// Where everything has too little room, one eviction in eight, which is their share, takes a private copy:
// the copies of sessions that have ended must not lie there for ever because nobody makes new ones.
Entry* Shard::evict_next(const Account& account) {
  if (&account == &ledger_.private_copies) return private_.evict();
  const bool is_private_turn = ++turn_ % private_share == 0;
  if (Entry* const entry = (is_private_turn ? private_ : shared_).evict()) return entry;
  return (is_private_turn ? shared_ : private_).evict();
}

void Shard::evict_while_over(const Account& account) {
  while (account.is_over()) {
    Garbage garbage;
    const Change change(*this);
    // The account learns of what leaves when the change ends: until then it is counted here.
    const std::uint64_t before = bytes_held(account);
    while (garbage.entries.size() < batch_max && account.bytes.load(std::memory_order_relaxed) >
                                                     account.size_max + (before - bytes_held(account))) {
      Entry* const entry = evict_next(account);
      if (!entry) return;
      if (entry->response) ++ledger_.evictions;
      take_out(*entry, garbage);
    }
  }
}

// Over both queues.
class Shard::Walk {
 public:
  explicit Walk(Shard& shard) : shard_(shard) {
    const std::lock_guard lock(shard_.mutex_);
    shard_.shared_.begin(shared_);
    shard_.private_.begin(private_);
  }
  ~Walk() {
    const std::lock_guard lock(shard_.mutex_);
    shard_.shared_.end(shared_);
    shard_.private_.end(private_);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  // With the shard's lock held.
  Entry* next() {
    Entry* const entry = shard_.shared_.next_of(shared_);
    return entry ? entry : shard_.private_.next_of(private_);
  }

 private:
  Shard& shard_;
  S3Fifo::Walk shared_;
  S3Fifo::Walk private_;
};

// What is dead is found out without the lock, and removed under it a few at a time, so that no look-up waits
// for more than a few microseconds.
std::size_t Shard::sweep(const IsDead& is_dead, const IsMarkDead& is_mark_dead, const MayGoOn& may_go_on) {
  std::size_t removed = 0;
  Walk walk(*this);
  std::vector<cache::StoredPtr> batch;
  batch.reserve(batch_max);
  for (bool is_at_end = false; !is_at_end && (!may_go_on || may_go_on());) {
    {
      Garbage garbage;
      const Change change(*this);
      is_at_end = !take_batch(walk, is_mark_dead, batch, garbage);
      removed += garbage.entries.size();
    }
    std::erase_if(batch, [&](const cache::StoredPtr& response) { return !is_dead(*response); });
    removed += remove_all(batch);
    batch.clear();
  }
  ledger_.swept += removed;
  return removed;
}

// The next responses of the walk; dead marks leave at once. False at its end.
bool Shard::take_batch(Walk& walk, const IsMarkDead& is_mark_dead, std::vector<cache::StoredPtr>& batch,
                       Garbage& garbage) {
  for (std::size_t i = 0; i < batch_max; ++i) {
    Entry* const entry = walk.next();
    if (!entry) return false;
    if (entry->response) {
      batch.push_back(entry->response);
    } else if (is_mark_dead(mark_of(*entry).marked_key, mark_of(*entry).value)) {
      remove(*entry, garbage);
    }
  }
  return true;
}

// Those of them that are still there.
std::size_t Shard::remove_all(const std::vector<cache::StoredPtr>& responses) {
  std::size_t removed = 0;
  for (std::size_t begin = 0; begin < responses.size(); begin += removals_max) {
    Garbage garbage;
    const Change change(*this);
    const std::size_t end = std::min(begin + removals_max, responses.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (Entry* const entry = find_same(responses[i])) remove(*entry, garbage);
    }
    removed += garbage.entries.size();
  }
  return removed;
}

void Shard::walk(const Visit& visit) {
  struct Seen {
    cache::StoredPtr response;
    std::uint32_t uses;
  };
  std::vector<Seen> batch;
  batch.reserve(batch_max);
  Walk walk(*this);
  for (bool is_at_end = false; !is_at_end;) {
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < batch_max && !is_at_end; ++i) {
        const Entry* const entry = walk.next();
        is_at_end = entry == nullptr;
        if (entry && entry->response) batch.push_back({entry->response, entry->uses_in(period_)});
      }
    }
    for (const Seen& seen : batch) {
      if (!visit(seen.response, seen.uses)) return;
    }
    batch.clear();
  }
}

void Shard::raise_uses(const cache::StoredResponse& like, std::uint32_t uses) {
  const std::lock_guard lock(mutex_);
  for (Entry* entry = index_.find(like.key()); entry; entry = entry->older()) {
    if (!entry->response || !is_same_variant(*entry, like.vary(), like.secondary())) continue;
    entry->raise_uses(uses, period_);
  }
}

void Shard::end_period() {
  const std::lock_guard lock(mutex_);
  ++period_;
}

}  // namespace larder::store
