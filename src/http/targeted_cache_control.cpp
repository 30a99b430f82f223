#include "larder/http/targeted_cache_control.hpp"

#include <algorithm>
#include <array>

#include "cache_directive.hpp"
#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/structured_fields.hpp"

namespace larder::http {
namespace {

constexpr std::string_view own_device_token = "larder";

enum class ValueKind : std::uint8_t { none, seconds, none_or_names };

// RFC 9213 section 2.1: which type the value of a directive has. Nothing for what is unknown.
std::optional<ValueKind> kind_of(std::string_view name) noexcept {
  struct Known {
    std::string_view name;
    ValueKind kind;
  };
  constexpr std::array<Known, 13> known = {{{"max-age", ValueKind::seconds},
                                            {"s-maxage", ValueKind::seconds},
                                            {"stale-while-revalidate", ValueKind::seconds},
                                            {"stale-if-error", ValueKind::seconds},
                                            {"no-cache", ValueKind::none_or_names},
                                            {"private", ValueKind::none_or_names},
                                            {"no-store", ValueKind::none},
                                            {"no-transform", ValueKind::none},
                                            {"must-revalidate", ValueKind::none},
                                            {"proxy-revalidate", ValueKind::none},
                                            {"must-understand", ValueKind::none},
                                            {"public", ValueKind::none},
                                            {"immutable", ValueKind::none}}};
  const auto* const found = std::find_if(known.begin(), known.end(),
                                         [name](const Known& directive) { return directive.name == name; });
  return found == known.end() ? std::nullopt : std::optional(found->kind);
}

// Nothing when the value is not of that kind.
std::optional<Directive> directive_of(const std::string& name, ValueKind kind,
                                      const structured::Member& member) {
  const auto* const item = std::get_if<structured::Item>(&member);
  if (!item) return std::nullopt;
  if (kind == ValueKind::seconds) {
    const auto* const seconds = std::get_if<std::int64_t>(&item->value);
    if (!seconds || *seconds < 0) return std::nullopt;
    return Directive{name, true, false, std::to_string(*seconds)};
  }
  if (const auto* const flag = std::get_if<bool>(&item->value)) {
    return *flag ? std::optional(Directive{name, false, false, {}}) : std::nullopt;
  }
  const auto* const names = std::get_if<std::string>(&item->value);
  if (kind != ValueKind::none_or_names || !names) return std::nullopt;
  return Directive{name, true, false, *names};
}

std::optional<ResponseCacheControl> parse_structured(const Fields& response, std::string_view name) {
  const auto dictionary = structured::parse_dictionary(response, name);
  if (!dictionary || dictionary->empty()) return std::nullopt;
  ResponseCacheControl control;
  for (const auto& [key, member] : *dictionary) {
    const auto kind = kind_of(key);
    if (!kind) continue;
    const auto directive = directive_of(key, *kind, member);
    if (!directive) return std::nullopt;
    apply(*directive, control);
  }
  return control;
}

// Of a member of Surrogate-Control: 'max-age=3600+600;larder'.
struct SurrogateDirective {
  Directive directive;
  bool is_for_some = false;  // names surrogates
  bool is_for_us = true;
};

// Up to the first `delimiter` outside quotes, and what comes after it.
std::string_view split_off(std::string_view& rest, char delimiter) noexcept {
  bool is_quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '\\' && is_quoted) {
      ++at;
    } else if (rest[at] == '"') {
      is_quoted = !is_quoted;
    } else if (rest[at] == delimiter && !is_quoted) {
      break;
    }
  }
  const std::string_view part = base::trim(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

SurrogateDirective parse_surrogate_directive(std::string_view member) {
  SurrogateDirective result;
  std::string_view text = split_off(member, ';');
  while (!member.empty()) {
    const std::string_view surrogate = split_off(member, ';');
    const bool is_us = base::equals_ignoring_case(surrogate, own_device_token);
    result.is_for_us = (result.is_for_some && result.is_for_us) || is_us;
    result.is_for_some = true;
  }
  const std::size_t equals = text.find('=');
  result.directive.name = base::lower(base::trim(text.substr(0, equals)));
  if (equals == std::string_view::npos) return result;
  result.directive.has_argument = true;
  result.directive.argument = text.substr(equals + 1);
  return result;
}

bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), base::is_digit);
}

// "N" or "N+M". False when it is neither.
bool apply_surrogate_age(std::string_view age, ResponseCacheControl& control) {
  const std::size_t plus = age.find('+');
  const std::string_view fresh = age.substr(0, plus);
  if (!is_digits(fresh)) return false;
  apply({"max-age", true, false, std::string(fresh)}, control);
  if (plus == std::string_view::npos) return true;
  const std::string_view stale = age.substr(plus + 1);
  if (!is_digits(stale)) return false;
  apply({"stale-while-revalidate", true, false, std::string(stale)}, control);
  apply({"stale-if-error", true, false, std::string(stale)}, control);
  return true;
}

void take_lifetimes(const ResponseCacheControl& from, ResponseCacheControl& control) {
  control.max_age = from.max_age;
  control.stale_while_revalidate = from.stale_while_revalidate;
  control.stale_if_error = from.stale_if_error;
}

std::optional<ResponseCacheControl> parse_surrogate_control(const Fields& response) {
  ResponseCacheControl control;
  ResponseCacheControl for_all;  // their lifetimes alone
  ResponseCacheControl for_us;
  bool says_something = false;
  bool is_readable = true;
  for_each_member(response, FieldId::surrogate_control, [&](std::string_view member) {
    const SurrogateDirective found = parse_surrogate_directive(member);
    if (!found.is_for_us) return;
    if (found.directive.name == "max-age") {
      ResponseCacheControl& lifetimes = found.is_for_some ? for_us : for_all;
      is_readable = apply_surrogate_age(found.directive.argument, lifetimes) && is_readable;
      says_something = true;
    } else if (apply_restriction(found.directive, control)) {
      says_something = true;
    }
  });
  if (!says_something || !is_readable) return std::nullopt;
  take_lifetimes(for_us.max_age.present ? for_us : for_all, control);
  return control;
}

}  // namespace

std::optional<ResponseCacheControl> parse_targeted_cache_control(const Fields& response,
                                                                 std::string_view name) {
  auto control = field_id(name) == FieldId::surrogate_control ? parse_surrogate_control(response)
                                                              : parse_structured(response, name);
  if (!control) return std::nullopt;
  control->present = true;
  control->is_targeted = true;
  return control;
}

ResponseCacheControl effective_cache_control(const Fields& response,
                                             const std::vector<std::string>& targets) {
  for (const std::string& target : targets) {
    if (!response.has(target)) continue;
    if (auto control = parse_targeted_cache_control(response, target)) return *std::move(control);
  }
  return parse_response_cache_control(response);
}

}  // namespace larder::http
