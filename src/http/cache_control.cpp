#include "larder/http/cache_control.hpp"

#include <algorithm>
#include <limits>

#include "cache_directive.hpp"
#include "characters.hpp"
#include "larder/base/text.hpp"

namespace larder::http {
namespace {

// The content of a quoted string without its escapes (RFC 9110 section 5.6.4); anything else as it is.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string content;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    content.push_back(text[at]);
  }
  return content;
}

Directive parse_directive(std::string_view member) {
  const std::size_t equals = member.find('=');
  Directive directive;
  const std::string_view name = member.substr(0, equals);
  directive.name = base::lower(base::trim(name));
  if (equals == std::string_view::npos) return directive;
  const std::string_view argument = member.substr(equals + 1);
  directive.has_argument = true;
  directive.has_space_at_equals = base::trim(name) != name || base::trim(argument) != argument;
  directive.argument = unquoted(base::trim(argument));
  return directive;
}

// delta-seconds, RFC 9111 section 1.2.2: what is too large for us is as large as can be.
std::optional<base::Seconds> parse_delta_seconds(const Directive& directive) {
  const std::string& digits = directive.argument;
  if (directive.has_space_at_equals || digits.empty()) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), base::is_digit)) return std::nullopt;
  const auto limit = static_cast<std::uint64_t>(delta_seconds_max.count());
  const std::uint64_t seconds = std::min(base::parse_uint(digits).value_or(limit), limit);
  return base::Seconds(static_cast<base::Seconds::rep>(seconds));
}

// Of repeated lifetimes the one that `stricter` chooses counts; one that cannot be read is stricter than any.
template <typename Stricter>
void keep_stricter(DeltaSeconds& lifetime, const Directive& directive, Stricter stricter) {
  const auto value = parse_delta_seconds(directive);
  if (!lifetime.present) {
    lifetime = {true, value};
  } else if (!value || !lifetime.value) {
    lifetime.value.reset();
  } else {
    lifetime.value = stricter(*lifetime.value, *value);
  }
}

void keep_shortest(DeltaSeconds& lifetime, const Directive& directive) {
  keep_stricter(lifetime, directive, [](auto one, auto other) { return std::min(one, other); });
}

// min-fresh asks for more the larger it is.
void keep_longest(DeltaSeconds& lifetime, const Directive& directive) {
  keep_stricter(lifetime, directive, [](auto one, auto other) { return std::max(one, other); });
}

// The field names of no-cache="..." or private="..." (RFC 9111 sections 5.2.2.4 and 5.2.2.7). A list that is
// empty or holds anything but names restricts the whole response, as the directive without one does.
void add_field_names(const Directive& directive, bool& is_unqualified, std::vector<std::string>& names) {
  std::vector<std::string> found;
  std::string_view rest = directive.argument;
  while (const auto name = next_member(rest)) {
    if (!token_characters.has_all(*name)) {
      is_unqualified = true;
      return;
    }
    found.push_back(base::lower(*name));
  }
  // To keep these apart from the rest would change what the rest means, and to whom.
  constexpr std::string_view telling[] = {"age",
                                          "cache-control",
                                          "cache-groups",
                                          "cache-tag",
                                          "cdn-cache-control",
                                          "content-encoding",
                                          "content-type",
                                          "date",
                                          "expires",
                                          "content-range",
                                          "location",
                                          "surrogate-key",
                                          "vary",
                                          "etag",
                                          "last-modified",
                                          "transfer-encoding"};
  const bool tells = std::any_of(found.begin(), found.end(), [&telling](const std::string& name) {
    return std::find(std::begin(telling), std::end(telling), name) != std::end(telling);
  });
  if (found.empty() || tells) is_unqualified = true;
  names.insert(names.end(), found.begin(), found.end());
}

}  // namespace

bool apply_restriction(const Directive& directive, ResponseCacheControl& control) {
  const std::string_view name = directive.name;
  if (name == "no-store") {
    control.no_store = true;
  } else if (name == "no-transform") {
    control.no_transform = true;
  } else if (name == "must-revalidate") {
    control.must_revalidate = true;
  } else if (name == "proxy-revalidate") {
    control.proxy_revalidate = true;
  } else if (name == "no-cache") {
    add_field_names(directive, control.no_cache, control.no_cache_fields);
  } else if (name == "private") {
    add_field_names(directive, control.is_private, control.private_fields);
  } else {
    return false;
  }
  return true;
}

namespace {

bool apply_lifetime(const Directive& directive, ResponseCacheControl& control) {
  const std::string_view name = directive.name;
  if (name == "max-age") {
    keep_shortest(control.max_age, directive);
  } else if (name == "s-maxage") {
    keep_shortest(control.s_maxage, directive);
  } else if (name == "stale-while-revalidate") {
    keep_shortest(control.stale_while_revalidate, directive);
  } else if (name == "stale-if-error") {
    keep_shortest(control.stale_if_error, directive);
  } else {
    return false;
  }
  return true;
}

// What permits more than the default counts only as it is defined, without an argument.
void apply_permission(const Directive& directive, ResponseCacheControl& control) {
  if (directive.has_argument) return;
  const std::string_view name = directive.name;
  if (name == "public") {
    control.is_public = true;
  } else if (name == "must-understand") {
    control.must_understand = true;
  } else if (name == "immutable") {
    control.immutable = true;
  }
}

}  // namespace

void apply(const Directive& directive, ResponseCacheControl& control) {
  if (apply_restriction(directive, control) || apply_lifetime(directive, control)) return;
  apply_permission(directive, control);
}

namespace {

void apply(const Directive& directive, RequestCacheControl& control) {
  const std::string_view name = directive.name;
  if (name == "no-store") {
    control.no_store = true;
  } else if (name == "no-cache") {
    control.no_cache = true;
  } else if (name == "only-if-cached") {
    control.only_if_cached = true;
  } else if (name == "max-age") {
    keep_shortest(control.max_age, directive);
  } else if (name == "min-fresh") {
    keep_longest(control.min_fresh, directive);
  } else if (name == "max-stale" && directive.has_argument) {
    keep_shortest(control.max_stale, directive);
  } else if (name == "max-stale") {
    control.max_stale_any = true;
  }
}

}  // namespace

ResponseCacheControl parse_response_cache_control(const Fields& response) {
  ResponseCacheControl control;
  control.present = response.has(FieldId::cache_control);
  for_each_member(response, FieldId::cache_control,
                  [&control](std::string_view member) { apply(parse_directive(member), control); });
  return control;
}

RequestCacheControl parse_request_cache_control(const Fields& request) {
  RequestCacheControl control;
  // RFC 9111 section 5.4: Pragma counts only where there is no Cache-Control.
  if (!request.has(FieldId::cache_control)) {
    control.no_cache = request.has(FieldId::pragma) && has_token(request, FieldId::pragma, "no-cache");
    return control;
  }
  for_each_member(request, FieldId::cache_control,
                  [&control](std::string_view member) { apply(parse_directive(member), control); });
  // "max-stale" beside "max-stale=5": the narrower wish counts.
  if (control.max_stale.present) control.max_stale_any = false;
  return control;
}

}  // namespace larder::http
