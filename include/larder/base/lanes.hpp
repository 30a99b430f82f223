// Sixteen bytes looked at in one go, for the scans that every request pays for. One instruction each with
// SSE2, which every x86-64 has; the compiler's generic vectors elsewhere. Pure; any thread.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace larder::base {

class Lanes {
 public:
  static constexpr std::size_t count = 16;

  // The `count` bytes from here on.
  explicit Lanes(const char* bytes) noexcept { std::memcpy(&bytes_, bytes, sizeof bytes_); }
  // `size` bytes, fewer than `count`, and zeros behind them: none behind is read.
  [[gnu::always_inline]] static Lanes of_few(const char* bytes, std::size_t size) noexcept;
  void store(char* out) const noexcept { std::memcpy(out, &bytes_, sizeof bytes_); }

  // The lanes for which it is so, each all ones.
  class Mask {
   public:
    Mask operator|(Mask other) const noexcept { return Mask(bytes_ | other.bytes_); }
    // The number of lanes before the first set one; `count` when none is.
    std::size_t first() const noexcept {
      return static_cast<unsigned>(std::countr_zero(bits() | 1U << count));
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

  Lanes operator|(Lanes other) const noexcept {
    return Lanes(bytes_ | other.bytes_);
  }
  Mask equal(char byte) const noexcept {
    return masked(bytes_ == static_cast<std::uint8_t>(byte));
  }
  Mask equal(Lanes other) const noexcept {
    return masked(bytes_ == other.bytes_);
  }
  // As unsigned bytes.
  Mask below(std::uint8_t bound) const noexcept {
    return masked(bytes_ < bound);
  }
  class Range;
  Mask outside(const Range& range) const noexcept;
  // As unsigned bytes.
  Mask outside(std::uint8_t first, std::uint8_t last) const noexcept;

 private:
  using Bytes = Mask::Bytes;
  explicit Lanes(Bytes bytes) noexcept : bytes_(bytes) {}
  template <typename Compared>
  static Mask masked(Compared compared) noexcept {
    return Mask(std::bit_cast<Bytes>(compared));
  }
  Bytes bytes_;
};

// The bytes from `first` to `last`, made ready once for many comparisons.
class Lanes::Range {
 public:
  // Moved to the upper end of the signed numbers, so that one comparison tells what is below.
  Range(std::uint8_t first, std::uint8_t last) noexcept
      : shift_(Bytes{} + static_cast<std::uint8_t>(0x7f - last)),
        bound_(Signed{} + static_cast<std::int8_t>(0x7f - (last - first))) {
#ifdef __SSE2__
    // Known to be a constant, it would be compared the other way round, and that inverted.
    asm("" : "+x"(bound_));
#endif
  }

 private:
  friend class Lanes;
  using Signed [[gnu::vector_size(count)]] = std::int8_t;
  Bytes shift_;
  Signed bound_;
};

inline Lanes::Mask Lanes::outside(const Range& range) const noexcept {
  return masked(std::bit_cast<Range::Signed>(bytes_ + range.shift_) < range.bound_);
}

inline Lanes::Mask Lanes::outside(std::uint8_t first, std::uint8_t last) const noexcept {
  return outside(Range(first, last));
}

inline Lanes Lanes::of_few(const char* bytes, std::size_t size) noexcept {
  if constexpr (std::endian::native != std::endian::little) {
    char padded[count] = {};
    std::memcpy(padded, bytes, size);
    return Lanes(padded);
  }
  // Two words that overlap, or for very few bytes three, each where it belongs.
  const auto word = [bytes]<typename Word>(std::size_t at, Word value) -> std::uint64_t {
    std::memcpy(&value, bytes + at, sizeof value);
    return value;
  };
  std::array<std::uint64_t, 2> words{};
  if (size >= 8) {
    words[0] = word(0, std::uint64_t{});
    words[1] = word(size - 8, std::uint64_t{}) >> 1U >> (127 - 8 * size);  // 128 - 8 * size may be 64
  } else if (size >= 4) {
    words[0] = word(0, std::uint32_t{}) | word(size - 4, std::uint32_t{}) << (8 * (size - 4));
  } else if (size > 0) {
    words[0] = word(0, std::uint8_t{}) | word(size / 2, std::uint8_t{}) << (8 * (size / 2)) |
               word(size - 1, std::uint8_t{}) << (8 * (size - 1));
  }
  return Lanes(std::bit_cast<Bytes>(words));
}

// Are these bytes the same? For few: a word at a time, the last one perhaps in part twice, instead of a call.
[[gnu::always_inline]] inline bool are_same(const char* a, const char* b, std::size_t size) noexcept {
  const auto are_same_words = [a, b, size]<typename Word>(Word value) {
    const auto word = [&value](const char* bytes) {
      std::memcpy(&value, bytes, sizeof value);
      return value;
    };
    const std::size_t last = size - sizeof(Word);
    for (std::size_t at = 0; at < last; at += sizeof(Word)) {
      if (word(a + at) != word(b + at)) return false;
    }
    return word(a + last) == word(b + last);
  };
  if (size >= sizeof(std::uint64_t)) return are_same_words(std::uint64_t{});
  if (size >= sizeof(std::uint32_t)) return are_same_words(std::uint32_t{});
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

[[gnu::always_inline]] inline bool are_same(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && are_same(a.data(), b.data(), a.size());
}

// Where a scan of [from, end) stops, at the latest at its end: `stops(Lanes)` gives the Mask of the bytes
// that end it. The Lanes::count bytes before `end` can be read, whether or not they are behind `from`.
template <typename Stops>
[[gnu::always_inline]] inline const char* first_stop(const char* from, const char* end,
                                                     Stops stops) noexcept {
  const char* const last = end - Lanes::count;
  const char* at = from;
  for (; at <= last; at += Lanes::count) {
    const std::uint64_t stopping = stops(Lanes(at)).bits();
    if (stopping != 0) return at + std::countr_zero(stopping);
  }
  // The rest together with bytes before it.
  const std::uint64_t stopping = std::uint64_t{stops(Lanes(last)).bits()} >> (at - last);
  return stopping != 0 ? at + std::countr_zero(stopping) : end;
}

// How many bytes at the front of [from, end) such a scan passes; nothing besides them is read.
template <typename Stops>
[[gnu::always_inline]] inline std::size_t bytes_before(const char* from, const char* end,
                                                       Stops stops) noexcept {
  const auto size = static_cast<std::size_t>(end - from);
  if (size >= Lanes::count) return static_cast<std::size_t>(first_stop(from, end, stops) - from);
  const std::size_t passed = stops(Lanes::of_few(from, size)).first();
  return passed < size ? passed : size;
}

}  // namespace larder::base
