// The stored responses in memory: sharded, bounded in bytes, evicted by S3-FIFO (Yang et al., SOSP 2023).
//
// Any thread. Each operation takes one shard's lock for a few look-ups; responses leave as shared references,
// never as copies. A hit only raises a two-bit counter. The budget is one for all shards, and counts keys,
// heads, bodies, index and allocator waste; bodies that still grow are counted by add_in_flight, and what
// they hold is taken off the room for landed ones. Private copies hold at most a share of the budget, an
// eighth: past it they evict each other.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/purge_log.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::store {

// The memory that a key is not shareable, so that nobody waits for it.
struct HitForMiss {
  std::uint64_t sequence = 0;  // of the fetch that showed it; outdated by later purges that match
  base::MonoTime expires_at{};
};
inline constexpr base::Duration hit_for_miss_lifetime = std::chrono::seconds(120);
// Responses kept under one key: more would let one URL fill a shard and make its look-up long. The oldest
// leaves.
inline constexpr std::size_t variants_max = 64;

// Does who looks up give out what he finds, or only want to know of it?
enum class Use : std::uint8_t { counted, not_counted };

struct LookUp {
  cache::StoredPtr response;  // the selected variant, of several the preferred one (is_preferred), or null
  bool has_other_variants = false;
  // Of the newest response under the key (also while it is not selected); where there is none, of the newest
  // hit-for-miss mark.
  std::string last_vary;
  std::optional<HitForMiss>
      hit_for_miss;  // of this variant: its secondary key under the mark's Vary; unexpired
};

enum class Put : std::uint8_t {
  kept,
  not_kept,
  too_many_keys,  // of its host and path
};

struct StoreStats {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // counted against the budget, in flight included
  std::uint64_t in_flight_bytes = 0;
  std::uint64_t size_max = 0;
  std::uint64_t evictions = 0;
  std::uint64_t insertions = 0;
  std::uint64_t swept = 0;
  // Of these, private copies (cache/private_copy.hpp), in flight included; their share of size_max.
  std::uint64_t private_entries = 0;
  std::uint64_t private_bytes = 0;
  std::uint64_t private_size_max = 0;
};

class MemoryStore {
 public:
  // `shard_count` 0: by size, between 1 and shards_max.
  explicit MemoryStore(std::uint64_t size_max, std::size_t shard_count = 0);
  ~MemoryStore();
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  // Selects by the secondary key of `request` under each variant's own Vary (RFC 9111 section 4.1). `now`
  // only expires hit-for-miss marks. Overwrites `result`, whose last_vary keeps its capacity.
  void look_up(const cache::CacheKey& key, const http::Fields& request, const cache::CookieRule& cookies,
               base::MonoTime now, LookUp& result, Use use = Use::counted);

  // Is anything stored in part (cache/part.hpp)? A word; what other threads put just now may be missing.
  bool holds_parts() const noexcept;

  // All responses stored under the key, newest first.
  std::vector<cache::StoredPtr> variants(const cache::CacheKey& key) const;

  // Inserts, replacing the variant of the same Vary and secondary key, the hit-for-miss mark of it, and the
  // marks under another Vary. An entry larger than the room beside the growing bodies is not kept (returns
  // false). Where the one it would replace has a newer sequence, nothing changes and it returns false. Evicts
  // as needed. A body that still grows is counted by add_in_flight until replace() puts its landed form.
  bool put(cache::StoredPtr response) { return put_within(std::move(response), 0) == Put::kept; }
  // The same, but a key that is new under its host and path is not kept where `keys_max` of them are stored
  // already (0: any number). Exact, whatever other threads put.
  Put put_within(cache::StoredPtr response, std::uint32_t keys_max);
  // Would a new key of this one's host and path be kept? Where not, entries of that path that are stale
  // leave at the next free_places().
  bool has_place(const cache::CacheKey& key, std::uint32_t keys_max);
  // Walks the store if a key found no place since the last call: removes what is past its lifetime under
  // the paths that were full: grace may be a day, and a stranger who took the places would keep them as long.
  // Returns how many; nothing where it did not walk.
  std::optional<std::size_t> free_places(base::MonoTime now);
  // Puts `next` where `previous` still is, keeping its place and counter (they may be the same: its cost is
  // then counted anew); otherwise does nothing and returns false: a landing must not bring back what was
  // replaced or evicted meanwhile.
  bool replace(const cache::StoredPtr& previous, cache::StoredPtr next);
  // Removes it if it is still there.
  void remove(const cache::StoredPtr& response);
  // `secondary` under `vary` tells variants apart; a bounded number is kept, as entries of the budget.
  void mark_hit_for_miss(const cache::CacheKey& key, std::string_view vary, std::string_view secondary,
                         HitForMiss mark);
  // Is anything stored under this key's host and path, whatever its query? (RFC 9111 section 4.4
  // invalidations.)
  bool holds_url(const cache::CacheKey& key) const;
  // Is a response of this group stored (cache/groups.hpp)?
  bool holds_group(std::string_view label) const;
  // Is a private copy of this session stored?
  bool holds_session(std::string_view digest) const;

  // Bytes of growing bodies. False when they would pass their share (half) of the budget, or those of private
  // copies theirs: the caller must not keep growing a stored body. Every add is matched by a subtract.
  bool add_in_flight(std::uint64_t bytes, bool is_private = false);
  void subtract_in_flight(std::uint64_t bytes, bool is_private = false);

  // Walks one shard's responses, oldest first: none that is there all the while is left out. `uses` is how
  // often it was given out lately: a count that end_period() halves, and that remembers a single use for
  // eight of them. Called without any lock, so that it may take its time and ask the store; false ends the
  // walk. Not for a worker's thread: it takes as long as the shard is large.
  using Visit = std::function<bool(const cache::StoredPtr& response, std::uint32_t uses)>;
  void walk_shard(std::size_t shard, const Visit& visit) const;
  // Counts the variant that is stored as this one is as used at least so often: it replaces what was.
  void raise_uses(const cache::StoredResponse& like, std::uint32_t uses);
  // Halves what counts as recent use, of everything at once.
  void end_period();

  // Walks one shard and removes what `is_dead` names, hit-for-miss marks that `is_mark_dead` names; returns
  // how many. is_mark_dead is called with the shard's lock held and must not call the store, is_dead without
  // any. Between batches `may_go_on` is asked, without a lock too: it may take a rest, and false ends the
  // sweep before its end.
  std::size_t sweep_shard(std::size_t shard, const std::function<bool(const cache::StoredResponse&)>& is_dead,
                          const std::function<bool(const cache::CacheKey&, const HitForMiss&)>& is_mark_dead,
                          const std::function<bool()>& may_go_on = {});
  std::size_t shard_count() const noexcept;
  static constexpr std::size_t shards_max = 16;
  static constexpr std::uint64_t shard_size_min = std::uint64_t{16} * 1024 * 1024;
  StoreStats stats() const;

 private:
  struct State;
  std::size_t place_of(const cache::KeyPlaces& key) const noexcept;
  // Adds `bytes` to the account, evicting as needed; false, and nothing added, when that cannot be.
  bool make_room(std::size_t first_shard, std::uint64_t bytes, bool is_private);

  std::unique_ptr<State> state_;
};

}  // namespace larder::store
