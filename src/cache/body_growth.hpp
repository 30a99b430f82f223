// What a body needs only while it grows: its readers' places, whom to wake, and the window.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "larder/cache/body.hpp"

namespace larder::cache {

struct Body::Growth {
  struct Claim {
    std::uint64_t offset = 0;
    std::uint64_t peeked_end = 0;  // [offset, peeked_end) may be on its way to a socket right now
    Wake wake;
    bool is_too_slow = false;
    // What a failed reader may still be sending, kept alive for it after the body let go of it.
    std::vector<std::shared_ptr<char[]>> pinned;
  };

  // The writer's own, used without the lock.
  std::size_t next_piece_size = piece_size_min;
  std::unique_ptr<char[]> fresh;  // allocated, not published yet
  char* tail = nullptr;           // where the next byte goes
  std::size_t tail_room = 0;

  mutable std::mutex mutex;
  // All below, and the body's pieces, state and size when they change, are guarded by it.
  std::unordered_map<std::uint64_t, Claim> claims;
  std::uint64_t next_id = 1;
  bool had_reader = false;
  Wake writer_wake;
  std::uint64_t read_ahead_max = 0;
  std::uint64_t lag_max = 0;
  std::uint64_t begin = 0;   // offset of the first byte still held
  bool is_tail_full = true;  // else the writer may be filling the last piece, which must not be freed

  std::size_t live_count() const;
  // Of the readers that have not been failed; nothing when there is none.
  std::optional<std::uint64_t> fastest() const;
  std::optional<std::uint64_t> slowest() const;
  bool may_write(std::uint64_t size) const;
  void collect_waiters(Wakes& wakes);
  void collect_writer(std::uint64_t size, Wakes& wakes);
  void fail_laggards(Wakes& wakes);
  // Hands [begin, end) to the failed readers that may be sending it; frees it when there is none.
  void release_chunk(std::unique_ptr<char[]> chunk, std::uint64_t chunk_begin, std::uint64_t chunk_end);
};

}  // namespace larder::cache
