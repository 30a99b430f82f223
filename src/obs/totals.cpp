#include "larder/obs/totals.hpp"

#include <numeric>

#include "obs/access_ring.hpp"
#include "obs/counters.hpp"
#include "obs/route_counters.hpp"

namespace larder::obs {
namespace {

void add(const Observer::Counters& counters, Totals& totals) {
  for (std::size_t result = 0; result < result_count; ++result) {
    for (std::size_t reason = 0; reason < reason_count; ++reason) {
      totals.requests[result][reason] += counters.requests[result][reason].value();
    }
    totals.bytes[result] += counters.bytes[result].value();
    counters.durations[result].add_to(totals.durations[result]);
    counters.upstream[result].add_to(totals.upstream[result]);
  }
  for (std::size_t i = 0; i < status_class_count; ++i)
    totals.status_classes[i] += counters.status_classes[i].value();
  for (std::size_t i = 0; i < reason_count; ++i) totals.events[i] += counters.events[i].value();
  // Closed before opened: the difference, read meanwhile, is never negative.
  totals.connections_closed += counters.connections_closed.value();
  totals.connections_opened += counters.connections_opened.value();
}

}  // namespace

std::uint64_t Totals::requests_of(Result result) const noexcept {
  const ByReason& row = requests[static_cast<std::size_t>(result)];
  return std::accumulate(row.begin(), row.end(), std::uint64_t{0});
}

std::uint64_t Totals::request_count() const noexcept {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < result_count; ++i) count += requests_of(static_cast<Result>(i));
  return count;
}

double Totals::hit_ratio() const noexcept {
  ByResult by_result{};
  for (std::size_t i = 0; i < result_count; ++i) by_result[i] = requests_of(static_cast<Result>(i));
  return hit_ratio_of(by_result);
}

double hit_ratio_of(const Totals::ByResult& requests) noexcept {
  const auto count = [&](Result result) { return requests[static_cast<std::size_t>(result)]; };
  const std::uint64_t served =
      count(Result::hit) + count(Result::stale) + count(Result::revalidated) + count(Result::collapsed);
  const std::uint64_t all = served + count(Result::miss);
  return all == 0 ? 0.0 : static_cast<double>(served) / static_cast<double>(all);
}

std::uint64_t count_of(const DurationTotals& durations) noexcept {
  return std::accumulate(durations.buckets.begin(), durations.buckets.end(), std::uint64_t{0});
}

std::uint64_t quantile_us(const DurationTotals& durations, double quantile) noexcept {
  const double rank = quantile * static_cast<double>(count_of(durations));
  if (rank <= 0) return 0;
  double before = 0;
  std::uint64_t lower = 0;
  for (std::size_t i = 0; i < duration_bounds_us.size(); ++i) {
    const auto count = static_cast<double>(durations.buckets[i]);
    const std::uint64_t upper = duration_bounds_us[i];
    if (count > 0 && before + count >= rank) {
      return lower + static_cast<std::uint64_t>(static_cast<double>(upper - lower) * (rank - before) / count);
    }
    before += count;
    lower = upper;
  }
  return lower;
}

Totals totals_of(std::span<const std::unique_ptr<Observer>> observers, const config::Config& config) {
  Totals totals;
  const RouteCounters::Names names = route_names(config);
  for (const auto& observer : observers) {
    add(observer->counters(), totals);
    observer->routes().add_to(totals.routes, names);
    totals.access_log_dropped += observer->ring().dropped();
  }
  return totals;
}

}  // namespace larder::obs
