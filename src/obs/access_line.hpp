// One line of the access log.
#pragma once
#include <string>

#include "larder/config/config.hpp"
#include "obs/access_record.hpp"

namespace larder::obs {

// Appends the line and its line feed. `off` appends nothing.
//
// combined: Apache's combined format, then the cache result, the reason and the upstream's time in seconds
// ("-" when it was not asked):
//   192.0.2.1 - - [03/Feb/2026:04:05:06 +0000] "GET /blog/ HTTP/1.1" 200 5120 "-" "curl/7.88" miss absent
//   0.301224
// json: one object with the members time, logger, client, method, host, target, protocol, status, bytes,
// duration_ms, upstream_ms (or null), cache, reason, route, referer, user_agent.
void append_access_line(std::string& out, const AccessRecord& record, config::AccessLog format);

}  // namespace larder::obs
