// Cookie, query and other rules that the site and its routes write alike.
#include <algorithm>

#include "larder/base/text.hpp"
#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

// Cookie names are tokens (RFC 6265 section 4.1.1), and so is `*`.
constexpr TextList cookie_names{"a list of cookie names, such as [sessionid, \"_ga*\"]",
                                "a cookie's name, with * for any bytes", is_token};

// What stands between '?', '&' and '=' as clients send it.
bool is_query_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '&' && c != '#'; });
}
bool is_query_name(std::string_view text) {
  return !text.empty() && is_query_text(text) && text.find('=') == std::string_view::npos;
}

constexpr TextList query_names{"a list of parameter names, such as [page, \"utm_*\"]",
                               "a parameter's name as it is sent, with * for any bytes", is_query_name};

constexpr Range<std::uint32_t> max_variants_range{1, 1'000'000};

void read_defaults(const Value& value, cache::QueryRule& rule) {
  rule.fallback.clear();
  value.each("a map of parameters and their values", [&](const Value::Entry& entry, const Value& parameter) {
    constexpr std::string_view what = "a parameter's value as it is sent";
    if (!is_query_name(entry.name) || entry.name.find('*') != std::string::npos) {
      value.reader().fail(entry.place,
                          "bad parameter name '" + entry.name + "'; expected a name as it is sent");
    }
    auto text = parameter.text_or_empty(what);
    if (!text) return;
    if (!is_query_text(*text)) return parameter.expected(what);
    rule.fallback.emplace_back(entry.name, std::move(*text));
  });
}

}  // namespace

Read into(cache::CookieRule& rule) {
  return [&rule](const Value& value) {
    value.section({{"bypass", into(rule.bypass, cookie_names)},
                   {"ignore", into(rule.ignore, cookie_names)},
                   {"vary", into(rule.vary, cookie_names)},
                   {"session", into(rule.session, cookie_names)}});
  };
}

Read into(cache::QueryRule& rule) {
  return [&rule](const Value& value) {
    value.section({{"bypass", into(rule.bypass, query_names)},
                   {"allow", [&](const Value& v) { rule.allow = read_texts(v, query_names); }},
                   {"ignore", into(rule.ignore, query_names)},
                   {"default", [&](const Value& v) { read_defaults(v, rule); }},
                   {"sort", into(rule.sort)},
                   {"max_variants", into(rule.max_variants, max_variants_range)}});
  };
}

void read_refuse(const Value& value, cache::RefuseRule& rule) {
  rule = {};
  const Choices<bool cache::RefuseRule::*> kinds{{"set_cookie", &cache::RefuseRule::set_cookie},
                                                 {"session", &cache::RefuseRule::session},
                                                 {"csrf_token", &cache::RefuseRule::csrf_token},
                                                 {"user_bar", &cache::RefuseRule::user_bar},
                                                 {"unkeyed_cookie", &cache::RefuseRule::unkeyed_cookie}};
  for (const Value& item : value.items("a list such as [set_cookie, csrf_token]")) {
    if (const auto kind = read_choice(item, kinds)) rule.** kind = true;
  }
}

void read_targets(const Value& value, std::vector<std::string>& targets) {
  // Cache-Control and Expires stand behind every list; in it they would be read by another grammar.
  const auto is_target = [](std::string_view name) {
    return is_token(name) && !base::equals_ignoring_case(name, "Cache-Control") &&
           !base::equals_ignoring_case(name, "Expires");
  };
  targets = read_texts(value, {"a list of response fields, such as [CDN-Cache-Control]",
                               "the name of a response field, such as CDN-Cache-Control", is_target});
}

void read_forward_ignored(const Value& value, cache::RoutePolicy& policy) {
  const auto cookies = [&rule = policy.cookies.forward_ignored](const Value& v) {
    if (v.is_list()) {
      rule = read_texts(v, cookie_names);
      return;
    }
    constexpr std::string_view what = "true, false or a list of cookie names, such as [csrftoken]";
    const auto text = v.text(what);
    if (!text) return;
    if (*text != "true" && *text != "false") return v.expected(what);
    rule.clear();
    if (*text == "true") rule.emplace_back("*");
  };
  value.section({{"query", into(policy.query.forward_ignored)}, {"cookies", cookies}});
}

}  // namespace larder::config
