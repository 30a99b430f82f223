#include "values.hpp"

#include <algorithm>

#include "larder/base/text.hpp"
#include "units.hpp"

namespace larder::config {

std::optional<base::Duration> read_duration(const Value& value, const Range<base::Duration>& range) {
  const std::string what = "a duration from " + text_of_duration(range.min) + " to " +
                           text_of_duration(range.max) + ", such as 500ms, 30s, 5m, 24h, 7d or 1y";
  const auto text = value.text(what);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (duration && *duration >= range.min && *duration <= range.max) return duration;
  value.expected(what);
  return std::nullopt;
}

std::optional<std::uint64_t> read_size(const Value& value, const Range<std::uint64_t>& range) {
  const std::string what = "a size from " + text_of_size(range.min) + " to " + text_of_size(range.max) +
                           ", such as 64KiB, 8MiB or 2GiB";
  const auto text = value.text(what);
  if (!text) return std::nullopt;
  const auto size = parse_size(*text);
  if (size && *size >= range.min && *size <= range.max) return size;
  value.expected(what);
  return std::nullopt;
}

std::optional<std::uint32_t> read_count(const Value& value, const Range<std::uint32_t>& range) {
  const std::string what =
      "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max);
  const auto text = value.text(what);
  if (!text) return std::nullopt;
  const auto count = base::parse_uint(*text);
  if (count && *count >= range.min && *count <= range.max) return static_cast<std::uint32_t>(*count);
  value.expected(what);
  return std::nullopt;
}

std::optional<bool> read_flag(const Value& value) {
  return read_choice<bool>(value, {{"true", true}, {"false", false}});
}

Read into(base::Duration& target, const Range<base::Duration>& range) {
  return [&target, range](const Value& value) { target = read_duration(value, range).value_or(target); };
}

Read into(std::optional<base::Duration>& target, const Range<base::Duration>& range) {
  return [&target, range](const Value& value) { target = read_duration(value, range); };
}

Read into(std::uint64_t& target, const Range<std::uint64_t>& range) {
  return [&target, range](const Value& value) { target = read_size(value, range).value_or(target); };
}

Read into(std::uint32_t& target, const Range<std::uint32_t>& range) {
  return [&target, range](const Value& value) { target = read_count(value, range).value_or(target); };
}

Read into(bool& target) {
  return [&target](const Value& value) { target = read_flag(value).value_or(target); };
}

Read into(std::optional<Value>& target) {
  return [&target](const Value& value) { target.emplace(value); };
}

std::string list_of(const std::vector<std::string_view>& words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result += words[i];
  }
  return result;
}

std::vector<std::string> read_texts(const Value& value, const TextList& list) {
  std::vector<std::string> result;
  for (const Value& item : value.items(list.what)) {
    auto text = item.text(list.what_item);
    if (!text) continue;
    if (list.is_valid(*text)) {
      result.push_back(std::move(*text));
    } else {
      item.expected(list.what_item);
    }
  }
  return result;
}

Read into(std::vector<std::string>& target, const TextList& list) {
  return [&target, list](const Value& value) { target = read_texts(value, list); };
}

bool is_field_value(std::string_view text) {
  return !text.empty() && base::trim(text) == text &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') ||
           marks.find(c) != std::string_view::npos;
  });
}

}  // namespace larder::config
