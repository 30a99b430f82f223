// One thing that a shard keeps: a stored response, or a hit-for-miss mark. In one eviction queue, and in one
// bucket of the index. Guarded by its shard's lock.
#pragma once
#include <algorithm>
#include <bit>
#include <boost/intrusive/list_hook.hpp>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "larder/store/memory_store.hpp"

namespace larder::store {

class Entry;

// An entry, sixteen bits of its key's hash, and whether another follows it in its bucket, in one word: who
// looks for another key does not touch the entry, which lies anywhere in memory, unless it has to pass it by.
// The pointers of user space have 48 bits, on x86-64 and on 64-bit Arm.
class EntryLink {
 public:
  EntryLink() = default;
  EntryLink(Entry& entry, std::uint64_t hash) noexcept
      : bits_(reinterpret_cast<std::uintptr_t>(&entry) | (hash & tag_mask)) {
    assert((reinterpret_cast<std::uintptr_t>(&entry) & (tag_mask | followed)) == 0);
  }
  explicit operator bool() const noexcept { return bits_ != 0; }
  Entry* entry() const noexcept { return std::bit_cast<Entry*>(bits_ & ~(tag_mask | followed)); }
  // The rest is not of a null link.
  bool may_be_of(std::uint64_t hash) const noexcept { return ((bits_ ^ hash) & tag_mask) == 0; }
  bool is_followed() const noexcept { return (bits_ & followed) != 0; }
  void set_followed(bool is) noexcept { bits_ = is ? bits_ | followed : bits_ & ~followed; }

 private:
  static constexpr std::uint64_t tag_mask = std::uint64_t{0xFFFF} << 48U;
  static constexpr std::uint64_t followed = 1;
  std::uint64_t bits_ = 0;
};

class Entry : public boost::intrusive::list_base_hook<> {
 public:
  explicit Entry(cache::StoredPtr stored)
      : response(std::move(stored)), is_private(response->key().is_private()) {}

  cache::StoredPtr response;  // null: this is a Mark
  EntryLink next;             // of the index: in its bucket, those of one key in a row
  std::uint64_t cost = 0;
  // How often it was given out lately, up to `use_period`, each time counted as `use_weight`: halved with
  // each period that ends, when it is next looked at, so that a period's end costs nothing.
  std::uint32_t use_count = 0;
  std::uint16_t use_period = 0;
  std::uint8_t hits = 0;  // 0 to 3
  bool is_in_main : 1 = false;
  bool is_private : 1;  // of one session's copies: another queue, another account

  // A single use is remembered for eight periods.
  static constexpr std::uint32_t use_weight = 256;
  std::uint32_t uses_in(std::uint16_t period) const noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{count_in(period)} + use_weight - 1) / use_weight);
  }
  void note_use(std::uint16_t period) noexcept {
    use_count = count_in(period);
    use_period = period;
    if (use_count <= UINT32_MAX - use_weight) use_count += use_weight;
  }
  void raise_uses(std::uint32_t uses, std::uint16_t period) noexcept {
    const std::uint32_t count = std::min(uses, UINT32_MAX / use_weight) * use_weight;
    use_count = std::max(count_in(period), count);
    use_period = period;
  }
  std::uint32_t count_in(std::uint16_t period) const noexcept {
    const auto ended = static_cast<std::uint16_t>(period - use_period);  // wraps around with the periods
    return ended < 32 ? use_count >> ended : 0;
  }

  cache::KeyView key() const noexcept;
  bool has_key(const cache::KeyView& key) const noexcept;
  std::string_view vary() const noexcept;
  std::string_view secondary() const noexcept;
  std::uint64_t sequence() const noexcept;
  // The next of its key, or null.
  Entry* older() const noexcept;

 protected:
  explicit Entry(bool is_private_mark) : is_private(is_private_mark) {}
};
static_assert(sizeof(Entry) == 48);

// A hit-for-miss mark: an entry without a response.
class Mark : public Entry {
 public:
  Mark(cache::CacheKey marked, std::string_view its_vary, std::string_view its_secondary, HitForMiss mark)
      : Entry(marked.is_private()),
        marked_key(std::move(marked)),
        marked_vary(its_vary),
        marked_secondary(its_secondary),
        value(mark) {}

  cache::CacheKey marked_key;
  std::string marked_vary;
  std::string marked_secondary;
  HitForMiss value;
};

// Of an entry without a response.
inline Mark& mark_of(Entry& entry) noexcept {
  return static_cast<Mark&>(entry);
}
inline const Mark& mark_of(const Entry& entry) noexcept {
  return static_cast<const Mark&>(entry);
}

struct EntryDeleter {
  void operator()(Entry* entry) const noexcept {
    if (entry->response) {
      delete entry;
    } else {
      delete &mark_of(*entry);
    }
  }
};
using EntryPtr = std::unique_ptr<Entry, EntryDeleter>;

inline cache::KeyView Entry::key() const noexcept {
  return response ? response->key() : mark_of(*this).marked_key.view();
}

inline bool Entry::has_key(const cache::KeyView& key) const noexcept {
  if (response) return response->has_key(key.hash, key.text);
  const cache::CacheKey& own = mark_of(*this).marked_key;
  return own.hash == key.hash && own.text == key.text;
}

inline std::string_view Entry::vary() const noexcept {
  return response ? response->vary() : mark_of(*this).marked_vary;
}

inline std::string_view Entry::secondary() const noexcept {
  return response ? response->secondary() : mark_of(*this).marked_secondary;
}

inline std::uint64_t Entry::sequence() const noexcept {
  return response ? response->sequence : mark_of(*this).value.sequence;
}

inline Entry* Entry::older() const noexcept {
  if (!next) return nullptr;
  const cache::KeyView own = key();
  return next.may_be_of(own.hash) && next.entry()->has_key(own) ? next.entry() : nullptr;
}

}  // namespace larder::store
