// Text written to memory that has room for it. Each returns the end of what it wrote. Pure; any thread.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "larder/base/lanes.hpp"

namespace larder::base {

// A literal's size is known where it is written: no call, a few stores. Its NUL is not written.
template <std::size_t size>
char* put(char* out, const char (&text)[size]) noexcept {
  std::memcpy(out, text, size - 1);
  return out + size - 1;
}
inline char* put(char* out, std::string_view text) noexcept {
  return std::copy(text.begin(), text.end(), out);
}
// Of a short text: no call. There is room for Lanes::count bytes more.
[[gnu::always_inline]] inline char* put_short(char* out, std::string_view text) noexcept {
  if (text.size() >= Lanes::count) return put(out, text);
  Lanes::of_few(text.data(), text.size()).store(out);
  return out + text.size();
}

// "00" to "99", one after another.
inline constexpr std::array<char, 200> digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t number = 0; number < 100; ++number) {
    pairs[2 * number] = static_cast<char>('0' + number / 10);
    pairs[2 * number + 1] = static_cast<char>('0' + number % 10);
  }
  return pairs;
}();

// With a leading zero below 10; `number` is below 100.
inline char* put_two_digits(char* out, std::uint32_t number) noexcept {
  std::memcpy(out, &digit_pairs[2 * std::size_t{number}], 2);
  return out + 2;
}
// Below 1,000.
inline char* put_three_digits(char* out, std::uint32_t number) noexcept {
  *out = static_cast<char>('0' + number / 100);
  return put_two_digits(out + 1, number % 100);
}

// Below 10,000.
inline char* put_short_number(char* out, std::uint32_t number) noexcept {
  const std::uint32_t hundreds = number / 100;
  const std::uint32_t rest = number % 100;
  if (hundreds >= 10) return put_two_digits(put_two_digits(out, hundreds), rest);
  if (hundreds > 0) return put_three_digits(out, number);
  if (rest >= 10) return put_two_digits(out, rest);
  *out = static_cast<char>('0' + rest);
  return out + 1;
}

// The room that a number needs, with its sign.
inline constexpr std::size_t number_size_max = 20;
// Of two digits and more.
inline char* put_longer_number(char* out, std::uint64_t number) noexcept {
  if (number < 10'000) return put_short_number(out, static_cast<std::uint32_t>(number));
  if (number >= 100'000'000) return std::to_chars(out, out + number_size_max, number).ptr;
  const auto low = static_cast<std::uint32_t>(number % 10'000);
  out = put_short_number(out, static_cast<std::uint32_t>(number / 10'000));
  return put_two_digits(put_two_digits(out, low / 100), low % 100);
}
// In decimal. Many have one digit: that is written without a call.
[[gnu::always_inline]] inline char* put_number(char* out, std::uint64_t number) noexcept {
  if (number >= 10) return put_longer_number(out, number);
  *out = static_cast<char>('0' + number);
  return out + 1;
}
inline char* put_signed(char* out, std::int64_t number) noexcept {
  const auto magnitude = static_cast<std::uint64_t>(number);
  return number < 0 ? put_number(put(out, "-"), 0 - magnitude) : put_number(out, magnitude);
}

inline constexpr auto is_not_plain = [](Lanes bytes) {
  return bytes.outside(' ', '~') | bytes.equal('"') | bytes.equal('\\');
};
// Most of what is put between quotes is printable ASCII, without quotes and backslashes: what of that is at
// the front is copied, and taken away. There is room for Lanes::count bytes more.
[[gnu::always_inline]] inline char* put_plain(char* out, std::string_view& bytes) noexcept {
  const std::size_t size = bytes.size();
  std::size_t plain = 0;
  if (size < Lanes::count) {
    const Lanes lanes = Lanes::of_few(bytes.data(), size);
    lanes.store(out);
    plain = std::min(is_not_plain(lanes).first(), size);
  } else {
    std::uint64_t ending = 0;
    const auto copy = [&ending, from = bytes.data(), out](std::size_t at) {
      const Lanes lanes(from + at);
      lanes.store(out + at);
      ending = is_not_plain(lanes).bits();
      return ending == 0;
    };
    // The last bytes together with some that were copied before.
    const std::size_t last = size - Lanes::count;
    while (plain < last && copy(plain)) plain += Lanes::count;
    if (plain >= last && copy(last)) {
      plain = size;
    } else {
      plain = std::min(plain, last) + static_cast<std::size_t>(std::countr_zero(ending));
    }
  }
  bytes.remove_prefix(plain);
  return out + plain;
}

}  // namespace larder::base
