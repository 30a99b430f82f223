// The hit ratio beside LRU's within the same bytes, by the traces of bench/eviction in small. The counts are
// the same on every machine.
#include <catch2/catch.hpp>

#include "support/eviction/rivals.hpp"

namespace larder::eviction {
namespace {

constexpr std::size_t page_size = 1024;
constexpr double gain_points_min = 2;

std::size_t size_of_page(Object /*object*/) {
  return page_size;
}

std::size_t size_of_any(Object object) {
  return varied_size(object, page_size);
}

Plan small_plan() {
  return {.objects = 4000, .visits = 40'000};
}

void check_gain(const Plan& plan, double share, const SizeOf& size_of) {
  const Result result = compare(make_trace(plan), budget_for(plan.objects, share, size_of), size_of);
  CAPTURE(plan.skew, plan.scans, plan.scan_length, share);
  INFO(result.store_hits << " hits of " << result.visits << ", " << result.lru_hits << " of LRU, "
                         << result.fixed_hits << " of the best fixed set");
  CHECK(result.gain_points() >= gain_points_min);
}

TEST_CASE("by Zipf's law the store hits more often than LRU by two points") {
  Plan plan = small_plan();
  for (const double skew : {0.7, 0.9, 1.1}) {
    plan.skew = skew;
    for (const double share : {0.02, 0.2}) check_gain(plan, share, size_of_page);
  }
  check_gain(plan, 0.1, size_of_any);
}

TEST_CASE("with scans the store hits more often than LRU by two points") {
  Plan plan = small_plan();
  plan.scans = 0.2;
  for (const std::size_t length : {1, 1000}) {
    plan.scan_length = length;
    for (const double share : {0.02, 0.2}) check_gain(plan, share, size_of_page);
  }
  check_gain(plan, 0.1, size_of_any);
}

TEST_CASE("where what is popular changes slowly the store hits more often than LRU by two points") {
  Plan plan = small_plan();
  plan.change = 0.02;
  check_gain(plan, 0.1, size_of_page);
}

}  // namespace
}  // namespace larder::eviction
