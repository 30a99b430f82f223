// A part of the store: an index, its eviction queues and the lock that guards both. What leaves is destroyed
// after the lock is let go, since freeing a large response takes its time. Any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "larder/store/memory_store.hpp"
#include "store/hash_counts.hpp"
#include "store/index.hpp"
#include "store/ledger.hpp"
#include "store/s3_fifo.hpp"

namespace larder::store {

class Shard {
 public:
  Shard(Ledger& ledger, Counts& counts) : ledger_(ledger), counts_(counts) {}
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void look_up(const cache::CacheKey& key, const http::Fields& request, const cache::CookieRule& cookies,
               base::MonoTime now, LookUp& result, Use use);
  std::vector<cache::StoredPtr> variants(const cache::CacheKey& key);

  // These count what they keep in the ledger, and take `reserved` bytes off it, whatever they return.
  Put put(cache::StoredPtr response, std::uint64_t reserved, std::uint32_t keys_max);
  bool replace(const cache::StoredPtr& previous, cache::StoredPtr next, std::uint64_t reserved);
  void put_mark(std::unique_ptr<Mark> mark, std::uint64_t reserved);

  void remove(const cache::StoredPtr& response);
  // Evicts while the account, the ledger or its private copies', is over its budget and something is left.
  void evict_while_over(const Account& account);

  using Visit = MemoryStore::Visit;
  using IsDead = std::function<bool(const cache::StoredResponse&)>;
  using IsMarkDead = std::function<bool(const cache::CacheKey&, const HitForMiss&)>;
  using MayGoOn = std::function<bool()>;
  std::size_t sweep(const IsDead& is_dead, const IsMarkDead& is_mark_dead, const MayGoOn& may_go_on = {});
  void walk(const Visit& visit);
  void raise_uses(const cache::StoredResponse& like, std::uint32_t uses);
  void end_period();

  static std::uint64_t cost_of(const cache::StoredResponse& response);
  static std::uint64_t cost_of(const Mark& mark);

 private:
  struct Garbage {
    std::vector<EntryPtr> entries;
    std::vector<cache::StoredPtr> responses;  // whose entries stay
  };
  class Change;
  class Walk;

  std::size_t remove_all(const std::vector<cache::StoredPtr>& responses);

  // All of these with the lock held.
  Entry* find_same(const cache::StoredPtr& response) const;
  void insert(EntryPtr entry);
  void set_response(Entry& entry, cache::StoredPtr next, Garbage& garbage);
  void remove(Entry& entry, Garbage& garbage);
  void take_out(Entry& entry, Garbage& garbage);
  void remove_marks_replaced_by(const cache::StoredResponse& response, Garbage& garbage);
  void bound_chain(const cache::KeyView& key, Garbage& garbage);
  Put put_locked(cache::StoredPtr response, std::uint32_t keys_max, Garbage& garbage);
  bool holds_response(const cache::KeyView& key) const;
  bool take_batch(Walk& walk, const IsMarkDead& is_mark_dead, std::vector<cache::StoredPtr>& batch,
                  Garbage& garbage);
  S3Fifo& queue_of(const Entry& entry) noexcept { return entry.is_private ? private_ : shared_; }
  Entry* evict_next(const Account& account);
  std::uint64_t bytes_held() const noexcept;
  std::uint64_t bytes_held(const Account& account) const noexcept;

  Ledger& ledger_;
  Counts& counts_;
  std::mutex mutex_;
  Index index_;
  S3Fifo shared_;
  S3Fifo private_;  // hence private copies push out each other, whatever the shared ones do
  std::uint64_t turn_ = 0;
  std::uint16_t period_ = 0;  // of Entry::use_count
};

}  // namespace larder::store
