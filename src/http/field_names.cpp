// The numbers of well-known field names: a perfect hash over length and three letters, found at
// compile time, so that a name costs one look-up and one comparison.
#include <array>
#include <cstddef>

#include "larder/base/text.hpp"
#include "larder/http/fields.hpp"

namespace larder::http {
namespace {

constexpr std::size_t name_count = static_cast<std::size_t>(FieldId::x_real_ip) + 1;

// In the order of FieldId.
constexpr std::array<std::string_view, name_count> names = {
    "",
    "Accept-Encoding",
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
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Server",
    "Set-Cookie",
    "Surrogate-Control",
    "Surrogate-Key",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
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
static_assert(!names.back().empty(), "one name for each FieldId");

constexpr std::size_t slot_count = 512;

constexpr std::size_t slot_of(std::string_view name, unsigned multiplier) noexcept {
  const auto letter = [&](std::size_t at) { return static_cast<unsigned char>(base::to_lower(name[at])); };
  const unsigned sum = static_cast<unsigned>(name.size()) + letter(0) * multiplier +
                       letter(name.size() * 3 / 4) * multiplier * multiplier +
                       letter(name.size() - 1) * multiplier * multiplier * multiplier;
  return (sum ^ (sum >> 9)) % slot_count;
}

using Slots = std::array<std::uint8_t, slot_count>;

constexpr bool fills_without_collision(unsigned multiplier, Slots& slots) {
  slots = {};
  for (std::size_t id = 1; id < name_count; ++id) {
    std::uint8_t& slot = slots[slot_of(names[id], multiplier)];
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

constexpr unsigned multiplier = find_multiplier();
static_assert(multiplier != 0, "no perfect hash: add slots");

constexpr Slots make_slots() {
  Slots slots{};
  fills_without_collision(multiplier, slots);
  return slots;
}

constexpr Slots slots = make_slots();

}  // namespace

FieldId field_id(std::string_view name) noexcept {
  if (name.empty()) return FieldId::other;
  const std::uint8_t id = slots[slot_of(name, multiplier)];
  const std::string_view known = names[id];
  if (known.size() != name.size()) return FieldId::other;
  // Most senders use the canonical spelling.
  if (name == known) return static_cast<FieldId>(id);
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (base::to_lower(name[at]) != base::to_lower(known[at])) return FieldId::other;
  }
  return static_cast<FieldId>(id);
}

std::string_view field_name(FieldId id) noexcept {
  return names[static_cast<std::size_t>(id)];
}

}  // namespace larder::http
