// Reads the three forms of HTTP-date. A cache reads their words in any case (RFC 9111 section 4.2), and takes
// no zone but GMT.
#include "larder/http/date.hpp"

#include <algorithm>

#include "larder/base/text.hpp"

namespace larder::http {
namespace {

using std::chrono::day;
using std::chrono::floor;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct CivilTime {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Takes parts off the front of a date; once one does not fit, everything fails.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  void skip(std::string_view text) noexcept {
    if (rest_.size() < text.size() || !base::equals_ignoring_case(rest_.substr(0, text.size()), text)) {
      is_good_ = false;
      return;
    }
    rest_.remove_prefix(text.size());
  }
  int number(std::size_t digits) noexcept {
    int value = 0;
    for (std::size_t at = 0; at < digits; ++at) {
      if (at >= rest_.size() || !base::is_digit(rest_[at])) {
        is_good_ = false;
        return 0;
      }
      value = value * 10 + (rest_[at] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  unsigned month_number() noexcept {
    const std::string_view name = rest_.substr(0, 3);
    for (unsigned index = 0; index < months.size(); ++index) {
      if (!base::equals_ignoring_case(name, months[index])) continue;
      rest_.remove_prefix(3);
      return index + 1;
    }
    is_good_ = false;
    return 0;
  }
  // asctime's day: two digits, or a space and one.
  unsigned padded_day() noexcept {
    if (!rest_.starts_with(' ')) return static_cast<unsigned>(number(2));
    skip(" ");
    return static_cast<unsigned>(number(1));
  }
  void time_of_day(CivilTime& time) noexcept {
    time.hour = number(2);
    skip(":");
    time.minute = number(2);
    skip(":");
    time.second = number(2);
  }
  bool is_complete() const noexcept { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<base::WallTime> wall_time(const CivilTime& time) noexcept {
  const year_month_day date{year(time.year), month(time.month), day(time.day)};
  // 60 is a leap second (RFC 9110 section 5.6.7).
  if (!date.ok() || time.hour > 23 || time.minute > 59 || time.second > 60) return std::nullopt;
  return base::WallTime(sys_days(date)) + std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
         std::chrono::seconds(time.second);
}

// "06 Nov 1994 08:49:37 GMT", or with hyphens and two digits of year.
bool read_day_first(Reader& reader, std::string_view separator, std::size_t year_digits, CivilTime& time) {
  time.day = static_cast<unsigned>(reader.number(2));
  reader.skip(separator);
  time.month = reader.month_number();
  reader.skip(separator);
  time.year = reader.number(year_digits);
  reader.skip(" ");
  reader.time_of_day(time);
  reader.skip(" GMT");
  return reader.is_complete();
}

std::optional<base::WallTime> parse_fixdate(std::string_view text, std::string_view weekday) noexcept {
  Reader reader(text);
  reader.skip(weekday.substr(0, 3));
  reader.skip(", ");
  CivilTime time;
  if (!read_day_first(reader, " ", 4, time)) return std::nullopt;
  return wall_time(time);
}

// The same moment of the calendar 50 years on.
base::WallTime fifty_years_after(base::WallTime now) noexcept {
  const auto today = floor<std::chrono::days>(now);
  const year_month_day date(today);
  const year_month_day later = date + std::chrono::years(50);
  const sys_days day_then =
      later.ok() ? sys_days(later) : sys_days(later.year() / later.month() / 28) + std::chrono::days(1);
  return base::WallTime(day_then) + (now - today);
}

// A two-digit year means the latest such year that is not more than 50 years ahead (RFC 9110 section 5.6.7).
std::optional<base::WallTime> parse_rfc850(std::string_view text, std::string_view weekday,
                                           base::WallTime now) noexcept {
  Reader reader(text);
  reader.skip(weekday);
  reader.skip(", ");
  CivilTime time;
  if (!read_day_first(reader, "-", 2, time)) return std::nullopt;
  const base::WallTime limit = fifty_years_after(now);
  const int limit_year = static_cast<int>(year_month_day(floor<std::chrono::days>(limit)).year());
  time.year += limit_year - limit_year % 100;
  if (time.year > limit_year) time.year -= 100;
  // In the limit's own year it is the rest of the date that decides.
  const auto latest = wall_time(time);
  if (latest && *latest <= limit) return latest;
  if (time.year == limit_year) time.year -= 100;
  return wall_time(time);
}

std::optional<base::WallTime> parse_asctime(std::string_view text, std::string_view weekday) noexcept {
  Reader reader(text);
  CivilTime time;
  reader.skip(weekday.substr(0, 3));
  reader.skip(" ");
  time.month = reader.month_number();
  reader.skip(" ");
  time.day = reader.padded_day();
  reader.skip(" ");
  reader.time_of_day(time);
  reader.skip(" ");
  time.year = reader.number(4);
  if (!reader.is_complete()) return std::nullopt;
  return wall_time(time);
}

void write_number(char* out, unsigned value, unsigned digits) noexcept {
  for (unsigned at = digits; at-- > 0; value /= 10) out[at] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<base::WallTime> parse_date(std::string_view text, base::WallTime now) noexcept {
  // The day's name is not checked against the date: it adds nothing, and senders get it wrong.
  for (const std::string_view weekday : weekdays) {
    if (!base::equals_ignoring_case(text.substr(0, 3), weekday.substr(0, 3))) continue;
    switch (text.substr(3, 1).empty() ? '\0' : text[3]) {
      case ',':
        return parse_fixdate(text, weekday);
      case ' ':
        return parse_asctime(text, weekday);
      default:
        return parse_rfc850(text, weekday, now);
    }
  }
  return std::nullopt;
}

DateText format_date(base::WallTime time) noexcept {
  // What a four-digit year cannot say is brought to the nearest that it can.
  constexpr base::WallTime earliest = sys_days(year(0) / 1 / 1);
  constexpr base::WallTime latest = sys_days(year(10'000) / 1 / 1) - base::Duration(1);
  const base::WallTime moment = std::clamp(time, earliest, latest);
  const auto today = floor<std::chrono::days>(moment);
  const year_month_day date(today);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(moment - today));

  DateText text;
  constexpr std::string_view pattern = "Sun, 00 Jan 0000 00:00:00 GMT";
  std::copy(pattern.begin(), pattern.end(), text.begin());
  const std::string_view weekday = weekdays[std::chrono::weekday(today).c_encoding()];
  std::copy_n(weekday.begin(), 3, text.begin());
  write_number(&text[5], static_cast<unsigned>(date.day()), 2);
  const std::string_view month_name = months[static_cast<unsigned>(date.month()) - 1];
  std::copy(month_name.begin(), month_name.end(), &text[8]);
  write_number(&text[12], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_number(&text[17], static_cast<unsigned>(clock.hours().count()), 2);
  write_number(&text[20], static_cast<unsigned>(clock.minutes().count()), 2);
  write_number(&text[23], static_cast<unsigned>(clock.seconds().count()), 2);
  return text;
}

}  // namespace larder::http
