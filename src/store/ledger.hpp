// The store's one account of bytes, and its counters. Any thread.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace larder::store {

// An eighth of the budget is the most that private copies may hold, growing ones included. Each serves one
// visitor, so that a byte of the shared pages saves the upstream far more work; and anybody can have as many
// sessions as he makes up. An eighth of 256 MiB is still 1,500 pages of 20 KiB.
inline constexpr std::uint64_t private_share = 8;

struct Account {
  explicit Account(std::uint64_t most) : size_max(most) {}

  const std::uint64_t size_max;
  std::atomic<std::uint64_t> bytes{0};  // landed, reserved for landing, index, and in flight
  std::atomic<std::uint64_t> in_flight_bytes{0};
  std::atomic<std::uint64_t> entries{0};

  bool is_over() const noexcept { return bytes.load(std::memory_order_relaxed) > size_max; }
  // Changes the account from what somebody held to what they hold now.
  void change(std::uint64_t before, std::uint64_t after) noexcept {
    bytes.fetch_add(after - before, std::memory_order_relaxed);  // wraps around, and is right
  }
};

// Of everything; private copies are counted in an account of their own as well, without their index.
struct Ledger : Account {
  explicit Ledger(std::uint64_t most) : Account(most), private_copies(most / private_share) {}

  Account private_copies;
  std::atomic<std::uint64_t> parts{0};  // of the entries: what is stored of something in part
  std::atomic<std::uint64_t> evictions{0};
  std::atomic<std::uint64_t> insertions{0};
  std::atomic<std::uint64_t> swept{0};
};

// What a hash table of `capacity` places of `place_size` bytes holds at its worst: half as much again, which
// is its former self while it grows into this one.
inline std::uint64_t table_bytes(std::uint64_t capacity, std::uint64_t place_size) noexcept {
  const std::uint64_t with_metadata = capacity * place_size + capacity * 16 / 15;
  return with_metadata * 3 / 2;
}

// Hash tables do not shrink by themselves: after a purge of nearly everything they would stay as large as
// they were. Moving what is left costs no more than a fraction of the erasures before it.
template <typename Table>
void give_back(Table& table) {
  constexpr std::size_t capacity_min = 128;  // too little to be worth it
  constexpr std::size_t emptiness = 8;       // so that growing again takes many insertions
  if (table.bucket_count() > capacity_min && table.size() < table.bucket_count() / emptiness) table.rehash(0);
}

}  // namespace larder::store
