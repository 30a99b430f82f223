#include "obs/access_ring.hpp"

#include <cstring>

namespace larder::obs {
namespace {

constexpr std::size_t prefix_size = 8;  // the message's size, padded so that messages stay aligned
constexpr std::uint32_t skip_mark = 0xffffffff;

std::uint64_t frame_size(std::size_t payload) noexcept {
  return (prefix_size + payload + 7) & ~std::uint64_t{7};
}

}  // namespace

AccessRing::AccessRing(std::size_t capacity)
    : capacity_(capacity), bytes_(capacity == 0 ? nullptr : new char[capacity]) {}

void AccessRing::write_size(std::uint64_t position, std::uint32_t size) noexcept {
  std::memcpy(bytes_.get() + (position & (capacity_ - 1)), &size, sizeof size);
}

std::uint32_t AccessRing::size_at(std::uint64_t position) const noexcept {
  std::uint32_t size = 0;
  std::memcpy(&size, bytes_.get() + (position & (capacity_ - 1)), sizeof size);
  return size;
}

bool AccessRing::has_room(std::uint64_t size) noexcept {
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  if (written + size - read_seen_ <= capacity_) return true;
  read_seen_ = read_.load(std::memory_order_acquire);
  return written + size - read_seen_ <= capacity_;
}

char* AccessRing::claim(std::size_t size) noexcept {
  if (capacity_ == 0) return nullptr;
  const std::uint64_t frame = frame_size(size);
  std::uint64_t begin = written_.load(std::memory_order_relaxed);
  const std::uint64_t to_end = capacity_ - (begin & (capacity_ - 1));
  const std::uint64_t skipped = frame > to_end ? to_end : 0;
  if (!has_room(frame + skipped)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return nullptr;
  }
  if (skipped > 0) write_size(begin, skip_mark);
  begin += skipped;
  write_size(begin, static_cast<std::uint32_t>(size));
  claimed_ = begin + frame;
  return bytes_.get() + (begin & (capacity_ - 1)) + prefix_size;
}

std::string_view AccessRing::front() noexcept {
  std::uint64_t begin = read_.load(std::memory_order_relaxed);
  if (begin == written_.load(std::memory_order_acquire)) return {};
  if (size_at(begin) == skip_mark) {
    begin += capacity_ - (begin & (capacity_ - 1));
    read_.store(begin, std::memory_order_release);
  }
  return {bytes_.get() + (begin & (capacity_ - 1)) + prefix_size, size_at(begin)};
}

void AccessRing::pop() noexcept {
  const std::uint64_t begin = read_.load(std::memory_order_relaxed);
  read_.store(begin + frame_size(size_at(begin)), std::memory_order_release);
}

}  // namespace larder::obs
