// ASCII helpers that every grammar here needs. Locale-free; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "larder/base/lanes.hpp"

namespace larder::base {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Equal but for the case of ASCII letters.
// The value of a hexadecimal digit, -1 for any other character.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
std::string lower(std::string_view text);
// Without the spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
// Assigns where another text is there: of what is mostly the same from request to request, to look costs
// less.
inline void assign_if_other(std::string& out, std::string_view text) {
  if (!are_same(out, text)) out.assign(text);
}
// Decimal digits only: no sign, no space, not empty; nothing when it does not fit.
std::optional<std::uint64_t> parse_uint(std::string_view digits) noexcept;
// `*` stands for any bytes; everything else for itself. Linear time.
inline bool matches_glob(std::string_view pattern, std::string_view text) noexcept;
// What matches_glob() is for the patterns that begin as the text does.
bool matches_whole_glob(std::string_view pattern, std::string_view text) noexcept;
// The one of `candidates` nearest to `word` by edit distance, if it is near enough to be a misspelling.
template <typename Range>
std::optional<std::string_view> nearest_word(std::string_view word, const Range& candidates);
// Levenshtein distance; O(|a| |b|).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Of a list of names most are told from another by their first letter.
inline bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  const bool is_other =
      !pattern.empty() && !text.empty() && pattern.front() != '*' && pattern.front() != text.front();
  return !is_other && matches_whole_glob(pattern, text);
}

template <typename Range>
std::optional<std::string_view> nearest_word(std::string_view word, const Range& candidates) {
  std::optional<std::string_view> nearest;
  std::size_t distance_max = word.size() / 3 + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= distance_max && distance < word.size()) {
      nearest = candidate;
      distance_max = distance == 0 ? 0 : distance - 1;
    }
  }
  return nearest;
}

}  // namespace larder::base
