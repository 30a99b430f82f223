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

const cache::RoutePolicy& policy_for(const Config& config, std::string_view path,
                                     std::vector<std::string>& captures) {
  captures.clear();
  for (const Route& route : config.routes) {
    if (!route.pattern.has_captures()) {
      if (route.pattern.matches(path)) return route.policy;
      continue;
    }
    std::vector<std::pair<std::string_view, std::string_view>> values;
    if (!route.pattern.matches(path, &values)) continue;
    for (const auto& [name, value] : values) captures.push_back(std::string(name).append(":").append(value));
    return route.policy;
  }
  return config.unmatched;
}

bool has_same_tags(const Config& a, const Config& b) {
  const auto is_alike = [](const Route& one, const Route& other) {
    return one.pattern.text() == other.pattern.text() && one.policy.tags == other.policy.tags &&
           one.policy.tags_from == other.policy.tags_from;
  };
  return std::equal(a.routes.begin(), a.routes.end(), b.routes.begin(), b.routes.end(), is_alike);
}

}  // namespace larder::config
