#include "larder/obs/route_warnings.hpp"

#include "larder/obs/log.hpp"
#include "larder/obs/observer.hpp"

namespace larder::obs {

void RouteWarnings::warn(const std::string& route, cache::Reason reason, std::string_view message) {
  {
    const std::scoped_lock lock(mutex_);
    if (!said_.emplace(route, reason).second) return;
  }
  std::string line = route;
  log_warning(line.append(": ").append(message).append(": ").append(name_of(reason)));
}

void RouteWarnings::forget() {
  const std::scoped_lock lock(mutex_);
  said_.clear();
}

}  // namespace larder::obs
