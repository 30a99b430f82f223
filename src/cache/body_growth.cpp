#include "cache/body_growth.hpp"

#include <algorithm>
#include <utility>

namespace larder::cache {

std::size_t Body::Growth::live_count() const {
  return static_cast<std::size_t>(
      std::count_if(claims.begin(), claims.end(), [](const auto& item) { return !item.second.is_too_slow; }));
}

std::optional<std::uint64_t> Body::Growth::fastest() const {
  std::optional<std::uint64_t> result;
  for (const auto& [id, claim] : claims) {
    if (!claim.is_too_slow) result = std::max(result.value_or(0), claim.offset);
  }
  return result;
}

std::optional<std::uint64_t> Body::Growth::slowest() const {
  std::optional<std::uint64_t> result;
  for (const auto& [id, claim] : claims) {
    if (!claim.is_too_slow) result = std::min(result.value_or(claim.offset), claim.offset);
  }
  return result;
}

bool Body::Growth::may_write(std::uint64_t size) const {
  const std::optional<std::uint64_t> place = fastest();
  if (!place && had_reader) return true;
  return size < place.value_or(0) + read_ahead_max;
}

void Body::Growth::collect_waiters(Wakes& wakes) {
  for (auto& [id, claim] : claims) {
    if (claim.wake) wakes.push_back(std::exchange(claim.wake, nullptr));
  }
}

void Body::Growth::collect_writer(std::uint64_t size, Wakes& wakes) {
  if (writer_wake && may_write(size)) wakes.push_back(std::exchange(writer_wake, nullptr));
}

void Body::Growth::fail_laggards(Wakes& wakes) {
  const std::uint64_t front = fastest().value_or(0);
  for (auto& [id, claim] : claims) {
    if (claim.is_too_slow || front <= claim.offset || front - claim.offset <= lag_max) continue;
    claim.is_too_slow = true;
    if (claim.wake) wakes.push_back(std::exchange(claim.wake, nullptr));
  }
}

void Body::Growth::release_chunk(std::unique_ptr<char[]> chunk, std::uint64_t chunk_begin,
                                 std::uint64_t chunk_end) {
  const std::shared_ptr<char[]> shared = std::move(chunk);
  for (auto& [id, claim] : claims) {
    const bool is_in_use = claim.offset < chunk_end && chunk_begin < claim.peeked_end;
    if (claim.is_too_slow && is_in_use) claim.pinned.push_back(shared);
  }
}

}  // namespace larder::cache
