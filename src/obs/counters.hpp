// One worker's counters: written by its thread alone, read by any.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

#include "larder/obs/observer.hpp"
#include "larder/obs/totals.hpp"

namespace larder::obs {

// A relaxed load and a relaxed store are two plain instructions; with a single writer nothing is lost.
class Counter {
 public:
  void add(std::uint64_t amount) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class DurationCounters {
 public:
  void add(std::uint64_t duration_us) noexcept {
    std::size_t bucket = 0;
    while (bucket < duration_bounds_us.size() && duration_us > duration_bounds_us[bucket]) ++bucket;
    buckets_[bucket].add(1);
    sum_us_.add(duration_us);
  }
  void add_to(DurationTotals& totals) const noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i) totals.buckets[i] += buckets_[i].value();
    totals.sum_us += sum_us_.value();
  }

 private:
  std::array<Counter, duration_bounds_us.size() + 1> buckets_;
  Counter sum_us_;
};

// Aligned, and by that padded: no two workers write the same cache line.
struct alignas(64) Observer::Counters {
  std::array<std::array<Counter, reason_count>, result_count> requests;
  std::array<Counter, status_class_count> status_classes;
  std::array<Counter, result_count> bytes;
  std::array<DurationCounters, result_count> durations;
  std::array<DurationCounters, result_count> upstream;
  std::array<Counter, reason_count> events;
  Counter connections_opened;
  Counter connections_closed;
};

}  // namespace larder::obs
