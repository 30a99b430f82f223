// What an exchange leaves behind for the access log and the metrics.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/cache/reason.hpp"

namespace larder::obs {

// How the answer came about; a label of metrics and the access log's `cache`.
enum class Result : std::uint8_t {
  hit,          // fresh, from the store
  stale,        // from the store within grace
  revalidated,  // from the store after a 304
  miss,         // fetched by this exchange, storable by its head
  collapsed,    // fetched by another's request, shared
  pass,         // fetched for this exchange alone
  error,        // a status of ours where the upstream's should be
  refused,      // a bad request, answered without asking anybody
  local,        // answered by the sidecar itself: PURGE, webhooks
  tunnel,       // an upgraded connection
  count_,
};

struct ExchangeRecord {
  base::WallTime started{};
  std::string_view client;  // the peer's address, or what a trusted proxy said
  std::string_view method;
  std::string_view host;
  std::string_view target;
  std::string_view referer;
  std::string_view user_agent;
  int minor_version = 1;
  int status = 0;
  std::uint64_t bytes_sent = 0;  // of the body
  std::uint64_t duration_us = 0;
  std::optional<std::uint64_t> upstream_us;  // to the upstream's response head
  // Where they stand in the order of purges: the newest line when the request came, and when the fetch began
  // that brought what was stored and answers it. A purge outdates the fetches of lower sequences, and counts
  // for the requests of its own and higher ones.
  std::uint64_t asked_at = 0;
  std::optional<std::uint64_t> fetched_at;
  Result result = Result::pass;
  cache::Reason reason = cache::Reason::none;
  std::uint32_t route = 0;  // index among the configuration's routes; their number for "(none)"
};

}  // namespace larder::obs
