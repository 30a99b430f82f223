#include <algorithm>
#include <variant>

#include "larder/base/text.hpp"
#include "larder/cache/selector.hpp"
#include "sections.hpp"
#include "selector_template.hpp"
#include "units.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

constexpr Range<base::Duration> lifetime_range{base::Duration(0), duration_max};
// Of final responses, but for 206 and 304, which belong to a stored one.
constexpr std::uint64_t status_min = 200;
constexpr std::uint64_t status_max = 599;

void read_ttl(const Value& value, cache::TtlRule& ttl) {
  ttl = {};
  if (value.is_map()) {
    value.section({{"default", into(ttl.fallback, lifetime_range)},
                   {"min", into(ttl.min, lifetime_range)},
                   {"max", into(ttl.max, lifetime_range)},
                   {"force", into(ttl.force, lifetime_range)}});
    if (ttl.min && ttl.max && *ttl.min > *ttl.max) {
      value.fail("expected min <= max, got " + text_of_duration(*ttl.min) + " and " +
                 text_of_duration(*ttl.max));
    }
    return;
  }
  constexpr std::string_view what = "a duration such as 24h, upstream, or a map of default, min, max, force";
  const auto text = value.text(what);
  if (!text || *text == "upstream") return;
  ttl.fallback = parse_duration(*text);
  if (!ttl.fallback) value.expected(what);
}

void read_status_ttl(const Value& value, std::vector<cache::StatusTtl>& rules) {
  rules.clear();
  value.each("a map of statuses and durations, such as {404: 10s}", [&](const Value::Entry& entry,
                                                                        const Value& lifetime) {
    const auto status = base::parse_uint(entry.name);
    const auto duration = read_duration(lifetime, lifetime_range);
    if (!status || *status < status_min || *status > status_max || *status == 206 || *status == 304) {
      value.reader().fail(entry.place,
                          "bad status '" + entry.name + "'; expected one from 200 to 599 but 206 and 304");
    } else if (duration) {
      rules.push_back({static_cast<int>(*status), *duration});
    }
  });
}

void read_stale(const Value& value, cache::StaleRule& stale) {
  value.section({{"while_revalidate", into(stale.while_revalidate, lifetime_range)},
                 {"if_error", into(stale.if_error, lifetime_range)}});
}

// What the selector "tag:..." can name.
bool is_label(std::string_view text) {
  const auto is_of_label = [](char c) { return c > ' ' && c < 0x7f && c != ',' && c != '*'; };
  if (!std::all_of(text.begin(), text.end(), is_of_label)) return false;
  const auto selector = cache::parse_selector("tag:" + std::string(text));
  return std::holds_alternative<cache::Selector>(selector);
}

constexpr TextList labels{"a list of tags, such as [blog]", "a tag without spaces, commas and *", is_label};

// More rules than anybody needs; each is held against every value of a body.
constexpr std::size_t tag_rules_max = 16;

// "slug:{}": what stands around the value.
void read_tag_of_body(const Value& value, cache::BodyTagRule& rule) {
  constexpr std::string_view what = "a tag with one {} for the value, such as \"slug:{}\"";
  constexpr std::string_view place = "{}";
  const auto text = value.text(what);
  if (!text) return;
  const std::size_t at = text->find(place);
  if (at != std::string::npos) {
    rule.before = text->substr(0, at);
    rule.after = text->substr(at + place.size());
  }
  const std::string around = rule.before + rule.after;
  const bool is_valid = at != std::string::npos && around.find_first_of("{}") == std::string::npos &&
                        is_label(rule.before + "x" + rule.after);
  if (!is_valid) value.expected(what);
}

void read_tags_from(const Value& value, std::vector<cache::BodyTagRule>& rules) {
  const auto items = value.items("a list such as [{json: /meta/slug, tag: \"slug:{}\"}]");
  if (items.size() > tag_rules_max) {
    value.fail("expected at most " + std::to_string(tag_rules_max) + " of them");
    return;
  }
  for (const Value& item : items) {
    cache::BodyTagRule rule;
    bool has_json = false;
    bool has_tag = false;
    const auto json = [&](const Value& v) {
      constexpr std::string_view what = "a JSON pointer such as /meta/slug";
      has_json = true;
      const auto text = v.text(what);
      if (!text) return;
      if (!is_json_pointer(*text)) return v.expected(what);
      rule.pointer = *text;
    };
    const auto tag = [&](const Value& v) {
      has_tag = true;
      read_tag_of_body(v, rule);
    };
    item.section({{"json", json}, {"tag", tag}});
    if (item.is_map() && !has_json)
      item.fail("'json' is missing; expected a JSON pointer such as /meta/slug");
    if (item.is_map() && !has_tag) item.fail("'tag' is missing; expected such as \"slug:{}\"");
    rules.push_back(std::move(rule));
  }
}

