// The numbers of well-known field names: a perfect hash over their length and five bytes, found at compile
// time, so that a name costs one look-up and one comparison. The parser inlines it.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"
#include "larder/http/fields.hpp"

namespace larder::http::names {

inline constexpr std::size_t name_count = field_id_count;

// In the order of FieldId.
inline constexpr std::array<std::string_view, name_count> spelt = {
    "",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Age",
    "Authorization",
    "Cache-Control",
    "Cache-Groups",
    "Cache-Status",
    "Cache-Tag",
    "CDN-Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Larder-Cache-Control",
    "Last-Modified",
    "Location",
    "Max-Forwards",
    "Pragma",
    "Priority",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Server",
    "Set-Cookie",
    "Surrogate-Control",
    "Surrogate-Key",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "Vary",
    "Via",
    "Warning",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Real-IP",
};
static_assert(!spelt.back().empty(), "one name for each FieldId");

// Names that browsers and proxies send often and nobody here asks for: known to be tokens, no more.
inline constexpr std::array<std::string_view, 9> unnumbered = {
    "DNT",     "Origin",       "Save-Data",        "Sec-CH-UA", "Sec-CH-UA-Mobile", "Sec-CH-UA-Platform",
    "Sec-GPC", "X-Request-ID", "X-Requested-With",
};

// All that are known: at a number's place the name that has it, behind them those without.
inline constexpr std::size_t known_count = name_count + unnumbered.size();
constexpr std::string_view known_name(std::size_t place) noexcept {
  return place < name_count ? spelt[place] : unnumbered[place - name_count];
}

inline constexpr std::size_t size_max = 30;  // so that a name, its colon and a byte more are two Lanes
inline constexpr std::size_t line_part = 2 * base::Lanes::count;
static_assert(size_max + 2 <= line_part);

inline constexpr std::string_view line_end = "\r\n";
inline constexpr std::size_t slot_count = 512;

// By its length, its first byte and its last four, with their letters made small. A name of two or three
// letters is told by what stands before it too, which in a head is the end of a line.
[[gnu::always_inline]] constexpr std::size_t slot_of(const char* name, std::size_t size,
                                                     std::uint32_t multiplier) noexcept {
  const char* const end = name + size;
  const auto last = std::bit_cast<std::uint32_t>(std::array{end[-4], end[-3], end[-2], end[-1]});
  const std::uint32_t first = static_cast<unsigned char>(*name);
  constexpr unsigned first_shift = 21;  // with which find_multiplier() has few to try
  constexpr std::uint32_t case_bits = 0x20202020U | 0x20U << first_shift;
  const std::uint32_t mixed = ((last ^ first << first_shift) | case_bits) + static_cast<std::uint32_t>(size);
  return (mixed * multiplier) >> 23U;
}
static_assert(slot_count == std::size_t{1} << (32 - 23));

using Slots = std::array<std::uint8_t, slot_count>;

constexpr bool fills_without_collision(std::uint32_t multiplier, Slots& slots) {
  slots = {};
  for (std::size_t place = 1; place < known_count; ++place) {
    const std::string_view name = known_name(place);
    std::array<char, line_end.size() + size_max> line{};
    std::copy(line_end.begin(), line_end.end(), line.begin());
    std::copy(name.begin(), name.end(), line.begin() + line_end.size());
    std::uint8_t& slot = slots[slot_of(line.data() + line_end.size(), name.size(), multiplier)];
    if (slot != 0) return false;
    slot = static_cast<std::uint8_t>(place);
  }
  return true;
}

constexpr std::uint32_t find_multiplier() {
  Slots slots{};
  std::uint32_t multiplier = 1;
  for (int tries = 0; tries < 3000; ++tries) {
    multiplier = multiplier * 747796405 + 2891336453;  // any odd step will do
    if (fills_without_collision(multiplier | 1, slots)) return multiplier | 1;
  }
  return 0;
}

inline constexpr std::uint32_t multiplier = find_multiplier();
static_assert(multiplier != 0, "no perfect hash: add slots");

constexpr Slots make_slots() {
  Slots slots{};
  fills_without_collision(multiplier, slots);
  return slots;
}

inline constexpr Slots slots = make_slots();

// A name as a line begins with it: in small letters, its colon behind it. OR-ing case_bits into what was
// sent makes its letters small, and changes no other byte.
struct alignas(2 * line_part) Folded {
  std::array<char, line_part> text{};
  std::array<char, line_part> case_bits{};  // the last is behind every colon, and has the name's number

  FieldId id() const noexcept { return static_cast<FieldId>(case_bits.back()); }
};

constexpr std::array<Folded, known_count> fold_names() {
  std::array<Folded, known_count> folded{};
  for (std::size_t place = 1; place < known_count; ++place) {
    const std::string_view name = known_name(place);
    for (std::size_t at = 0; at < name.size(); ++at) {
      const char letter = base::to_lower(name[at]);
      folded[place].text[at] = letter;
      folded[place].case_bits[at] = letter >= 'a' && letter <= 'z' ? ' ' : '\0';
    }
    folded[place].text[name.size()] = ':';
    folded[place].case_bits.back() = static_cast<char>(place < name_count ? place : 0);
  }
  return folded;
}

inline constexpr std::array<Folded, known_count> folded = fold_names();

// A bit for each byte of `sent` that is that of the known name from `at` on.
[[gnu::always_inline]] inline std::uint64_t same_bytes(base::Lanes sent, const Folded& known,
                                                       std::size_t at) noexcept {
  const base::Lanes small = sent | base::Lanes(known.case_bits.data() + at);
  return small.equal(base::Lanes(known.text.data() + at)).bits();
}

}  // namespace larder::http::names

namespace larder::http {

struct KnownName {
  std::size_t size;
  FieldId id;
};

// The name that a line begins with, whatever its case, where it is known and its colon behind it; nothing: it
// is not. At least Lanes::count and two bytes are there between `line` and `end`; a name whose colon is not
// in these may need as many more. Before the line is the end of another.
[[gnu::always_inline]] inline std::optional<KnownName> known_name_at(const char* line,
                                                                     const char* end) noexcept {
  using base::Lanes;
  const auto place_of = [line](std::size_t size) __attribute__((always_inline)) {
    return std::size_t{names::slots[names::slot_of(line, size, names::multiplier)]};
  };
  const Lanes front(line);
  const std::uint64_t colons = front.equal(':').bits();
  std::size_t size = 0;
  std::size_t place = 0;
  std::uint64_t same = 0;
  if (colons != 0) {
    size = static_cast<std::size_t>(std::countr_zero(colons));
    place = place_of(size);
    same = names::same_bytes(front, names::folded[place], 0);
  } else {
    if (static_cast<std::size_t>(end - line) < names::line_part + 2) return std::nullopt;
    const Lanes back(line + Lanes::count);
    size = Lanes::count + back.equal(':').first();
    if (size > names::size_max) return std::nullopt;
    place = place_of(size);
    same = names::same_bytes(front, names::folded[place], 0) |
           names::same_bytes(back, names::folded[place], Lanes::count) << Lanes::count;
  }
  // The name and its colon. The slots that are empty name one that has none.
  if (static_cast<std::size_t>(std::countr_one(same)) <= size) return std::nullopt;
  return KnownName{size, names::folded[place].id()};
}

}  // namespace larder::http
