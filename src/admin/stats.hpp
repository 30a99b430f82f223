// What GET /api/stats and GET /metrics answer with, out of the site's counters.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "larder/admin/run_state.hpp"
#include "larder/obs/totals.hpp"
#include "larder/proxy/site.hpp"

namespace larder::admin {

// Requests, hits, latencies, store, flights, purges, upstream, routes.
nlohmann::ordered_json stats_of(const proxy::Site& site, const obs::Totals& totals,
                                std::string_view upstream_state, base::Duration uptime);
nlohmann::ordered_json routes_of(const obs::Totals& totals);
// What GET /api/replicas answers with.
nlohmann::ordered_json replicas_of(const fleet::Fleet& fleet);
nlohmann::ordered_json upstream_of(const proxy::Site& site, std::string_view upstream_state);

// Prometheus text.
std::string metrics_of(const proxy::Site& site, const obs::Totals& totals, const RunState& state,
                       const HookCounters& hooks);

}  // namespace larder::admin
