#include "units.hpp"

#include <array>
#include <limits>

#include "larder/base/text.hpp"
#include "larder/config/load.hpp"

namespace larder::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first, as the text of a value prefers it. "ms" stands before "m" and "s", since it ends in "s".
constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t day_ms = 86'400 * second_ms;
constexpr std::array<Unit, 6> duration_units{{{"y", 365 * day_ms},
                                              {"d", day_ms},
                                              {"h", 3600 * second_ms},
                                              {"m", 60 * second_ms},
                                              {"s", second_ms},
                                              {"ms", 1}}};
constexpr std::array<Unit, 4> size_units{
    {{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};

// Digits and then one of the units; nothing past `value_max`.
template <std::size_t count>
std::optional<std::uint64_t> parse_quantity(std::string_view text, const std::array<Unit, count>& units,
                                            std::uint64_t value_max) {
  std::size_t end = 0;
  while (end < text.size() && base::is_digit(text[end])) ++end;
  const auto number = base::parse_uint(text.substr(0, end));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(end) != unit.name) continue;
    if (*number > value_max / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t count>
std::string text_of_quantity(std::uint64_t value, const std::array<Unit, count>& units,
                             std::string_view zero) {
  if (value == 0) return std::string(zero);
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) return std::to_string(value / unit.factor).append(unit.name);
  }
  return std::to_string(value);
}

}  // namespace

std::optional<base::Duration> parse_duration(std::string_view text) {
  const auto value = parse_quantity(text, duration_units, static_cast<std::uint64_t>(duration_max.count()));
  if (!value) return std::nullopt;
  return base::Duration(*value);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (const auto bytes = base::parse_uint(text)) {
    return *bytes <= size_max ? bytes : std::nullopt;
  }
  return parse_quantity(text, size_units, size_max);
}

std::string text_of_duration(base::Duration duration) {
  return text_of_quantity(static_cast<std::uint64_t>(duration.count()), duration_units, "0s");
}

std::string text_of_size(std::uint64_t bytes) {
  return text_of_quantity(bytes, size_units, "0");
}

}  // namespace larder::config
