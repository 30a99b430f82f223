// What the allocator makes of a wish: jemalloc's size classes, which the budget counts and by which a stored
// response is laid out.
#pragma once
#include <bit>
#include <cstdint>

namespace larder::cache {

// The largest class that shares its pages with others; what is larger has a page more than it needs.
inline constexpr std::uint64_t slab_size_max = std::uint64_t{14} * 1024;

// The bytes of memory that an allocation of `bytes` really takes: the size class, and the page by which
// jemalloc shifts large ones (its option cache_oblivious).
constexpr std::uint64_t allocated_size(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t page_size = 4096;
  if (bytes <= 8) return 8;
  if (bytes <= 128) return (bytes + 15) & ~std::uint64_t{15};
  // Four classes to each doubling.
  const std::uint64_t step = std::bit_ceil(bytes) / 8;
  const std::uint64_t size_class = (bytes + step - 1) & ~(step - 1);
  return bytes <= slab_size_max ? size_class : size_class + page_size;
}

// The largest size class that `bytes`, 16 or more of them, would fill.
constexpr std::uint64_t size_class_within(std::uint64_t bytes) noexcept {
  const std::uint64_t step = bytes < 128 ? 16 : std::bit_floor(bytes) / 4;
  return bytes & ~(step - 1);
}

}  // namespace larder::cache
