// Reads a selector with places for values out of an event, such as "path:{/data/path}".
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "larder/config/webhook.hpp"

namespace larder::config {

struct TemplateError {
  std::string message;
};

// An error also when no value could make a selector of it.
std::variant<SelectorTemplate, TemplateError> parse_selector_template(std::string_view text);

// "/data/slug", "header:X-Event" or "query:event", with "?" at the end where it may be missing.
std::optional<EventValue> parse_event_value(std::string_view text);

// RFC 6901 section 3: "" or "/a/b", where '~' is only in "~0" and "~1".
bool is_json_pointer(std::string_view text);

}  // namespace larder::config
