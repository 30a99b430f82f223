#include "larder/obs/observer.hpp"

#include "obs/access_line.hpp"
#include "obs/access_ring.hpp"
#include "obs/counters.hpp"
#include "obs/route_counters.hpp"

namespace larder::obs {
namespace {

// Some 3,500 lines: what a busy worker leaves in the 50 ms between two visits of the log thread.
constexpr std::size_t ring_capacity = std::size_t{2} * 1024 * 1024;

std::size_t status_class_of(int status) noexcept {
  return status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100) : 0;
}

std::unique_ptr<AccessLineWriter> writer_of(config::AccessLog format) {
  return format == config::AccessLog::off ? nullptr : std::make_unique<AccessLineWriter>(format);
}

}  // namespace

Observer::Observer(std::size_t route_count, config::AccessLog format)
    : counters_(std::make_unique<Counters>()),
      routes_(std::make_unique<RouteCounters>(route_count, RouteCounters::Names{})),
      lines_(writer_of(format)),
      ring_(std::make_unique<AccessRing>(lines_ ? ring_capacity : 0)) {}

Observer::Observer(const config::Config& config)
    : counters_(std::make_unique<Counters>()),
      routes_(std::make_unique<RouteCounters>(config.routes.size(), route_names(config))),
      lines_(writer_of(config.log.access)),
      ring_(std::make_unique<AccessRing>(lines_ ? ring_capacity : 0)) {}

Observer::~Observer() = default;

void Observer::record(const ExchangeRecord& record) noexcept {
  const auto result = static_cast<std::size_t>(record.result);
  Counters& counters = *counters_;
  counters.requests[result][static_cast<std::size_t>(record.reason)].add(1);
  counters.status_classes[status_class_of(record.status)].add(1);
  counters.bytes[result].add(record.bytes_sent);
  counters.durations[result].add(record.duration_us);
  if (record.upstream_us) counters.upstream[result].add(*record.upstream_us);
  routes_->count(record.route, record.result);
  if (lines_) log(record);
}

void Observer::log(const ExchangeRecord& record) noexcept {
  const std::string_view route_name = routes_->name(record.route);
  char* const line = ring_->claim(AccessLineWriter::size_max(record, route_name));
  if (line == nullptr) return;
  const char* const end = lines_->write(record, route_name, line);
  ring_->publish(static_cast<std::size_t>(end - line));
}

void Observer::count_connection_opened() noexcept {
  counters_->connections_opened.add(1);
}

void Observer::count_connection_closed() noexcept {
  counters_->connections_closed.add(1);
}

void Observer::count_event(cache::Reason reason) noexcept {
  counters_->events[static_cast<std::size_t>(reason)].add(1);
}

void Observer::use_routes(const config::Config& config) {
  routes_->begin_generation(route_names(config));
}

}  // namespace larder::obs
