#include "larder/obs/metrics.hpp"

#include "admin/purge_list.hpp"
#include "admin/stats.hpp"
#include "larder/base/memory_file.hpp"
#include "larder/proxy/jobs.hpp"

namespace larder::admin {
namespace {

using Page = obs::MetricPage;

double number(std::uint64_t value) noexcept {
  return static_cast<double>(value);
}

void add_store(Page& page, const store::StoreStats& stats) {
  page.add_gauge("larder_store_entries", "Stored responses.", number(stats.entries));
  page.add_gauge("larder_store_bytes", "Bytes counted against the store's size, growing bodies included.",
                 number(stats.bytes));
  page.add_gauge("larder_store_in_flight_bytes", "Bytes of bodies that still grow.",
                 number(stats.in_flight_bytes));
  page.add_gauge("larder_store_size_bytes", "The configured size.", number(stats.size_max));
  page.add_gauge("larder_store_private_entries", "Private copies among the stored responses.",
                 number(stats.private_entries));
  page.add_gauge("larder_store_private_bytes", "Bytes of private copies, growing bodies included.",
                 number(stats.private_bytes));
  page.add_gauge("larder_store_private_size_bytes", "The most that private copies may hold.",
                 number(stats.private_size_max));
  page.add_gauge("larder_store_memory_files", "Large bodies in files of memory, a descriptor each.",
                 number(base::MemoryFile::count()));
  page.add_counter("larder_store_memory_file_refusals_total",
                   "Large bodies that got ordinary memory for want of descriptors or memory.",
                   base::MemoryFile::refusals());
  page.add_counter("larder_store_insertions_total", "Responses put into the store.", stats.insertions);
  page.add_counter("larder_store_evictions_total", "Responses evicted to make room.", stats.evictions);
  page.add_counter("larder_store_swept_total",
                   "Responses and marks removed by the sweep: outdated by purges, or stale where "
                   "query.max_variants had run out.",
                   stats.swept);
}

void add_flights(Page& page, const proxy::FlightStats& stats) {
  page.add_gauge("larder_flights", "Fetches in progress.", number(stats.running));
  page.add_counter("larder_flights_started_total", "Fetches begun.", stats.started);
  page.add_counter("larder_flights_joined_total", "Exchanges that joined another's fetch.", stats.joined);
  page.add_counter("larder_flights_sealed_total", "Exchanges that a purge kept out of a fetch.",
                   stats.sealed);
}

void add_purges(Page& page, const proxy::Site& site) {
  for (std::size_t i = 0; i < proxy::PurgeCounts::cause_count; ++i) {
    const auto cause = static_cast<cache::PurgeCause>(i);
    for (const cache::PurgeMode mode : {cache::PurgeMode::hard, cache::PurgeMode::soft}) {
      page.add_counter("larder_purges_total", "Purges carried out.", site.purges.of(cause, mode),
                       {{"cause", std::string(name_of(cause))}, {"mode", std::string(name_of(mode))}});
    }
  }
  for (const cache::PurgeMode mode : {cache::PurgeMode::hard, cache::PurgeMode::soft}) {
    page.add_counter("larder_purge_outdated_total",
                     "Stored responses that purges outdated (soft: made stale).",
                     site.purge_log.outdated_count(mode), {{"mode", std::string(name_of(mode))}});
  }
  const proxy::RepeatStats repeats = site.repeats().stats();
  page.add_gauge("larder_purge_repeats_pending", "Repeats of purges that are still to come (purge.settle).",
                 number(repeats.pending));
  page.add_counter("larder_purge_repeats_widened_total",
                   "Repeats that became one of everything, since too many were pending.", repeats.widened);
  page.add_gauge("larder_purge_swept_sequence",
                 "The newest line that a whole sweep has checked the store by.",
                 number(site.purge_log.swept_through()));
  page.add_gauge("larder_purge_sequence", "The newest line of the purge log.",
                 number(site.purge_log.newest()));
  page.add_gauge("larder_purge_log_selectors", "Distinct selectors that the purge log holds.",
                 number(site.purge_log.line_count()));
  page.add_counter("larder_purge_log_overflows_total",
                   "How often too many selectors were replaced by one hard purge of all.",
                   site.purge_log.overflow_count());
}

void add_fleet(Page& page, const fleet::Fleet& fleet) {
  const fleet::FleetView view = fleet.view();
  const fleet::FleetStats stats = fleet.stats();
  page.add_gauge("larder_redis_connected", "1 while there is a connection to Redis.",
                 view.is_connected ? 1 : 0);
  page.add_gauge("larder_replica_lease", "1 while this replica knows of all acknowledged purges.",
                 view.holds_lease ? 1 : 0);
  page.add_gauge("larder_replicas", "Replicas that are known, this one included.",
                 number(view.replicas.size()));
  page.add_gauge("larder_replica_log_applied", "The line of the shared purge log that was applied last.",
                 number(view.applied));
  page.add_gauge("larder_replica_lines_unsent", "Purges that hold here and that the others do not know yet.",
                 number(view.unsent));
  page.add_gauge("larder_replica_purges_waiting", "Purges that wait for other replicas.",
                 number(view.waiting));
  page.add_counter("larder_replica_epochs_total", "Epochs of the shared log that were joined.", view.epochs);
  page.add_counter("larder_replica_gaps_total", "Times that lines of the shared log were missed.", view.gaps);
  page.add_counter("larder_replica_lease_losses_total", "Times that the lease ended without a renewal.",
                   stats.lease_losses);
  page.add_counter("larder_replica_purges_total", "Purges sent to all replicas.", stats.published);
  page.add_counter("larder_replica_purges_unacknowledged_total",
                   "Of these, those that were not acknowledged.", stats.unacknowledged);
  page.add_counter("larder_redis_failed_commands_total", "Commands to Redis that failed.",
                   stats.failed_commands);
  page.add_gauge("larder_replica_turns", "Fetches that other replicas leave to this one, now.",
                 number(stats.turns_held));
  page.add_counter("larder_replica_turns_total", "Fetches for which the turn was asked for.", stats.turns);
  page.add_counter("larder_replica_turns_waited_total", "Of these, those that waited for another replica's.",
                   stats.turns_waited);
  page.add_counter("larder_replica_turns_taken_over_total",
                   "Turns taken from a replica whose fetch a purge had overtaken, or that had died.",
                   stats.turns_taken_over);
  page.add_counter("larder_replica_turns_run_out_total",
                   "Fetches that waited for another replica's for as long as they may.", stats.turns_run_out);
  page.add_counter("larder_replica_turns_unavailable_total",
                   "Fetches without a turn, since Redis could not be asked.", stats.turns_unavailable);
}

void add_second_level(Page& page, const store::RedisStoreStats& stats) {
  const auto add_look_up = [&](const char* result, std::uint64_t count) {
    page.add_counter("larder_second_level_look_ups_total", "Misses in memory that were looked for in Redis.",
                     count, {{"result", result}});
  };
  add_look_up("hit", stats.hits);
  add_look_up("miss", stats.misses);
  add_look_up("corrupt", stats.corrupt);
  add_look_up("timeout", stats.timeouts);
  add_look_up("unavailable", stats.unavailable);
  const auto add_write = [&](const char* result, std::uint64_t count) {
    page.add_counter("larder_second_level_writes_total", "Responses to be written to Redis.", count,
                     {{"result", result}});
  };
  add_write("written", stats.writes);
  add_write("superseded", stats.superseded);
  add_write("dropped", stats.dropped);
  add_write("failed", stats.failed_writes);
  page.add_gauge("larder_second_level_waiting_bytes", "Bytes of responses that wait to be written to Redis.",
                 number(stats.waiting_bytes));
}

void add_jobs(Page& page, const proxy::JobStats& stats) {
  constexpr std::string_view jobs = "Jobs of the sidecar's own that wait or run.";
  page.add_gauge("larder_jobs", jobs, number(stats.waiting), {{"state", "waiting"}});
  page.add_gauge("larder_jobs", jobs, number(stats.running), {{"state", "running"}});
  const std::pair<const char*, proxy::JobKind> kinds[] = {{"warm", proxy::JobKind::warm},
                                                          {"refresh", proxy::JobKind::refresh}};
  for (const auto& lane : kinds) {
    const char* const name = lane.first;  // clang captures no structured binding
    const auto index = static_cast<std::size_t>(lane.second);
    const proxy::JobCounts& counts = stats.counts[index];
    page.add_counter("larder_jobs_ended_total", "Jobs that have ended, whatever became of them.",
                     stats.ended[index], {{"kind", name}});
    const auto add = [&](const char* result, std::uint64_t count) {
      page.add_counter("larder_job_pages_total", "Pages of jobs by what became of them.", count,
                       {{"kind", name}, {"result", result}});
    };
    add("fetched", counts.fetched);
    add("skipped", counts.fresh);
    add("not_stored", counts.not_stored);
    add("failed", counts.failed);
    page.add_counter("larder_job_bytes_total", "Bytes of bodies that jobs fetched.", counts.bytes,
                     {{"kind", name}});
  }
}

void add_upstream(Page& page, const upstream::PoolStats& stats) {
  constexpr std::string_view connections = "Connections to the upstream.";
  page.add_gauge("larder_upstream_connections", connections, stats.active, {{"state", "active"}});
  page.add_gauge("larder_upstream_connections", connections, stats.idle, {{"state", "idle"}});
  page.add_gauge("larder_upstream_queue", "Requests that wait for a connection.", stats.queued);
  page.add_counter("larder_upstream_connections_opened_total", "Connections opened.", stats.opened);
  page.add_counter("larder_upstream_connections_reused_total", "Requests sent on a kept connection.",
                   stats.reused);
  page.add_counter("larder_upstream_queue_rejections_total", "Requests that found the queue full.",
                   stats.queue_rejections);
  page.add_counter("larder_upstream_queue_timeouts_total", "Requests that waited too long for a connection.",
                   stats.queue_timeouts);
}

void add_hooks(Page& page, const HookCounters& hooks) {
  const auto add = [&](std::string label, const std::atomic<std::uint64_t>& count) {
    page.add_counter("larder_webhook_requests_total", "Webhook requests by what became of them.",
                     count.load(), {{"result", std::move(label)}});
  };
  add("purged", hooks.purged);
  add("ignored", hooks.ignored);
  add("duplicate", hooks.duplicate);
  add("refused", hooks.refused);
  add("stale", hooks.stale);
  add("too_large", hooks.too_large);
  add("unfit", hooks.unfit);
  add("failed", hooks.failed);
  page.add_counter(
      "larder_webhook_ids_forgotten_total",
      "Ids of webhook requests forgotten while a replay could still be believed, since there were "
      "too many.",
      hooks.ids_forgotten.load());
}

void add_run_state(Page& page, const proxy::Site& site, const RunState& state) {
  page.add_gauge("larder_draining", "1 from the start of a drain.", site.is_draining ? 1 : 0);
  page.add_gauge("larder_config_last_reload_successful", "0 when the last reload was refused.",
                 state.last_reload_successful ? 1 : 0);
  page.add_gauge("larder_config_last_reload_timestamp_seconds", "When the last reload was; 0: none yet.",
                 static_cast<double>(state.last_reload_s.load()));
}

}  // namespace

std::string metrics_of(const proxy::Site& site, const obs::Totals& totals, const RunState& state,
                       const HookCounters& hooks) {
  Page page;
  obs::add_build_info(page);
  obs::add_exchange_metrics(page, totals);
  add_store(page, site.store.stats());
  add_flights(page, site.flights.stats());
  add_purges(page, site);
  if (site.fleet) add_fleet(page, *site.fleet);
  if (site.second_level) add_second_level(page, site.second_level->stats());
  add_jobs(page, site.jobs->stats());
  if (site.pool) add_upstream(page, site.pool->stats());
  add_hooks(page, hooks);
  add_run_state(page, site, state);
  return page.text();
}

}  // namespace larder::admin
