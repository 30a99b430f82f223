// The numbers of well-known field names: a perfect hash over length and three letters, found at compile time,
// so that a name costs one look-up and one comparison. The parser inlines it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
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

inline constexpr std::size_t slot_count = 512;

constexpr std::size_t slot_of(std::string_view name, unsigned multiplier) noexcept {
  // Makes a letter small, and keeps what is no letter apart well enough for a hash.
  const auto letter = [&](std::size_t at) { return static_cast<unsigned char>(name[at]) | 0x20U; };
  const unsigned sum = static_cast<unsigned>(name.size()) + letter(0) * multiplier +
                       letter(name.size() * 3 / 4) * multiplier * multiplier +
                       letter(name.size() - 1) * multiplier * multiplier * multiplier;
  return (sum ^ (sum >> 9)) % slot_count;
}

using Slots = std::array<std::uint8_t, slot_count>;

constexpr bool fills_without_collision(unsigned multiplier, Slots& slots) {
  slots = {};
  for (std::size_t id = 1; id < name_count; ++id) {
    std::uint8_t& slot = slots[slot_of(spelt[id], multiplier)];
    if (slot != 0) return false;
    slot = static_cast<std::uint8_t>(id);
  }
  return true;
}

constexpr unsigned find_multiplier() {
  Slots slots{};
  for (unsigned multiplier = 3; multiplier < 3000; multiplier += 2) {
    if (fills_without_collision(multiplier, slots)) return multiplier;
  }
  return 0;
}

inline constexpr unsigned multiplier = find_multiplier();
static_assert(multiplier != 0, "no perfect hash: add slots");

constexpr Slots make_slots() {
  Slots slots{};
  fills_without_collision(multiplier, slots);
  return slots;
}

inline constexpr Slots slots = make_slots();

}  // namespace larder::http::names

namespace larder::http {

// field_id(), inlined.
[[gnu::always_inline]] inline FieldId find_field_id(std::string_view name) noexcept {
  if (name.empty()) return FieldId::other;
  const std::uint8_t id = names::slots[names::slot_of(name, names::multiplier)];
  const std::string_view known = names::spelt[id];
  if (known.size() != name.size()) return FieldId::other;
  // Most senders use the canonical spelling.
  if (base::are_same(name.data(), known.data(), name.size())) return static_cast<FieldId>(id);
  return base::equals_ignoring_case(name, known) ? static_cast<FieldId>(id) : FieldId::other;
}

}  // namespace larder::http
