// Metrics as Prometheus reads them: a page of families, serialised by prometheus-cpp. Built afresh for every
// scrape from plain numbers, so nothing here is shared between threads.
#pragma once
#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "larder/obs/totals.hpp"

namespace larder::obs {

class MetricPage {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  // Families of one name come together, whatever the order of the calls.
  void add_counter(std::string_view name, std::string_view help, std::uint64_t value, Labels labels = {});
  void add_gauge(std::string_view name, std::string_view help, double value, Labels labels = {});
  void add_histogram(std::string_view name, std::string_view help, const DurationTotals& durations,
                     Labels labels = {});

  std::string text() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  prometheus::MetricFamily& family(std::string_view name, std::string_view help, prometheus::MetricType type);

  std::vector<prometheus::MetricFamily> families_;
};

// Requests by result and reason, by route, by status class; bytes, durations, events, connections, lost log
// lines.
void add_exchange_metrics(MetricPage& page, const Totals& totals);
// larder_build_info.
void add_build_info(MetricPage& page);

}  // namespace larder::obs
