// What all workers counted together: plain values, for metrics and statistics. Summed when somebody asks.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "larder/config/config.hpp"
#include "larder/obs/exchange_record.hpp"
#include "larder/obs/observer.hpp"

namespace larder::obs {

inline constexpr std::size_t result_count = static_cast<std::size_t>(Result::count_);
inline constexpr std::size_t reason_count = static_cast<std::size_t>(cache::Reason::count_);
inline constexpr std::size_t status_class_count = 6;  // 1xx to 5xx by their digit; 0: none was sent

// Upper bounds of the histograms' buckets: from a hit in memory to a first byte that comes after 30 s.
inline constexpr std::array<std::uint64_t, 17> duration_bounds_us = {
    50,     100,     250,     500,     1'000,     2'500,     5'000,      10'000,    25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000, 30'000'000};

struct DurationTotals {
  std::array<std::uint64_t, duration_bounds_us.size() + 1>
      buckets{};  // not cumulative; the last has no bound
  std::uint64_t sum_us = 0;
};
std::uint64_t count_of(const DurationTotals& durations) noexcept;
// An estimate: linear within the bucket that holds it. The last bucket counts as its lower bound.
std::uint64_t quantile_us(const DurationTotals& durations, double quantile) noexcept;

struct Totals {
  using ByReason = std::array<std::uint64_t, reason_count>;
  using ByResult = std::array<std::uint64_t, result_count>;

  std::array<ByReason, result_count> requests{};
  std::array<std::uint64_t, status_class_count> status_classes{};
  ByResult bytes{};
  std::array<DurationTotals, result_count> durations{};
  std::array<DurationTotals, result_count> upstream{};
  ByReason events{};
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_closed = 0;
  std::uint64_t access_log_dropped = 0;    // for want of room in a ring
  std::map<std::string, ByResult> routes;  // by name, so that two routes of one pattern are one label

  std::uint64_t requests_of(Result result) const noexcept;
  std::uint64_t request_count() const noexcept;
  // Answers whose body no fetch of their own brought (hit, stale, revalidated, collapsed) among these and the
  // misses: 0 to 1, and 0 when there was none. What never was the cache's business (pass, refused, tunnel) is
  // left out.
  double hit_ratio() const noexcept;
};

double hit_ratio_of(const Totals::ByResult& requests) noexcept;

// `config` names the routes of observers that were made without names. Any thread.
Totals totals_of(std::span<const std::unique_ptr<Observer>> observers, const config::Config& config);

}  // namespace larder::obs
