// One thing that a shard keeps: a stored response, or a hit-for-miss mark. In one eviction queue, and in the
// chain of its key. Guarded by its shard's lock.
#pragma once
#include <algorithm>
#include <boost/intrusive/list_hook.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "larder/store/memory_store.hpp"

namespace larder::store {

struct Mark {
  cache::CacheKey key;
  std::string vary;
  std::string secondary;
  HitForMiss value;
};

struct Entry : boost::intrusive::list_base_hook<> {
  explicit Entry(cache::StoredPtr stored) : response(std::move(stored)), is_private(key().is_private()) {}
  explicit Entry(std::unique_ptr<Mark> made) : mark(std::move(made)), is_private(key().is_private()) {}

  cache::StoredPtr response;   // null: a mark
  std::unique_ptr<Mark> mark;  // null: a response
  Entry* older = nullptr;      // the next of its key
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

  const cache::CacheKey& key() const noexcept { return response ? response->key : mark->key; }
  const std::string& vary() const noexcept { return response ? response->vary : mark->vary; }
  const std::string& secondary() const noexcept { return response ? response->secondary : mark->secondary; }
  std::uint64_t sequence() const noexcept { return response ? response->sequence : mark->value.sequence; }
};

}  // namespace larder::store
