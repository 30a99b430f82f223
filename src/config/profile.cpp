#include "larder/config/profile.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "larder/config/load.hpp"
#include "sections.hpp"
#include "values.hpp"
#include "yaml_document.hpp"

namespace larder::config {
namespace {

// Keys with one value; the others' values are lists.
bool is_single(std::string_view place) {
  return place == "query.sort" || place == "query.max_variants";
}

std::string_view section_of(std::string_view place) {
  return place.substr(0, place.find('.'));
}

std::string_view key_of(std::string_view place) {
  const std::size_t dot = place.find('.');
  return dot == std::string_view::npos ? place : place.substr(dot + 1);
}

bool is_nested(std::string_view place) {
  return place.find('.') != std::string_view::npos;
}

void append_rule(std::string& yaml, const std::string& indent, const ProfileRule& rule) {
  yaml.append(indent).append("# ").append(rule.reason).append("\n");
  yaml.append(indent);
  if (is_single(rule.place)) {
    yaml.append(key_of(rule.place)).append(": ");
  } else {
    yaml.append("- ");
  }
  yaml.append(rule.item).append("\n");
}

void append_place(std::string& yaml, std::string_view place, const std::vector<ProfileRule>& rules) {
  const std::string indent = is_nested(place) ? "  " : "";
  if (!is_single(place)) yaml.append(indent).append(key_of(place)).append(":\n");
  for (const ProfileRule& rule : rules) {
    if (rule.place == place) append_rule(yaml, is_single(place) ? indent : indent + "  ", rule);
  }
}

// Reads the profile's own text. An error in it is ours.
template <typename ReadRoot>
void read_profile(Profile profile, const ReadRoot& read_root) {
  if (profile == Profile::none) return;
  const Surroundings nothing{};
  Reader reader("profile " + std::string(name_of(profile)), nothing);
  const auto root = read_document(yaml_of(rules_of(profile)), reader);
  if (root) read_root(*root);
  if (reader.has_errors()) throw std::logic_error(text_of(reader.take_errors().front()));
}

struct ProfileSections {
  std::optional<Value> cookies;
  std::optional<Value> query;
  std::optional<Value> forward_ignored;
  std::optional<Value> refuse;
  std::optional<Value> routes;
};

ProfileSections sections_of(const Value& root) {
  ProfileSections sections;
  root.section({{"cookies", into(sections.cookies)},
                {"query", into(sections.query)},
                {"forward_ignored", into(sections.forward_ignored)},
                {"refuse", into(sections.refuse)},
                {"routes", into(sections.routes)}});
  return sections;
}

using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view reason_of(Profile profile, std::string_view place, std::string_view item) {
  for (const ProfileRule& rule : rules_of(profile)) {
    std::string_view text = rule.item;
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    if (rule.place == place && text == item) return rule.reason;
  }
  return {};
}

std::string yaml_of(const std::vector<ProfileRule>& rules) {
  std::vector<std::string_view> places;
  for (const ProfileRule& rule : rules) {
    if (std::find(places.begin(), places.end(), rule.place) == places.end()) places.push_back(rule.place);
  }
  std::string yaml;
  std::string_view section;  // the one that is being written; its places follow one another
  for (const std::string_view place : places) {
    if (is_nested(place) && section_of(place) != section) yaml.append(section_of(place)).append(":\n");
    section = section_of(place);
    append_place(yaml, place, rules);
  }
  return yaml;
}

void read_profile_rules(Config& config) {
  read_profile(config.profile, [&config](const Value& root) {
    const ProfileSections sections = sections_of(root);
    cache::RoutePolicy& site = config.unmatched;
    if (sections.cookies) into(site.cookies)(*sections.cookies);
    if (sections.query) into(site.query)(*sections.query);
    if (sections.forward_ignored) read_forward_ignored(*sections.forward_ignored, site);
    if (sections.refuse) read_refuse(*sections.refuse, site.refuse);
  });
}

void read_profile_routes(Config& config) {
  read_profile(config.profile, [&config](const Value& root) {
    const ProfileSections sections = sections_of(root);
    if (!sections.routes) return;
    Config own;
    own.unmatched = config.unmatched;
    read_routes(*sections.routes, own);
    const std::vector<ProfileRule> rules = rules_of(config.profile);
    auto rule = std::find_if(rules.begin(), rules.end(),
                             [](const ProfileRule& candidate) { return candidate.place == "routes"; });
    for (Route& route : own.routes) {
      route.why = rule++->reason;
      const bool is_replaced =
          std::any_of(config.routes.begin(), config.routes.end(),
                      [&](const Route& other) { return other.pattern.text() == route.pattern.text(); });
      if (!is_replaced) config.routes.push_back(std::move(route));
    }
  });
}

void read_own_cookies(const Value& value, cache::CookieRule& rule) {
  cache::CookieRule own;
  own.forward_ignored = rule.forward_ignored;
  own.session = rule.session;
  into(own)(value);
  const auto is_own = [spoken = own](const std::string& name) {
    return has(spoken.bypass, name) || has(spoken.ignore, name) || has(spoken.vary, name);
  };
  const auto add = [&](Names cache::CookieRule::*list) {
    for (const std::string& name : rule.*list) {
      if (!is_own(name)) (own.*list).push_back(name);
    }
  };
  for (const auto list : {&cache::CookieRule::bypass, &cache::CookieRule::ignore, &cache::CookieRule::vary})
    add(list);
  rule = std::move(own);
}

void read_own_query(const Value& value, cache::QueryRule& rule) {
  const Names bypassed = std::exchange(rule.bypass, {});
  const Names ignored = std::exchange(rule.ignore, {});
  into(rule)(value);
  const auto is_own = [spoken = rule](const std::string& name) {
    return has(spoken.bypass, name) || has(spoken.ignore, name) || (spoken.allow && has(*spoken.allow, name));
  };
  for (const std::string& name : bypassed) {
    if (!is_own(name)) rule.bypass.push_back(name);
  }
  for (const std::string& name : ignored) {
    if (!is_own(name)) rule.ignore.push_back(name);
  }
}

}  // namespace larder::config
