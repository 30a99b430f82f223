// Warnings about a route, each said once: "/blog/{slug}/: not stored: csrf-token". What is refused on every
// request would fill the log; the counters miss none.
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "larder/cache/reason.hpp"

namespace larder::obs {

class RouteWarnings {
 public:
  // Logs "ROUTE: MESSAGE: REASON" when this route and reason have not been warned of since the last forget().
  // Any thread; takes a lock.
  void warn(const std::string& route, cache::Reason reason, std::string_view message);
  // A new configuration may have mended, or brought, what was warned of. Any thread.
  void forget();

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, cache::Reason>> said_;  // bounded by routes times reasons
};

}  // namespace larder::obs
