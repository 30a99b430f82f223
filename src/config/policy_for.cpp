#include <algorithm>
#include <utility>

#include "larder/config/config.hpp"

namespace larder::config {

std::optional<std::string_view> Config::canonical_host(std::string_view host) const {
  if (hosts.empty()) return host;
  const auto found = host_names.find(host);
  if (found == host_names.end()) return std::nullopt;
  return found->second;
}

void match_route(const Config& config, std::string_view path, RouteMatch& match) {
  match.captures.clear();
  match.policy = &config.unmatched;
  const Pattern::Beginning beginning(path);
  std::uint32_t index = 0;
  for (const Route& route : config.routes) {
    if (route.pattern.may_match(beginning) && route.pattern.matches(path, &match.captures)) {
      match.policy = &route.policy;
      break;
    }
    ++index;
  }
  match.index = index;
}

std::vector<std::string> labels_of(const Pattern::Captures& captures) {
  std::vector<std::string> labels;
  labels.reserve(captures.size());
  for (const auto& [name, value] : captures) labels.push_back(std::string(name).append(":").append(value));
  return labels;
}

const cache::RoutePolicy& policy_for(const Config& config, std::string_view path) {
  RouteMatch match;
  match_route(config, path, match);
  return *match.policy;
}

bool has_same_tags(const Config& a, const Config& b) {
  const auto is_alike = [](const Route& one, const Route& other) {
    return one.pattern.text() == other.pattern.text() && one.policy.tags == other.policy.tags &&
           one.policy.tags_from == other.policy.tags_from;
  };
  return std::equal(a.routes.begin(), a.routes.end(), b.routes.begin(), b.routes.end(), is_alike);
}

}  // namespace larder::config
