#include "selector_template.hpp"

#include "larder/cache/selector.hpp"

namespace larder::config {
namespace {

// Each pointer replaced by what any value may look like: a path where a selector needs one, a word elsewhere.
std::string with_dummies(const SelectorTemplate& parsed) {
  std::string text;
  for (const SelectorTemplate::Part& part : parsed.parts) {
    text += part.literal;
    if (part.pointer.empty()) continue;
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
    std::string_view pointer = text.substr(open + 1, close - open - 1);
    if (pointer.ends_with('?')) {
      part.is_optional = true;
      pointer.remove_suffix(1);
    }
    if (pointer.empty() || !is_json_pointer(pointer)) {
      return TemplateError{"expected a JSON pointer such as {/data/slug} or {/data/slug?}, got {" +
                           std::string(text.substr(open + 1, close - open - 1)) + "}"};
    }
    part.pointer = pointer;
    parsed.parts.push_back(std::move(part));
    text.remove_prefix(close + 1);
  }
  const auto selector = cache::parse_selector(with_dummies(parsed));
  if (const auto* error = std::get_if<cache::SelectorError>(&selector)) return TemplateError{error->message};
  return parsed;
}

}  // namespace larder::config
