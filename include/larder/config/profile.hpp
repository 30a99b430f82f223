// `profile: django` and `profile: wagtail`: the rules that make a site as Django and Wagtail ship it safe and
// fast with nothing else set. Each is one line of configuration with its reason, which `larder config`
// prints beside it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace larder::config {

enum class Profile : std::uint8_t { none, django, wagtail };
std::string_view name_of(Profile profile) noexcept;

struct ProfileRule {
  std::string_view place;   // the key that it belongs to: "cookies.bypass", "query.sort", "refuse", "routes"
  std::string_view item;    // an item of that key's list, or its value, as YAML
  std::string_view reason;  // a sentence or two
};

// In the order in which they apply. The views are static.
std::vector<ProfileRule> rules_of(Profile profile);
// The reason of a rule; empty for one that the profile does not have.
std::string_view reason_of(Profile profile, std::string_view place, std::string_view item);
// The rules as the top-level keys of a configuration, with their reasons as comments. What it says under
// `profile: none` is what the profile itself says.
std::string yaml_of(const std::vector<ProfileRule>& rules);

}  // namespace larder::config
