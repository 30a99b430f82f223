#include "larder/cache/bypass.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "cache/cookie_scan.hpp"
#include "larder/base/text.hpp"

namespace larder::cache {
namespace {

// As application/x-www-form-urlencoded is read; a malformed escape stays as sent.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size();
    const int high = is_escape ? base::hex_value(text[i + 1]) : -1;
    const int low = is_escape ? base::hex_value(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

bool is_bypass_name(std::string_view name, const QueryRule& rule) {
  if (matches_any(rule.bypass, name)) return true;  // as the configuration writes it: as it is sent
  const std::string decoded = unescaped(name);
  const std::string_view plain = lenient_name(decoded);
  return matches_any(rule.bypass, plain) || matches_any(rule.bypass, plain.substr(0, plain.find('[')));
}

// Lower case, '-' for '_': a CGI-like server reads both as one. All of them are read by some framework's
// middleware or plug-in.
constexpr std::array<std::string_view, 3> override_names{
    "x-http-method-override",  // Google's, and so Django REST framework's past, Rails, Express, Symfony
    "x-http-method",           // Microsoft's OData
    "x-method-override",       // IBM's, Express
};

bool is_name(std::string_view name, std::string_view wanted) noexcept {
  return name.size() == wanted.size() &&
         std::equal(name.begin(), name.end(), wanted.begin(),
                    [](char a, char b) { return (a == '_' ? '-' : base::to_lower(a)) == b; });
}

}  // namespace

bool has_bypass_parameter(std::string_view query, const QueryRule& rule) {
  if (rule.bypass.empty()) return false;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view part = query.substr(0, end);
    if (!part.empty() && is_bypass_name(part.substr(0, part.find('=')), rule)) return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

bool has_method_override(const http::Fields& request) noexcept {
  if (!request.may_have_unknown()) return false;
  return std::any_of(request.begin(), request.end(), [](const http::Field& field) {
    return field.id == http::FieldId::other && base::to_lower(field.name.front()) == 'x' &&
           std::any_of(override_names.begin(), override_names.end(),
                       [&field](std::string_view wanted) { return is_name(field.name, wanted); });
  });
}

}  // namespace larder::cache
