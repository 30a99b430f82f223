// Readers of single values, to be named beside their keys in a section.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "larder/base/time.hpp"
#include "yaml_reader.hpp"

namespace larder::config {

template <typename T>
struct Range {
  T min;
  T max;
};

std::optional<base::Duration> read_duration(const Value& value, const Range<base::Duration>& range);
std::optional<std::uint64_t> read_size(const Value& value, const Range<std::uint64_t>& range);
std::optional<std::uint32_t> read_count(const Value& value, const Range<std::uint32_t>& range);
std::optional<bool> read_flag(const Value& value);

Read into(base::Duration& target, const Range<base::Duration>& range);
Read into(std::optional<base::Duration>& target, const Range<base::Duration>& range);
Read into(std::uint64_t& target, const Range<std::uint64_t>& range);
Read into(std::uint32_t& target, const Range<std::uint32_t>& range);
Read into(bool& target);
// Keeps the value to be looked at when its neighbours are known.
Read into(std::optional<Value>& target);

template <typename T>
using Choices = std::vector<std::pair<std::string_view, T>>;
// "a, b or c".
std::string list_of(const std::vector<std::string_view>& words);

template <typename T>
std::optional<T> read_choice(const Value& value, const Choices<T>& choices) {
  std::vector<std::string_view> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const std::string what = list_of(words);
  const auto text = value.text(what);
  if (!text) return std::nullopt;
  for (const auto& [word, meaning] : choices) {
    if (word == *text) return meaning;
  }
  value.expected(what);
  return std::nullopt;
}

// One of a few words, each with its meaning.
template <typename T>
Read into(T& target, Choices<T> choices) {
  return [&target, choices = std::move(choices)](const Value& value) {
    if (const auto choice = read_choice(value, choices)) target = *choice;
  };
}

// A list of texts, each of which `is_valid`; `what` names the list, `what_item` one item.
struct TextList {
  std::string_view what;
  std::string_view what_item;
  bool (*is_valid)(std::string_view);
};
std::vector<std::string> read_texts(const Value& value, const TextList& list);
Read into(std::vector<std::string>& target, const TextList& list);

// Visible ASCII and, inside, spaces and tabs: what a field value may be (RFC 9110 section 5.5).
bool is_field_value(std::string_view text);
// RFC 9110 section 5.6.2.
bool is_token(std::string_view text);

}  // namespace larder::config
