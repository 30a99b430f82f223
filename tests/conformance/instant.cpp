#include "conformance/instant.hpp"

#include <charconv>
#include <ctime>

namespace conformance {
namespace {

struct Place {
  std::chrono::seconds offset{};
  const char* format = nullptr;  // of strftime(3)
};

// What stands between the braces.
std::optional<Place> place_of(std::string_view text) {
  constexpr std::string_view now = "now";
  if (!text.starts_with(now)) return std::nullopt;
  text.remove_prefix(now.size());
  Place place;
  const std::size_t space = text.find(' ');
  const std::string_view form = space == std::string_view::npos ? "" : text.substr(space + 1);
  if (space == std::string_view::npos) {
    place.format = "%a, %d %b %Y %H:%M:%S GMT";
  } else if (form == "rfc850") {
    place.format = "%A, %d-%b-%y %H:%M:%S GMT";
  } else if (form == "asctime") {
    place.format = "%a %b %e %H:%M:%S %Y";
  } else {
    return std::nullopt;
  }
  text = text.substr(0, space);
  if (text.empty()) return place;
  const auto offset = duration_of(text.substr(1));
  if (!offset || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  place.offset = text.front() == '+' ? *offset : -*offset;
  return place;
}

std::string text_of(const Place& place, Instant now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now + place.offset);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, place.format, &parts)};
}

// Calls visit(literal, place text) for each literal and the place after it; the last has none.
template <typename Visit>
void walk(std::string_view value, Visit&& visit) {
  while (true) {
    const std::size_t begin = value.find("{now");
    const std::size_t end = begin == std::string_view::npos ? begin : value.find('}', begin);
    if (end == std::string_view::npos) {
      visit(value, std::nullopt);
      return;
    }
    visit(value.substr(0, begin), std::optional(value.substr(begin + 1, end - begin - 1)));
    value.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::chrono::seconds> duration_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  long count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto result = std::from_chars(text.data(), end, count);
  if (result.ec != std::errc{} || result.ptr != end || count < 0) return std::nullopt;
  switch (text.back()) {
    case 's':
      return std::chrono::seconds(count);
    case 'm':
      return std::chrono::minutes(count);
    case 'h':
      return std::chrono::hours(count);
    case 'd':
      return std::chrono::days(count);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> problem_of_times(std::string_view value) {
  std::optional<std::string> problem;
  walk(value, [&problem](std::string_view, std::optional<std::string_view> place) {
    if (place && !place_of(*place)) problem = "no time: '{" + std::string(*place) + "}'";
  });
  return problem;
}

std::string with_times(std::string_view value, Instant now) {
  std::string text;
  walk(value, [&](std::string_view literal, std::optional<std::string_view> place) {
    text += literal;
    if (place) text += text_of(*place_of(*place), now);
  });
  return text;
}

}  // namespace conformance
