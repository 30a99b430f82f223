#include "obs/access_ring.hpp"

#include <algorithm>

namespace larder::obs {

AccessRing::AccessRing(std::size_t capacity)
    : capacity_(capacity), bytes_(capacity == 0 ? nullptr : new char[capacity]) {}

bool AccessRing::has_room(std::uint64_t size) noexcept {
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  if (written + size - read_seen_ <= capacity_) return true;
  read_seen_ = read_.load(std::memory_order_acquire);
  return written + size - read_seen_ <= capacity_;
}

char* AccessRing::claim(std::size_t size_max) noexcept {
  if (capacity_ == 0) return nullptr;
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  const std::uint64_t to_end = capacity_ - place_of(written);
  const std::uint64_t skipped = size_max > to_end ? to_end : 0;
  if (!has_room(size_max + skipped)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return nullptr;
  }
  claimed_ = written + skipped;
  return bytes_.get() + place_of(claimed_);
}

void AccessRing::publish(std::size_t size) noexcept {
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  if (claimed_ != written) skipped_from_.store(written, std::memory_order_relaxed);
  written_.store(claimed_ + size, std::memory_order_release);
}

std::string_view AccessRing::front() noexcept {
  std::uint64_t begin = read_.load(std::memory_order_relaxed);
  const std::uint64_t written = written_.load(std::memory_order_acquire);
  if (begin == written) return {};
  // Perhaps it is of what was published since: then it is not before `written`.
  const std::uint64_t skipped_from = skipped_from_.load(std::memory_order_relaxed);
  if (begin == skipped_from) {
    begin += capacity_ - place_of(begin);
    read_.store(begin, std::memory_order_release);
  }
  std::uint64_t end = std::min(written, begin + capacity_ - place_of(begin));
  if (begin < skipped_from) end = std::min(end, skipped_from);
  return {bytes_.get() + place_of(begin), end - begin};
}

void AccessRing::pop(std::size_t size) noexcept {
  read_.store(read_.load(std::memory_order_relaxed) + size, std::memory_order_release);
}

}  // namespace larder::obs
