// Metrics and the access log, as a worker sees them.
//
// Each worker owns one Observer and calls it from its own thread only: counters are relaxed atomics that
// nobody else writes, lines of the access log go into a bounded ring that the log thread writes out. A full
// ring drops the line and counts it (larder_access_log_dropped_total): logging never holds an exchange up.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/obs/exchange_record.hpp"

namespace larder::obs {

// The name of a reason as logs, metrics and Cache-Status details show it:
// "stale-while-revalidate".
std::string_view name_of(cache::Reason reason) noexcept;
std::string_view name_of(Result result) noexcept;

class AccessLineWriter;
class AccessRing;
class RouteCounters;

class Observer {
 public:
  // Names the routes after the configuration's patterns and logs access if it asks for that.
  explicit Observer(const config::Config& config);
  // Routes without names: metrics then name them by the configuration in force, the access log not at all.
  Observer(std::size_t route_count, config::AccessLog format);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // Counts the exchange and hands it to the access log. No allocation, no system call.
  void record(const ExchangeRecord& record) noexcept;
  void count_connection_opened() noexcept;
  void count_connection_closed() noexcept;
  // Something that has a reason but ends no exchange: a response not stored, a failed background refresh.
  void count_event(cache::Reason reason) noexcept;
  // After a reload, on the worker's thread, before it uses the new configuration: route indexes mean its
  // routes from here on. What was counted so far is kept under the old names.
  void use_routes(const config::Config& config);

  struct Counters;
  const Counters& counters() const noexcept { return *counters_; }
  const RouteCounters& routes() const noexcept { return *routes_; }
  AccessRing& ring() noexcept { return *ring_; }
  const AccessRing& ring() const noexcept { return *ring_; }

 private:
  void log(const ExchangeRecord& record) noexcept;

  std::unique_ptr<Counters> counters_;
  std::unique_ptr<RouteCounters> routes_;
  std::unique_ptr<AccessLineWriter> lines_;  // null: no access log
  std::unique_ptr<AccessRing> ring_;
};

}  // namespace larder::obs
