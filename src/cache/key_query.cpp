#include "cache/key_query.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "larder/base/text.hpp"
#include "larder/cache/key.hpp"

namespace larder::cache {
namespace {

// A parameter as a place in the text that is being built, which may move.
struct Parameter {
  std::uint32_t begin = 0;
  std::uint32_t name_size = 0;
  std::uint32_t size = 0;
};
constexpr std::size_t inline_parameters = 32;
using Parameters = std::pmr::vector<Parameter>;

std::string_view name_in(const std::string& text, const Parameter& parameter) noexcept {
  return std::string_view(text).substr(parameter.begin, parameter.name_size);
}

bool is_unreserved(char c) noexcept {
  const char lower = base::to_lower(c);
  return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
}

// RFC 3986 section 6.2.2: escapes of unreserved characters are those characters, hexadecimal digits have no
// case. Without this `%6cimit` would dodge a rule about `limit`. A malformed escape stays as sent.
void append_unescaped(std::string_view part, std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < part.size(); ++i) {
    const int high = part[i] == '%' && i + 2 < part.size() ? base::hex_value(part[i + 1]) : -1;
    const int low = high >= 0 ? base::hex_value(part[i + 2]) : -1;
    if (low < 0) {
      text += part[i];
      continue;
    }
    const char decoded = static_cast<char>(high * 16 + low);
    if (is_unreserved(decoded)) {
      text += decoded;
    } else {
      text += '%';
      text += digits[static_cast<std::size_t>(high)];
      text += digits[static_cast<std::size_t>(low)];
    }
    i += 2;
  }
}

// Is the parameter part of the key? `part` has its escapes normalised already.
bool counts(std::string_view name, std::string_view part, const QueryRule& rule) {
  // Some servers split at ';' too. Where the upstream sees what the key ignores, `utm_x=1;page=2` must not
  // hide a page from the key.
  if (rule.forward_ignored && part.find(';') != std::string_view::npos) return true;
  const auto matches = [name](const std::string& pattern) { return base::matches_glob(pattern, name); };
  if (rule.allow && std::none_of(rule.allow->begin(), rule.allow->end(), matches)) return false;
  return std::none_of(rule.ignore.begin(), rule.ignore.end(), matches);
}

template <typename Visit>
void for_each_part(std::string_view query, Visit&& visit) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (end > 0) visit(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

Parameter append_parameter(std::string_view part, std::string& text) {
  Parameter parameter;
  parameter.begin = static_cast<std::uint32_t>(text.size());
  append_unescaped(part, text);
  const std::string_view appended = std::string_view(text).substr(parameter.begin);
  parameter.size = static_cast<std::uint32_t>(appended.size());
  parameter.name_size = static_cast<std::uint32_t>(std::min(appended.find('='), appended.size()));
  return parameter;
}

void append_defaults(const QueryRule& rule, Parameters& parameters, std::string& text) {
  const std::size_t sent = parameters.size();
  for (const auto& [name, value] : rule.fallback) {
    const auto is_it = [&text, &wanted = name](const Parameter& p) { return name_in(text, p) == wanted; };
    if (std::any_of(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(sent), is_it)) {
      continue;
    }
    Parameter parameter = append_parameter(name, text);
    text += '=';
    const Parameter rest = append_parameter(value, text);
    parameter.size += 1 + rest.size;
    parameters.push_back(parameter);
  }
}

// By name; of equal names the first sent stays first, since their order has a meaning. Not stable_sort: that
// one allocates.
void sort_by_name(const std::string& text, Parameters& parameters) {
  std::sort(parameters.begin(), parameters.end(), [&text](const Parameter& a, const Parameter& b) {
    const int order = name_in(text, a).compare(name_in(text, b));
    return order != 0 ? order < 0 : a.begin < b.begin;
  });
}

enum class Defaults : std::uint8_t { added, left_out };

void append_ordered(std::string_view query, const QueryRule& rule, Defaults defaults, std::string& text) {
  alignas(Parameter) std::array<std::byte, inline_parameters * sizeof(Parameter)> memory;
  std::pmr::monotonic_buffer_resource resource(memory.data(), memory.size());
  Parameters parameters(&resource);
  parameters.reserve(inline_parameters);

  // The parameters are gathered at the end of the text, copied behind that in their order, and the gathered
  // ones erased: the text is its own scratch memory.
  const std::size_t begin = text.size();
  for_each_part(query, [&](std::string_view part) {
    const Parameter parameter = append_parameter(part, text);
    const std::string_view all = std::string_view(text).substr(parameter.begin);
    if (counts(name_in(text, parameter), all, rule)) {
      parameters.push_back(parameter);
    } else {
      text.resize(parameter.begin);
    }
  });
  if (defaults == Defaults::added) append_defaults(rule, parameters, text);
  // With defaults "?limit=5" and "" are one key only if a default stands where a sent one would.
  if (rule.sort || !rule.fallback.empty()) sort_by_name(text, parameters);

  const std::size_t gathered_end = text.size();
  text.reserve(gathered_end + (gathered_end - begin) + parameters.size());
  for (const Parameter& parameter : parameters) {
    if (text.size() > gathered_end) text += '&';
    text.append(text, parameter.begin, parameter.size);
  }
  text.erase(begin, gathered_end - begin);
}

}  // namespace

void append_normalised_query(std::string_view query, const QueryRule& rule, std::string& text) {
  if (rule.is_exact()) {
    text += query;
  } else {
    append_ordered(query, rule, Defaults::added, text);
  }
}

std::string normalise_query(std::string_view query, const QueryRule& rule) {
  std::string text;
  append_normalised_query(query, rule, text);
  return text;
}

std::string forwarded_query(std::string_view query, const QueryRule& rule) {
  if (rule.is_exact() || rule.forward_ignored) return std::string(query);
  std::string text;
  append_ordered(query, rule, Defaults::left_out, text);
  return text;
}

}  // namespace larder::cache
