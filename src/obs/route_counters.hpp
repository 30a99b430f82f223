// One worker's counters by route and result. A reload begins a new generation, whose indexes mean the new
// routes; what the old one counted is kept by name, so that no counter ever goes back.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "obs/counters.hpp"

namespace larder::obs {

class RouteCounters {
 public:
  using Names = std::vector<std::string>;

  // `names` has one more than the routes, for requests that match none; or is empty.
  RouteCounters(std::size_t route_count, Names names);

  // The worker's thread.
  void count(std::uint32_t route, Result result) noexcept;
  std::string_view name(std::uint32_t route) const noexcept;
  void begin_generation(Names names);

  // Any thread.
  void add_to(std::map<std::string, Totals::ByResult>& totals, const Names& fallback_names) const;

 private:
  struct alignas(64) Row {
    std::array<Counter, result_count> results;
  };
  struct Generation {
    std::vector<Row> rows;
    Names names;
  };
  std::size_t row_of(std::uint32_t route) const noexcept;
  static void add_rows(const Generation& generation, const Names& names,
                       std::map<std::string, Totals::ByResult>& totals);

  mutable std::mutex mutex_;  // between begin_generation and add_to; counting does without
  std::unique_ptr<Generation> generation_;
  std::map<std::string, Totals::ByResult> retired_;
};

// The patterns' texts and the name for no match.
RouteCounters::Names route_names(const config::Config& config);

}  // namespace larder::obs
