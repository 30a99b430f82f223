#include "larder/obs/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>

#include "larder/obs/log.hpp"

namespace larder::obs {
namespace {

double seconds_of(std::uint64_t microseconds) noexcept {
  return static_cast<double>(microseconds) / 1e6;
}

prometheus::ClientMetric::Histogram histogram_of(const DurationTotals& durations) {
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < durations.buckets.size(); ++i) {
    count += durations.buckets[i];
    const bool is_last = i == duration_bounds_us.size();
    const double bound =
        is_last ? std::numeric_limits<double>::infinity() : seconds_of(duration_bounds_us[i]);
    histogram.bucket.push_back({count, bound});
  }
  histogram.sample_count = count;
  histogram.sample_sum = seconds_of(durations.sum_us);
  return histogram;
}

std::string result_label(std::size_t result) {
  return std::string(name_of(static_cast<Result>(result)));
}

std::string reason_label(std::size_t reason) {
  return std::string(name_of(static_cast<cache::Reason>(reason)));
}

// Pairs that never occurred are left out: most cannot.
void add_requests(MetricPage& page, const Totals& totals) {
  for (std::size_t result = 0; result < result_count; ++result) {
    for (std::size_t reason = 0; reason < reason_count; ++reason) {
      const std::uint64_t count = totals.requests[result][reason];
      if (count == 0) continue;
      page.add_counter("larder_requests_total", "Exchanges by cache result and its reason.", count,
                       {{"result", result_label(result)}, {"reason", reason_label(reason)}});
    }
  }
}

void add_by_result(MetricPage& page, const Totals& totals) {
  for (std::size_t result = 0; result < result_count; ++result) {
    const MetricPage::Labels labels = {{"result", result_label(result)}};
    page.add_counter("larder_response_body_bytes_total", "Bytes of response bodies sent to clients.",
                     totals.bytes[result], labels);
    page.add_histogram("larder_request_duration_seconds",
                       "From a request's head until its response was handed over for sending.",
                       totals.durations[result], labels);
    page.add_histogram("larder_upstream_duration_seconds", "From a fetch's beginning to its response's head.",
                       totals.upstream[result], labels);
  }
}

void add_status_classes(MetricPage& page, const Totals& totals) {
  for (std::size_t i = 0; i < status_class_count; ++i) {
    const std::string label = i == 0 ? "none" : std::to_string(i) + "xx";
    page.add_counter("larder_responses_total", "Responses by status class; none: the client left before one.",
                     totals.status_classes[i], {{"status", label}});
  }
}

void add_routes(MetricPage& page, const Totals& totals) {
  for (const auto& [route, counts] : totals.routes) {
    for (std::size_t result = 0; result < result_count; ++result) {
      if (counts[result] == 0) continue;
      page.add_counter("larder_route_requests_total", "Exchanges by route and cache result.", counts[result],
                       {{"route", route}, {"result", result_label(result)}});
    }
  }
}

void add_events(MetricPage& page, const Totals& totals) {
  for (std::size_t reason = 0; reason < reason_count; ++reason) {
    if (totals.events[reason] == 0) continue;
    page.add_counter("larder_events_total",
                     "What has a reason but ends no exchange: responses not stored, failed refreshes.",
                     totals.events[reason], {{"reason", reason_label(reason)}});
  }
}

void add_connections(MetricPage& page, const Totals& totals) {
  page.add_counter("larder_connections_total", "Client connections accepted.", totals.connections_opened);
  const std::uint64_t closed = std::min(totals.connections_closed, totals.connections_opened);
  page.add_gauge("larder_connections", "Client connections open now.",
                 static_cast<double>(totals.connections_opened - closed));
}

}  // namespace

prometheus::MetricFamily& MetricPage::family(std::string_view name, std::string_view help,
                                             prometheus::MetricType type) {
  const auto found =
      std::find_if(families_.begin(), families_.end(),
                   [&](const prometheus::MetricFamily& family) { return family.name == name; });
  if (found != families_.end()) return *found;
  families_.push_back({std::string(name), std::string(help), type, {}});
  return families_.back();
}

void MetricPage::add_counter(std::string_view name, std::string_view help, std::uint64_t value,
                             Labels labels) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(metric));
}

void MetricPage::add_gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(metric));
}

void MetricPage::add_histogram(std::string_view name, std::string_view help, const DurationTotals& durations,
                               Labels labels) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram = histogram_of(durations);
  family(name, help, prometheus::MetricType::Histogram).metric.push_back(std::move(metric));
}

std::string MetricPage::text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

void add_exchange_metrics(MetricPage& page, const Totals& totals) {
  add_requests(page, totals);
  add_by_result(page, totals);
  add_status_classes(page, totals);
  add_routes(page, totals);
  add_events(page, totals);
  add_connections(page, totals);
  page.add_counter("larder_access_log_dropped_total", "Access-log lines dropped for want of room in a ring.",
                   totals.access_log_dropped);
  page.add_counter("larder_log_lines_lost_total",
                   "Lines of the access log and the process's log that could not be written.",
                   log_lines_lost());
}

void add_build_info(MetricPage& page) {
  page.add_gauge("larder_build_info", "The version that runs; always 1.", 1, {{"version", LARDER_VERSION}});
}

}  // namespace larder::obs
