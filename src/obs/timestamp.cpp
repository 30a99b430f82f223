#include "obs/timestamp.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <ctime>
#include <iterator>
#include <string_view>

namespace larder::obs {
namespace {

std::tm utc(base::WallTime time) noexcept {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

void append_iso_second(std::string& out, base::WallTime time) {
  const std::tm parts = utc(time);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void append_iso_time(std::string& out, base::WallTime time) {
  append_iso_second(out, time);
  const auto milliseconds = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  fmt::format_to(std::back_inserter(out), ".{:03}Z", milliseconds);
}

void append_apache_time(std::string& out, base::WallTime time) {
  // Not strftime: its month follows the locale.
  static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm parts = utc(time);
  fmt::format_to(std::back_inserter(out), "{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000", parts.tm_mday,
                 months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                 parts.tm_min, parts.tm_sec);
}

}  // namespace larder::obs
