#include "larder/http/set_cookie.hpp"

#include <algorithm>
#include <array>

#include "larder/base/text.hpp"

namespace larder::http {
namespace {

// The part before `separator`, which goes off the front with it.
std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// Section 5.2.2. Nothing where the attribute is ignored.
std::optional<bool> has_time_left(std::string_view max_age) noexcept {
  const bool is_negative = max_age.starts_with('-');
  const std::string_view digits = max_age.substr(is_negative ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::is_digit)) return std::nullopt;
  return !is_negative && digits.find_first_not_of('0') != std::string_view::npos;
}

// What a cookie date's tokens have told so far; each part counts once.
struct CookieDate {
  std::optional<std::chrono::seconds> time_of_day;
  std::optional<unsigned> day;
  std::optional<unsigned> month;
  std::optional<int> year;
};

// The number of up to `digits_max` digits at the front, which go; nothing when there are fewer than
// `digits_min`, or more.
std::optional<int> take_number(std::string_view& text, std::size_t digits_min,
                               std::size_t digits_max) noexcept {
  std::size_t count = 0;
  int value = 0;
  while (count < text.size() && count <= digits_max && base::is_digit(text[count])) {
    value = value * 10 + (text[count++] - '0');
  }
  if (count < digits_min || count > digits_max) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

std::optional<std::chrono::seconds> time_of_day(std::string_view token) noexcept {
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    parts[i] = *number;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

std::optional<unsigned> month_number(std::string_view token) noexcept {
  constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
  for (unsigned index = 0; index < months.size(); ++index) {
    if (base::equals_ignoring_case(token.substr(0, 3), months[index])) return index + 1;
  }
  return std::nullopt;
}

// Each token is the first of these that it can be and that is still missing.
void read_token(std::string_view token, CookieDate& date) noexcept {
  if (!date.time_of_day && (date.time_of_day = time_of_day(token))) return;
  if (!date.day) {
    std::string_view rest = token;
    if (const auto number = take_number(rest, 1, 2)) {
      date.day = static_cast<unsigned>(*number);
      return;
    }
  }
  if (!date.month && (date.month = month_number(token))) return;
  if (!date.year) date.year = take_number(token, 2, 4);
}

bool is_delimiter(char c) noexcept {
  return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

}  // namespace

std::optional<base::WallTime> parse_cookie_date(std::string_view text) noexcept {
  CookieDate date;
  while (!text.empty()) {
    const auto* const begin = std::find_if_not(text.begin(), text.end(), is_delimiter);
    const auto* const end = std::find_if(begin, text.end(), is_delimiter);
    if (begin != end) read_token({begin, end}, date);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  if (!date.time_of_day || !date.day || !date.month || !date.year) return std::nullopt;
  constexpr int year_min = 1601;
  int year = *date.year;
  if (year >= 70 && year <= 99) year += 1900;
  if (year < 70) year += 2000;
  const std::chrono::year_month_day civil{std::chrono::year(year), std::chrono::month(*date.month),
                                          std::chrono::day(*date.day)};
  if (year < year_min || !civil.ok()) return std::nullopt;
  return base::WallTime(std::chrono::sys_days(civil)) + *date.time_of_day;
}

std::optional<SetCookie> parse_set_cookie(std::string_view text) noexcept {
  std::string_view pair = take_until(text, ';');
  if (pair.find('=') == std::string_view::npos) return std::nullopt;
  SetCookie cookie;
  cookie.name = base::trim(take_until(pair, '='));
  cookie.value = base::trim(pair);
  if (cookie.name.empty()) return std::nullopt;
  while (!text.empty()) {
    std::string_view attribute = take_until(text, ';');
    const std::string_view name = base::trim(take_until(attribute, '='));
    const std::string_view value = base::trim(attribute);
    // Of several that can be read the last one counts.
    if (base::equals_ignoring_case(name, "Max-Age")) {
      if (const auto read = has_time_left(value)) cookie.has_max_age_left = read;
    } else if (base::equals_ignoring_case(name, "Expires")) {
      if (const auto read = parse_cookie_date(value)) cookie.expires = read;
    }
  }
  return cookie;
}

}  // namespace larder::http
