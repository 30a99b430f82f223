#include "admin/jobs.hpp"

#include <fmt/chrono.h>

#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(proxy::JobState state) noexcept {
  switch (state) {
    case proxy::JobState::waiting:
      return "waiting";
    case proxy::JobState::running:
      return "running";
    case proxy::JobState::finished:
      return "finished";
    case proxy::JobState::failed:
      return "failed";
    case proxy::JobState::cancelled:
      return "cancelled";
  }
  return "";
}

// RFC 3339, to the millisecond.
std::string text_of(base::WallTime time) {
  const auto milliseconds = time.time_since_epoch().count() % 1000;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds);
}

Json text_or_null(const std::optional<base::WallTime>& time) {
  return time ? Json(text_of(*time)) : Json(nullptr);
}

}  // namespace

Json json_of(const proxy::JobView& job) {
  Json errors = Json::array();
  for (const proxy::JobError& error : job.errors)
    errors.push_back({{"url", error.url}, {"error", error.text}});
  const proxy::JobCounts& counts = job.counts;
  return {{"id", job.id},
          {"kind", job.kind == proxy::JobKind::warm ? "warm" : "refresh"},
          {"cause", job.cause},
          {"state", name_of(job.state)},
          {"total", counts.total},
          {"done", counts.done()},
          {"fetched", counts.fetched},
          {"skipped", counts.fresh},
          {"not_stored", counts.not_stored},
          {"failed", counts.failed},
          {"bytes", counts.bytes},
          {"retried", job.retried},
          {"created", text_of(job.created)},
          {"started", text_or_null(job.started)},
          {"finished", text_or_null(job.ended)},
          {"errors", std::move(errors)}};
}

Json json_of(const std::vector<proxy::JobView>& jobs) {
  Json list = Json::array();
  for (const proxy::JobView& job : jobs) list.push_back(json_of(job));
  return {{"jobs", std::move(list)}};
}

proxy::JobOrder job_of(WarmOrder order, std::string cause) {
  proxy::JobOrder job;
  job.kind = proxy::JobKind::warm;
  job.cause = std::move(cause);
  job.concurrency = order.concurrency;
  job.rate = order.rate;
  job.is_forced = order.is_forced;
  job.sitemap = std::move(order.sitemap);
  if (order.hot > 0) job.search = {order.hot, {}, 0};
  for (std::string& url : order.urls)
    job.errands.push_back(proxy::errand_for(std::move(url), order.is_forced));
  return job;
}

RefreshOrder order_refresh(const proxy::Site& site, const PurgeOrder& purge) {
  if (!purge.wants_refresh) return {};
  return {site.jobs->hold_sweep(), site.canonical(purge.selectors)};
}

Json begin_refresh(const proxy::Site& site, const RefreshOrder& order, std::uint64_t sequence) {
  proxy::JobOrder job;
  job.kind = proxy::JobKind::refresh;
  job.cause = "purge " + std::to_string(sequence);
  job.search = {site.config()->refresh.max, order.selectors, sequence};
  const auto id = site.jobs->start(std::move(job));
  if (id) return *id;
  obs::log_warning("what purge " + std::to_string(sequence) +
                   " took is not refreshed: too many jobs already");
  return nullptr;
}

std::string_view job_id_of(std::string_view path) noexcept {
  constexpr std::string_view prefix = "/api/jobs/";
  return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view();
}

}  // namespace larder::admin
