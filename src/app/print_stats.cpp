// `larder stats` for a person.
#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "app/serve.hpp"

namespace larder::app {
namespace {

using Json = nlohmann::json;

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / 1048576.0);
}

void print_results(const Json& stats) {
  const Json& durations = stats.at("duration_ms");
  fmt::print("\n{:<14}{:>12}{:>12}{:>12}{:>12}\n", "result", "requests", "p50 ms", "p90 ms", "p99 ms");
  for (const auto& [result, count] : stats.at("requests").at("by_result").items()) {
    if (count.get<std::uint64_t>() == 0) continue;
    const Json times = durations.value(result, Json::object());
    fmt::print("{:<14}{:>12}{:>12.2f}{:>12.2f}{:>12.2f}\n", result, count.get<std::uint64_t>(),
               times.value("p50", 0.0), times.value("p90", 0.0), times.value("p99", 0.0));
  }
}

void print_routes(const Json& routes) {
  constexpr std::size_t shown_max = 10;
  fmt::print("\n{:<48}{:>12}{:>12}\n", "route", "requests", "hit ratio");
  for (std::size_t i = 0; i < routes.size() && i < shown_max; ++i) {
    const Json& route = routes[i];
    fmt::print("{:<48}{:>12}{:>11.1f}%\n", route.at("route").get<std::string>(),
               route.at("requests").get<std::uint64_t>(), route.at("hit_ratio").get<double>() * 100);
  }
}

// Only where there is a Redis.
void print_replicas(const Json& replicas) {
  const bool has_lease = replicas.at("lease").get<bool>();
  fmt::print("replicas {} at line {} of their log; {}\n", replicas.at("replicas").size(),
             replicas.at("applied").get<std::uint64_t>(),
             has_lease ? "this one's lease holds" : "THIS ONE IS CUT OFF: it holds no lease");
  for (const Json& replica : replicas.at("replicas")) {
    fmt::print("         {}{} at line {}\n", replica.at("id").get<std::string>(),
               replica.at("self").get<bool>() ? " (this one)" : "",
               replica.at("applied").get<std::uint64_t>());
  }
}

void print_second_level(const Json& level, const Json& turns) {
  fmt::print("redis    {} of {} misses found there, {} written; {} turns, {} behind another's\n",
             level.at("hits").get<std::uint64_t>(), level.at("look_ups").get<std::uint64_t>(),
             level.at("writes").get<std::uint64_t>(), turns.at("asked").get<std::uint64_t>(),
             turns.at("waited").get<std::uint64_t>());
}

}  // namespace

void print_stats(const std::string& json) {
  const Json stats = Json::parse(json);
  const Json& store = stats.at("store");
  const Json& upstream = stats.at("upstream");
  const Json& flights = stats.at("flights");
  fmt::print("larder {}, up {:.0f} s, hit ratio {:.1f} %, {} requests\n",
             stats.at("version").get<std::string>(), stats.at("uptime_seconds").get<double>(),
             stats.at("hit_ratio").get<double>() * 100,
             stats.at("requests").at("total").get<std::uint64_t>());
  fmt::print("memory   {} entries, {} of {}, {} evicted\n", store.at("entries").get<std::uint64_t>(),
             mebibytes(store.at("bytes").get<std::uint64_t>()),
             mebibytes(store.at("size_max").get<std::uint64_t>()),
             store.at("evictions").get<std::uint64_t>());
  fmt::print("upstream {}: {} active, {} idle, {} queued of {} connections\n",
             upstream.at("state").get<std::string>(), upstream.at("active").get<std::uint64_t>(),
             upstream.at("idle").get<std::uint64_t>(), upstream.at("queued").get<std::uint64_t>(),
             upstream.at("connections_max").get<std::uint64_t>());
  fmt::print("flights  {} running, {} exchanges joined one; {} purges\n",
             flights.at("running").get<std::uint64_t>(), flights.at("joined").get<std::uint64_t>(),
             stats.at("purges").at("total").get<std::uint64_t>());
  if (stats.contains("replicas")) print_replicas(stats.at("replicas"));
  if (stats.contains("second_level")) print_second_level(stats.at("second_level"), stats.at("turns"));
  print_results(stats);
  print_routes(stats.at("routes"));
}

}  // namespace larder::app
