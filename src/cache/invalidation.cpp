#include "larder/cache/invalidation.hpp"

#include <algorithm>

namespace larder::cache {

bool invalidates(http::Method method, int status) noexcept {
  return !http::is_safe(method) && status >= 200 && status < 400;
}

std::vector<std::string> invalidated_paths(const http::Target& target, const http::Fields& response) {
  std::vector<std::string> paths{target.path};
  for (const http::Field& field : response) {
    if (field.id != http::FieldId::location && field.id != http::FieldId::content_location) continue;
    http::Target named;
    if (http::parse_reference(field.value, target, named) != http::TargetError::none) continue;
    // Section 4.4: "MUST NOT ... if the origin differs", lest one site empties another's cache.
    if (named.scheme != target.scheme || named.host != target.host) continue;
    if (std::find(paths.begin(), paths.end(), named.path) == paths.end()) paths.push_back(named.path);
  }
  return paths;
}

}  // namespace larder::cache
