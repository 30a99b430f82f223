// A bounded ring of byte messages from one worker to the log thread.
//
// One producer (claim, publish) and one consumer (front, pop), each on its own thread; neither waits for the
// other. A message lies in one piece: one that would not fit before the end of the buffer begins at its
// start, and a mark tells the consumer to skip. What finds no room is refused and counted.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace larder::obs {

// Two threads write here: each has a cache line of its own.
class AccessRing {  // NOLINT(clang-analyzer-optin.performance.Padding)
 public:
  // A power of two, at least 64; or 0 for a ring that refuses everything and counts nothing.
  explicit AccessRing(std::size_t capacity);

  // Room for one message, or null: dropped. Not visible to the consumer until publish().
  char* claim(std::size_t size) noexcept;
  void publish() noexcept { written_.store(claimed_, std::memory_order_release); }

  // The oldest message, or an empty view. Valid until pop().
  std::string_view front() noexcept;
  void pop() noexcept;

  std::size_t capacity() const noexcept { return capacity_; }
  // Bytes in use; exact on neither thread, for deciding how soon to come back.
  std::size_t used() const noexcept {
    return written_.load(std::memory_order_acquire) - read_.load(std::memory_order_acquire);
  }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t cache_line_size = 64;

  bool has_room(std::uint64_t size) noexcept;
  void write_size(std::uint64_t position, std::uint32_t size) noexcept;
  std::uint32_t size_at(std::uint64_t position) const noexcept;

  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  // Positions only grow; their remainder by the capacity is the place. Written by the producer:
  alignas(cache_line_size) std::atomic<std::uint64_t> written_{0};
  std::uint64_t claimed_ = 0;
  std::uint64_t read_seen_ =
      0;  // the producer's last look at read_, which spares it the consumer's cache line
  std::atomic<std::uint64_t> dropped_{0};
  // Written by the consumer:
  alignas(cache_line_size) std::atomic<std::uint64_t> read_{0};
};

}  // namespace larder::obs
