// A bounded ring of lines from one worker to the log thread.
//
// One producer (claim, publish) and one consumer (front, pop), each on its own thread; neither waits for the
// other. A line lies in one piece: one that might not fit before the end of the buffer begins at its start,
// and the consumer is told where to skip. What finds no room is refused and counted. Nothing stands between
// two lines, so that many are written to a file at once from where they are.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

namespace larder::obs {

// Two threads write here: each has a cache line of its own.
class AccessRing {  // NOLINT(clang-analyzer-optin.performance.Padding)
 public:
  // A power of two; or 0 for a ring that refuses everything and counts nothing.
  explicit AccessRing(std::size_t capacity);

  // Room for a line of at most that size, or null: dropped. Not visible to the consumer until publish().
  char* claim(std::size_t size_max) noexcept;
  // The line, in the room that was claimed last.
  void publish(std::size_t size) noexcept;

  // The oldest lines, as many as lie in one piece; empty: there are none. Valid until they are popped.
  std::string_view front() noexcept;
  // So many bytes of them have been read.
  void pop(std::size_t size) noexcept;

  std::size_t capacity() const noexcept { return capacity_; }
  // Bytes in use; exact on neither thread, for deciding how soon to come back.
  std::size_t used() const noexcept {
    return written_.load(std::memory_order_acquire) - read_.load(std::memory_order_acquire);
  }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t cache_line_size = 64;

  bool has_room(std::uint64_t size) noexcept;
  std::size_t place_of(std::uint64_t position) const noexcept { return position & (capacity_ - 1); }

  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  // Positions only grow; their remainder by the capacity is the place. Written by the producer:
  alignas(cache_line_size) std::atomic<std::uint64_t> written_{0};
  // From where on to the end of the buffer nothing is. There is one such place in the ring at most: before
  // the producer comes to the end again, the consumer has passed it.
  std::atomic<std::uint64_t> skipped_from_{std::numeric_limits<std::uint64_t>::max()};
  std::uint64_t claimed_ = 0;
  std::uint64_t read_seen_ =
      0;  // the producer's last look at read_, which spares it the consumer's cache line
  std::atomic<std::uint64_t> dropped_{0};
  // Written by the consumer:
  alignas(cache_line_size) std::atomic<std::uint64_t> read_{0};
};

}  // namespace larder::obs
