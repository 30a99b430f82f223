#include "substitution.hpp"

#include <algorithm>

#include "larder/base/text.hpp"

namespace larder::config {
namespace {

using Substituted = std::variant<std::string, SubstitutionError>;

bool is_name(std::string_view name) {
  if (name.empty() || base::is_digit(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '_';
  });
}

// `inside` is what stands between the braces.
Substituted value_of(std::string_view inside, const Environment& environment) {
  const std::size_t mark = inside.find(":-");
  const std::string name(inside.substr(0, mark));
  if (!is_name(name)) {
    return SubstitutionError{"bad environment variable '${" + std::string(inside) +
                             "}'; expected ${NAME} or ${NAME:-default}"};
  }
  auto value = environment ? environment(name) : std::nullopt;
  if (mark != std::string_view::npos) {
    return value && !value->empty() ? std::move(*value) : std::string(inside.substr(mark + 2));
  }
  if (!value) {
    return SubstitutionError{"environment variable '" + name +
                             "' is not set; expected a value, or a default as in ${" + name + ":-default}"};
  }
  return std::move(*value);
}

}  // namespace

Substituted substitute(std::string_view text, const Environment& environment) {
  std::string result;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    result += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        return SubstitutionError{"'${' without its '}'; expected ${NAME}, or $$ for a dollar sign"};
      }
      Substituted value = value_of(text.substr(2, end - 2), environment);
      if (std::holds_alternative<SubstitutionError>(value)) return value;
      result += std::get<std::string>(value);
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      result += '$';
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
  }
  return result;
}

}  // namespace larder::config
