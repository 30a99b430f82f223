// Visits to objects, made up and repeatable: what bench/eviction and the store's tests feed to caches.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace larder::eviction {

using Object = std::uint32_t;
using Trace = std::vector<Object>;

struct Plan {
  std::size_t objects = 20'000;  // that are asked for again and again
  std::size_t visits = 400'000;
  double skew = 0.9;  // the object of rank n is asked for in proportion to 1/n^skew
  // The share of visits that go to an object that nobody asks for before or after, as a crawler's do, in runs
  // of `scan_length`.
  double scans = 0;
  std::size_t scan_length = 1;
  // The chance that a visit makes some rank's object give way to a new one: what is popular does not stay so.
  double change = 0;
  // The share of visits that begin with a new object which is asked for `burst_visits` times in all, the next
  // time after `burst_distance` to twice as many others.
  double bursts = 0;
  std::size_t burst_visits = 2;
  std::size_t burst_distance = 1000;
  // Where it is not 0, such an object is asked for more than n times with the chance n^-tail instead, the
  // next time after 10 to `burst_distance` others, a short distance being as likely as one ten times as long.
  double burst_tail = 0;
  std::uint64_t seed = 1;
};

// The same for the same plan, on every machine.
Trace make_trace(const Plan& plan);

// In bytes, the same for the same object: most are small, few are large (log-normal with `median`), at most
// 64 times the median.
std::size_t varied_size(Object object, std::size_t median);

}  // namespace larder::eviction
