// What a PURGE request or the body of POST /api/purge asks to be purged. Pure.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/admin/message.hpp"
#include "larder/cache/purge_log.hpp"
#include "larder/cache/selector.hpp"

namespace larder::admin {

struct PurgeOrder {
  std::vector<cache::Selector> selectors;
  cache::PurgeMode mode = cache::PurgeMode::hard;
  bool wants_refresh = false;  // fetch again what was in use
  bool is_dry_run = false;     // tell what would go, and change nothing
};
// Why there is nothing to carry out, in words for the client.
struct PurgeError {
  std::string message;
};

// PURGE: the target's path on the host that Host (or an absolute-form target) names, whatever its query; a
// path that ends in `*` is a prefix. With the field `Larder-Dry-Run: true` a dry run.
std::variant<PurgeOrder, PurgeError> order_of_purge(const Request& request);
// {"select": ["slug:hello"], "mode": "hard" | "soft", "refresh": false, "dry_run": false}; every other member
// is refused.
std::variant<PurgeOrder, PurgeError> order_of_body(std::string_view json);

}  // namespace larder::admin
