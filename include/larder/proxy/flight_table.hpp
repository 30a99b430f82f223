// The flights in progress, by cache key and variant: where an exchange takes its seat.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "larder/cache/purge_log.hpp"

namespace larder::proxy {

class Flight;

struct FlightStats {
  std::uint64_t running = 0;
  std::uint64_t started = 0;
  std::uint64_t joined = 0;       // exchanges that took a seat in another's flight
  std::uint64_t sealed = 0;       // arrivals that a purge kept out of a flight
};

class FlightTable {
 public:
  FlightTable();
  ~FlightTable();
  FlightTable(const FlightTable&) = delete;
  FlightTable& operator=(const FlightTable&) = delete;

  FlightStats stats() const;
  // The oldest sequence any running flight began at; `none` when there is none.
  std::uint64_t oldest_sequence(std::uint64_t none) const;
  // True when a flight for this host and path, whatever its query, is under way.
  bool holds_url(const cache::CacheKey& key) const;

 private:
  friend class Flight;
  friend class FlightSeat;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::proxy
