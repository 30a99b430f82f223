#include "admin/stats.hpp"

#include <algorithm>
#include <numeric>

#include "admin/purge_list.hpp"
#include "larder/obs/log.hpp"
#include "larder/obs/observer.hpp"

namespace larder::admin {
namespace {

using Json = nlohmann::ordered_json;

std::string result_name(std::size_t result) {
  return std::string(obs::name_of(static_cast<obs::Result>(result)));
}

Json by_result(const obs::Totals::ByResult& counts) {
  Json object = Json::object();
  for (std::size_t i = 0; i < obs::result_count; ++i) object[result_name(i)] = counts[i];
  return object;
}

Json by_reason(const obs::Totals::ByReason& counts) {
  Json object = Json::object();
  for (std::size_t i = 0; i < obs::reason_count; ++i) {
    if (counts[i] > 0) object[std::string(obs::name_of(static_cast<cache::Reason>(i)))] = counts[i];
  }
  return object;
}

double milliseconds(std::uint64_t microseconds) noexcept {
  return static_cast<double>(microseconds) / 1000.0;
}

Json durations_of(const obs::DurationTotals& durations) {
  const std::uint64_t count = obs::count_of(durations);
  return {{"count", count},
          {"mean", count == 0 ? 0.0 : milliseconds(durations.sum_us / count)},
          {"p50", milliseconds(obs::quantile_us(durations, 0.5))},
          {"p90", milliseconds(obs::quantile_us(durations, 0.9))},
          {"p99", milliseconds(obs::quantile_us(durations, 0.99))}};
}

Json durations_by_result(const std::array<obs::DurationTotals, obs::result_count>& durations) {
  Json object = Json::object();
  for (std::size_t i = 0; i < obs::result_count; ++i) {
    if (obs::count_of(durations[i]) > 0) object[result_name(i)] = durations_of(durations[i]);
  }
  return object;
}

Json requests_of(const obs::Totals& totals) {
  obs::Totals::ByResult results{};
  Json reasons = Json::object();
  for (std::size_t i = 0; i < obs::result_count; ++i) {
    results[i] = totals.requests_of(static_cast<obs::Result>(i));
    if (results[i] > 0) reasons[result_name(i)] = by_reason(totals.requests[i]);
  }
  Json statuses = Json::object();
  for (std::size_t i = 1; i < obs::status_class_count; ++i) {
    statuses[std::to_string(i) + "xx"] = totals.status_classes[i];
  }
  return {{"total", totals.request_count()},
          {"by_result", by_result(results)},
          {"by_reason", std::move(reasons)},
          {"by_status", std::move(statuses)}};
}

Json store_of(const store::StoreStats& stats) {
  return {{"entries", stats.entries},
          {"bytes", stats.bytes},
          {"in_flight_bytes", stats.in_flight_bytes},
          {"size_max", stats.size_max},
          {"insertions", stats.insertions},
          {"evictions", stats.evictions},
          {"swept", stats.swept},
          {"private_copies",
           {{"entries", stats.private_entries},
            {"bytes", stats.private_bytes},
            {"size_max", stats.private_size_max}}}};
}

Json flights_of(const proxy::FlightStats& stats) {
  return {{"running", stats.running},
          {"started", stats.started},
          {"joined", stats.joined},
          {"sealed", stats.sealed}};
}

Json purges_of(const proxy::Site& site) {
  Json by_cause = Json::object();
  for (std::size_t i = 0; i < proxy::PurgeCounts::cause_count; ++i) {
    const auto cause = static_cast<cache::PurgeCause>(i);
    by_cause[std::string(name_of(cause))] = {{"hard", site.purges.of(cause, cache::PurgeMode::hard)},
                                             {"soft", site.purges.of(cause, cache::PurgeMode::soft)}};
  }
  const cache::PurgeLog& log = site.purge_log;
  return {{"total", site.purges.total()},
          {"by_cause", std::move(by_cause)},
          {"sequence", log.newest()},
          {"swept_through", log.swept_through()},
          {"selectors", log.line_count()},
          {"outdated",
           {{"hard", log.outdated_count(cache::PurgeMode::hard)},
            {"soft", log.outdated_count(cache::PurgeMode::soft)}}},
          {"repeats_pending", site.repeats().stats().pending}};
}

}  // namespace

Json routes_of(const obs::Totals& totals) {
  Json routes = Json::array();
  for (const auto& [name, counts] : totals.routes) {
    const std::uint64_t requests = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    routes.push_back({{"route", name},
                      {"requests", requests},
                      {"hit_ratio", obs::hit_ratio_of(counts)},
                      {"by_result", by_result(counts)}});
  }
  std::stable_sort(routes.begin(), routes.end(), [](const Json& a, const Json& b) {
    return a["requests"].get<std::uint64_t>() > b["requests"].get<std::uint64_t>();
  });
  return routes;
}

Json upstream_of(const proxy::Site& site, std::string_view upstream_state) {
  Json upstream = {{"state", upstream_state}};
  if (!site.pool) return upstream;
  const upstream::PoolStats stats = site.pool->stats();
  upstream["name"] = site.pool->upstream().name;
  upstream["active"] = stats.active;
  upstream["idle"] = stats.idle;
  upstream["queued"] = stats.queued;
  upstream["connections_max"] = site.pool->upstream().connections.max;
  upstream["opened"] = stats.opened;
  upstream["reused"] = stats.reused;
  upstream["queue_rejections"] = stats.queue_rejections;
  upstream["queue_timeouts"] = stats.queue_timeouts;
  return upstream;
}

Json replicas_of(const fleet::Fleet& fleet) {
  const fleet::FleetView view = fleet.view();
  Json replicas = Json::array();
  for (const fleet::ReplicaView& replica : view.replicas) {
    replicas.push_back({{"id", replica.id},
                        {"self", replica.is_self},
                        {"applied", replica.applied},
                        {"silent_ms", replica.silent_for.count()}});
  }
  return {{"id", view.id},
          {"epoch", view.epoch},
          {"connected", view.is_connected},
          {"lease", view.holds_lease},
          {"lease_ms", view.lease.count()},
          {"applied", view.applied},
          {"unsent", view.unsent},
          {"waiting", view.waiting},
          {"replicas", std::move(replicas)}};
}

Json second_level_of(const store::RedisStoreStats& stats) {
  return {{"look_ups", stats.look_ups},
          {"hits", stats.hits},
          {"misses", stats.misses},
          {"corrupt", stats.corrupt},
          {"timeouts", stats.timeouts},
          {"unavailable", stats.unavailable},
          {"writes", stats.writes},
          {"superseded", stats.superseded},
          {"dropped", stats.dropped},
          {"failed_writes", stats.failed_writes},
          {"waiting_bytes", stats.waiting_bytes}};
}

Json turns_of(const fleet::FleetStats& stats) {
  return {{"asked", stats.turns},
          {"waited", stats.turns_waited},
          {"taken_over", stats.turns_taken_over},
          {"run_out", stats.turns_run_out},
          {"unavailable", stats.turns_unavailable},
          {"held", stats.turns_held}};
}

Json stats_of(const proxy::Site& site, const obs::Totals& totals, std::string_view upstream_state,
              base::Duration uptime) {
  const std::uint64_t open =
      totals.connections_opened - std::min(totals.connections_closed, totals.connections_opened);
  Json stats = {{"version", LARDER_VERSION},
                {"uptime_seconds", static_cast<double>(uptime.count()) / 1000.0}};
  stats["draining"] = site.is_draining.load();
  stats["requests"] = requests_of(totals);
  stats["hit_ratio"] = totals.hit_ratio();
  stats["bytes_sent"] = std::accumulate(totals.bytes.begin(), totals.bytes.end(), std::uint64_t{0});
  stats["duration_ms"] = durations_by_result(totals.durations);
  stats["upstream_duration_ms"] = durations_by_result(totals.upstream);
  stats["connections"] = {{"open", open}, {"accepted", totals.connections_opened}};
  stats["store"] = store_of(site.store.stats());
  stats["flights"] = flights_of(site.flights.stats());
  stats["purges"] = purges_of(site);
  stats["upstream"] = upstream_of(site, upstream_state);
  if (site.fleet) stats["replicas"] = replicas_of(*site.fleet);
  if (site.fleet) stats["turns"] = turns_of(site.fleet->stats());
  if (site.second_level) stats["second_level"] = second_level_of(site.second_level->stats());
  stats["events"] = by_reason(totals.events);
  stats["logs"] = {{"access_dropped", totals.access_log_dropped}, {"lines_lost", obs::log_lines_lost()}};
  stats["routes"] = routes_of(totals);
  return stats;
}

}  // namespace larder::admin
