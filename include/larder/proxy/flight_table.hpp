// The flights in progress, by cache key and variant: where an exchange takes its seat.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "larder/cache/purge_log.hpp"

namespace larder::proxy {

class Flight;
class Seat;
struct FlightPlan;

struct FlightStats {
  std::uint64_t running = 0;
  std::uint64_t started = 0;
  std::uint64_t joined = 0;  // exchanges that took a seat in another's flight
  std::uint64_t sealed = 0;  // arrivals that a purge kept out of a flight
};

// Which flights a seat may be taken in.
enum class Joinable : std::uint8_t {
  by_purge_log,  // those under way that no purge has sealed
  not_begun,     // those that have not begun
};

class FlightTable {
 public:
  FlightTable();
  ~FlightTable();
  FlightTable(const FlightTable&) = delete;
  FlightTable& operator=(const FlightTable&) = delete;

  enum class Boarded : std::uint8_t {
    led,      // a new flight was made for this seat: the caller starts it
    waits,    // a new flight was made, which begins when the one under way has landed or ended
    joined,   // seated in a flight
    changed,  // the store changed since the caller looked: look again
  };
  // Seats `seat` in the flight of `id` if no purge since that flight's sequence could match what it brings
  // (PurgeLog::may_join); else makes a new flight by `make`, which then is the one to join. `has_changed` is
  // asked, under the table's lock, before one is made: whatever landed did so before its flight left the
  // table, so that one who finds no flight and an unchanged store is the first.
  // `not_begun`: who may have missed a purge joins only a fetch that begins after he came. At most one such
  // waits behind the one under way, and all who come meanwhile share it.
  Boarded board(const std::string& id, const cache::Identity& identity, const cache::PurgeLog& log,
                Joinable joinable, const std::shared_ptr<Seat>& seat,
                const std::function<bool()>& has_changed,
                const std::function<std::shared_ptr<Flight>()>& make, std::shared_ptr<Flight>& flight);
  // Registers a flight that nobody may join (a key that is known not to be shareable).
  void register_alone(const std::shared_ptr<Flight>& flight, const std::shared_ptr<Seat>& seat);
  // Gives the seat up. A flight that nobody waits for any more and that has nothing to store is cancelled.
  void leave(const std::shared_ptr<Flight>& flight, const std::shared_ptr<Seat>& seat);
  // A flight that has waited for another replica's begins its own fetch: its sequence is read now.
  void begin_again(Flight& flight);
  // It has landed: nobody joins it from here on, and its sequence counts no more. What it brings is either in
  // the store by now, where the sweep finds it, or will never be.
  void close(Flight& flight);
  void end(Flight& flight);
  // Lets go of everything that belongs to a worker's io_context, before those go. Only once no worker runs
  // any more.
  void abandon();

  FlightStats stats() const;
  // The oldest sequence that a flight began at which may still put something into the store; `none` when
  // there is none.
  std::uint64_t oldest_sequence(std::uint64_t none) const;
  // True when a flight for this host and path, whatever its query, is under way.
  bool holds_url(const cache::CacheKey& key) const;
  // Of any URL of this host: what has not landed may be of any group.
  bool holds_host(std::string_view host) const;
  // True when a flight for a private copy of this session is under way that may still put it into the store,
  // `except` not counted.
  bool holds_session(std::string_view digest, const Flight* except) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::proxy
