#include "yaml_text.hpp"

#include <algorithm>
#include <array>

#include "larder/base/text.hpp"

namespace larder::config {
namespace {

bool is_plain_word(std::string_view text) {
  constexpr std::array<std::string_view, 9> others{"true", "false", "yes", "no", "on",
                                                   "off",  "null",  "y",   "n"};
  const auto is_letter = [](char c) { return base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z'; };
  if (text.empty() || !(is_letter(text.front()) || text.front() == '_')) return false;
  const bool has_only_word_bytes = std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || base::is_digit(c) || c == '_' || c == '-' || c == '.';
  });
  return has_only_word_bytes && std::find(others.begin(), others.end(), base::lower(text)) == others.end();
}

}  // namespace

std::string yaml_key(std::string_view text) {
  if (is_plain_word(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\n') quoted.push_back('\\');
    quoted.push_back(c == '\n' ? 'n' : c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string yaml_text(std::string_view text) {
  std::string written;
  for (const char c : text) {
    if (c == '$') written.push_back('$');  // "$$" is a dollar sign: no variable when it is read again
    written.push_back(c);
  }
  return yaml_key(written);
}

std::string yaml_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list.append(", ");
    list.append(yaml_text(text));
  }
  return list.append("]");
}

}  // namespace larder::config
