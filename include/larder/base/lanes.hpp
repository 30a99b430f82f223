// Sixteen bytes looked at in one go, for the scans that every request pays for. One instruction each with
// SSE2, which every x86-64 has; the compiler's generic vectors elsewhere. Pure; any thread.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace larder::base {

class Lanes {
 public:
  static constexpr std::size_t count = 16;

  // The `count` bytes from here on.
  explicit Lanes(const char* bytes) noexcept { std::memcpy(&bytes_, bytes, sizeof bytes_); }

  // The lanes for which it is so, each all ones.
  class Mask {
   public:
    Mask operator|(Mask other) const noexcept { return Mask(bytes_ | other.bytes_); }
    // The number of lanes before the first set one; `count` when none is.
    std::size_t first() const noexcept {
      return static_cast<std::size_t>(std::countr_zero(bits() | 1U << count));
    }
    // A bit for each lane, the first lane's the lowest.
    std::uint32_t bits() const noexcept {
#ifdef __SSE2__
      return static_cast<std::uint32_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(bytes_)));
#else
      std::uint32_t bits = 0;
      for (std::size_t lane = 0; lane < count; ++lane) bits |= (bytes_[lane] & 1U) << lane;
      return bits;
#endif
    }

   private:
    friend class Lanes;
    using Bytes [[gnu::vector_size(count)]] = std::uint8_t;
    explicit Mask(Bytes bytes) noexcept : bytes_(bytes) {}
    Bytes bytes_;
  };

  Mask equal(char byte) const noexcept {
    return masked(bytes_ == static_cast<std::uint8_t>(byte));
  }
  // As unsigned bytes.
  Mask below(std::uint8_t bound) const noexcept {
    return masked(bytes_ < bound);
  }
  Mask above(std::uint8_t bound) const noexcept {
    return masked(bytes_ > bound);
  }

 private:
  using Bytes = Mask::Bytes;
  template <typename Compared>
  static Mask masked(Compared compared) noexcept {
    return Mask(std::bit_cast<Bytes>(compared));
  }
  Bytes bytes_;
};

// Are these bytes the same? For few: eight at a time, the last ones perhaps twice, instead of a call.
inline bool are_same(const char* a, const char* b, std::size_t size) noexcept {
  if (size < sizeof(std::uint64_t)) {
    for (std::size_t at = 0; at < size; ++at) {
      if (a[at] != b[at]) return false;
    }
    return true;
  }
  const auto word = [](const char* bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  };
  const std::size_t last = size - sizeof(std::uint64_t);
  for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) {
    if (word(a + at) != word(b + at)) return false;
  }
  return word(a + last) == word(b + last);
}

// How many bytes at the front of [from, end) a scan passes: `stops(Lanes)` gives the Mask of those that end
// it.
template <typename Stops>
[[gnu::always_inline]] inline std::size_t bytes_before(const char* from, const char* end,
                                                       Stops stops) noexcept {
  const char* at = from;
  while (static_cast<std::size_t>(end - at) >= Lanes::count) {
    const std::size_t passed = stops(Lanes(at)).first();
    at += passed;
    if (passed < Lanes::count) return static_cast<std::size_t>(at - from);
  }
  const auto rest = static_cast<std::size_t>(end - at);
  if (rest == 0) return static_cast<std::size_t>(at - from);
  char padded[Lanes::count] = {};
  std::memcpy(padded, at, rest);
  const std::size_t passed = stops(Lanes(padded)).first();
  return static_cast<std::size_t>(at - from) + (passed < rest ? passed : rest);
}

}  // namespace larder::base