void read_downstream(const Value& value, cache::DownstreamRule& rule) {
  const auto cache_control = [&](const Value& v) {
    constexpr std::string_view what = "a Cache-Control value, such as \"public, max-age=0, must-revalidate\"";
    auto text = v.text(what);
    if (!text) return;
    if (!is_field_value(*text)) return v.expected(what);
    rule.cache_control = std::move(*text);
  };
  value.section({{"cache_control", cache_control},
                 {"etag", into(rule.etag_auto, Choices<bool>{{"auto", true}})},
                 {"tags", into(rule.keep_tags, Choices<bool>{{"keep", true}})}});
}

void read_unsafe(const Value& value, cache::RoutePolicy& policy) {
  policy.stores_set_cookie = false;
  for (const Value& item : value.items("a list of set_cookie")) {
    if (read_choice<bool>(item, {{"set_cookie", true}})) policy.stores_set_cookie = true;
  }
}

void read_match(const Value& value, const Config& config, Route& route) {
  const auto text = value.text("a pattern such as \"/blog/{slug}/\"");
  if (!text) return;
  auto pattern = Pattern::parse(*text);
  if (const auto* error = std::get_if<PatternError>(&pattern)) {
    value.fail("bad pattern \"" + *text + "\" at byte " + std::to_string(error->offset + 1) + ": " +
               error->message);
    return;
  }
  route.pattern = std::move(std::get<Pattern>(pattern));
  route.policy.name = *text;
  const bool is_shadowed = std::any_of(config.routes.begin(), config.routes.end(),
                                       [&](const Route& earlier) { return earlier.pattern.text() == *text; });
  if (is_shadowed) value.fail("an earlier route has the same pattern, so this one would never match");
}

Route read_route(const Value& value, const Config& config) {
  Route route;
  cache::RoutePolicy& policy = route.policy;
  policy = config.unmatched;
  bool has_match = false;
  const auto match = [&](const Value& v) {
    read_match(v, config, route);
    has_match = true;
  };
  value.section({{"match", match},
                 {"cache", into(policy.is_cache_off, Choices<bool>{{"off", true}})},
                 {"ttl", [&](const Value& v) { read_ttl(v, policy.ttl); }},
                 {"status_ttl", [&](const Value& v) { read_status_ttl(v, policy.status_ttl); }},
                 {"stale", [&](const Value& v) { read_stale(v, policy.stale); }},
                 {"query", into(policy.query)},
                 {"cookies", into(policy.cookies)},
                 {"refuse", [&](const Value& v) { read_refuse(v, policy.refuse); }},
                 {"targets", [&](const Value& v) { read_targets(v, policy.targets); }},
                 {"tags", into(policy.tags, labels)},
                 {"tags_from", [&](const Value& v) { read_tags_from(v, policy.tags_from); }},
                 {"downstream", [&](const Value& v) { read_downstream(v, policy.downstream); }},
                 {"client_reload",
                  into(policy.ignores_client_reload, Choices<bool>{{"obey", false}, {"ignore", true}})},
                 {"unsafe", [&](const Value& v) { read_unsafe(v, policy); }},
                 {"mode", {}},
                 {"esi", {}},
                 {"slice", {}},
                 {"verify", {}},
                 {"warm", {}}});
  if (value.is_map() && !has_match)
    value.fail("'match' is missing; expected a pattern such as \"/blog/{slug}/\"");
  return route;
}

}  // namespace

void read_routes(const Value& value, Config& config) {
  config.routes.clear();
  for (const Value& item : value.items("a list of routes, each with its 'match'")) {
    config.routes.push_back(read_route(item, config));
  }
}

}  // namespace larder::config
