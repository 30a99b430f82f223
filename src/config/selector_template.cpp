#include "selector_template.hpp"

#include "larder/cache/selector.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

constexpr std::string_view header_mark = "header:";
constexpr std::string_view query_mark = "query:";

// Each value replaced by what any may look like: a path where a selector needs one, a word elsewhere.
std::string with_dummies(const SelectorTemplate& parsed) {
  std::string text;
  for (const SelectorTemplate::Part& part : parsed.parts) {
    text += part.literal;
    if (!part.value) continue;
    const bool is_path = text == "path:" || text == "prefix:" || text == "url:";
    text += is_path ? "/x" : "x";
  }
  return text;
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') continue;
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    if (next != '0' && next != '1') return false;
  }
  return true;
}

std::optional<EventValue> parse_event_value(std::string_view text) {
  EventValue value;
  if (text.ends_with('?')) {
    value.is_optional = true;
    text.remove_suffix(1);
  }
  bool is_valid = !text.empty() && is_json_pointer(text);
  if (text.starts_with(header_mark)) {
    value.from = EventValue::From::header;
    text.remove_prefix(header_mark.size());
    is_valid = is_token(text);
  } else if (text.starts_with(query_mark)) {
    value.from = EventValue::From::query;
    text.remove_prefix(query_mark.size());
    is_valid = !text.empty();
  }
  if (!is_valid) return std::nullopt;
  value.name = text;
  return value;
}

std::string text_of(const EventValue& value) {
  switch (value.from) {
    case EventValue::From::body:
      return value.name;
    case EventValue::From::header:
      return std::string(header_mark) + value.name;
    case EventValue::From::query:
      return std::string(query_mark) + value.name;
  }
  return value.name;
}

std::variant<SelectorTemplate, TemplateError> parse_selector_template(std::string_view text) {
  SelectorTemplate parsed;
  parsed.text = text;
  while (!text.empty()) {
    SelectorTemplate::Part part;
    const std::size_t open = text.find_first_of("{}");
    part.literal = text.substr(0, open);
    if (open == std::string_view::npos) {
      parsed.parts.push_back(std::move(part));
      break;
    }
    if (text[open] == '}') return TemplateError{"'}' without its '{'"};
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return TemplateError{"'{' without its '}'"};
    const std::string_view value = text.substr(open + 1, close - open - 1);
    part.value = parse_event_value(value);
    if (!part.value) {
      return TemplateError{
          "expected a value such as {/data/slug}, {header:X-Slug} or {query:slug}, or {/data/slug?} where it "
          "may be missing, got {" +
          std::string(value) + "}"};
    }
    parsed.parts.push_back(std::move(part));
    text.remove_prefix(close + 1);
  }
  if (parsed.is_whole()) return parsed;
  const auto selector = cache::parse_selector(with_dummies(parsed));
  if (const auto* error = std::get_if<cache::SelectorError>(&selector)) return TemplateError{error->message};
  return parsed;
}

}  // namespace larder::config
