// This replica among the others that share a Redis: it follows their log of purges, holds a lease while it
// can, and makes purges hold everywhere before they are acknowledged (docs/replicas.md).
//
// A thread of its own does all that speaks to Redis; nothing here blocks a worker's. standing() is what a
// request asks: one atomic load.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "larder/cache/place.hpp"
#include "larder/cache/purge_log.hpp"
#include "larder/config/redis.hpp"
#include "larder/fleet/line.hpp"
#include "larder/net/clock.hpp"

namespace larder::fleet {

// What may be used of what is stored: all that the purge log finds valid, or what `on_loss` says.
enum class Standing : std::uint8_t { member, revalidate, serve, bypass };

// How a purge went that all replicas had to apply.
struct Publication {
  bool is_acknowledged = false;
  std::uint64_t sequence = 0;  // of this replica's purge log
  std::uint64_t number = 0;    // of the shared log; 0: it is not known to stand there
  std::size_t replicas = 0;    // live ones, this one included
  std::size_t acknowledged = 0;
  std::vector<std::string> laggards;  // live ones that have not
  std::string error;                  // why it is not acknowledged
};

// What comes of asking to be the one replica that fetches something.
enum class Turn : std::uint8_t {
  ours,         // fetch, and say when it is over
  look_again,   // another's fetch is over, and what it brought may be in Redis
  fetch_alone,  // another's fetch brought nothing that can be shared: fetch for yourself, without a turn
  unavailable,  // Redis cannot be asked: the same
};

// How a turn ends, for those who wait for it: each is told the like (Turn).
enum class Handover : std::uint8_t { look_again, fetch_alone };

struct TurnRequest {
  std::string name;            // of what is fetched: any bytes, the same in every replica
  std::uint64_t sequence = 0;  // the purge log's newest before the fetch: its fence
  // Could what a fetch brings that began at this sequence be used by who asks now? Where not, since a purge
  // came between, the turn is taken from who has it. Called on the fleet's thread; must not block.
  std::function<bool(std::uint64_t sequence)> may_share;
  base::Duration wait_max = std::chrono::seconds(30);  // for another's turn
};

struct ReplicaView {
  std::string id;
  bool is_self = false;
  std::uint64_t applied = 0;
  base::Duration silent_for{};  // since its last renewal was seen
};

struct FleetView {
  std::string id;
  std::string epoch;
  bool is_connected = false;
  bool holds_lease = false;
  base::Duration lease{};
  std::uint64_t applied = 0;
  std::uint64_t unsent = 0;   // lines of this replica that the others do not know yet
  std::uint64_t waiting = 0;  // purges that wait to be acknowledged
  std::uint64_t epochs = 0;   // begun since the start
  std::uint64_t gaps = 0;     // times that lines were missed
  std::vector<ReplicaView> replicas;
};

struct FleetStats {
  std::uint64_t lease_losses = 0;
  std::uint64_t published = 0;
  std::uint64_t unacknowledged = 0;
  std::uint64_t failed_commands = 0;
  std::uint64_t turns = 0;              // that were asked for
  std::uint64_t turns_waited = 0;       // behind another's, once or more
  std::uint64_t turns_taken_over = 0;   // from who had them: a purge had sealed that fetch, or it had died
  std::uint64_t turns_run_out = 0;      // waited for as long as they may, in vain
  std::uint64_t turns_unavailable = 0;  // Redis could not be asked, or too many asked
  std::uint64_t turns_held = 0;         // now
};

class Fleet {
 public:
  // Nothing connects before start(). The log and the clock outlive it. Appends to the log go through here
  // from now on. `has_applied` is called on this module's thread whenever lines of the shared log have been.
  Fleet(const config::Redis& redis, cache::PurgeLog& log, const net::Clock& clock,
        std::function<void()> has_applied);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Throws std::runtime_error where the certificates of the configuration cannot be used.
  void start();
  // Gives the lease up, takes leave of the others, and ends the thread; purges that wait are answered.
  void stop();

  // Any thread. Ask it before the purge log's newest sequence is read, at a time read after the request's
  // head.
  Standing standing(base::MonoTime now) const noexcept;
  // Has the log been read to its end once?
  bool has_joined() const noexcept;

  // A purge that all replicas shall have applied before it is acknowledged. `done` is called once, on this
  // module's thread or, where too many wait already, on the caller's, within the lease and a second. Where
  // Redis cannot be reached the line holds here at once, and for the others once it can. Any thread.
  void publish(Line line, std::function<void(Publication)> done);
  // A purge that nobody waits for: it holds here when this returns, and for the others soon after. Returns
  // its sequence. Any thread.
  std::uint64_t append(Line line);

  // Where a response stands that was fetched at this sequence; nothing where that is older than the epoch.
  // And the sequence of one that another replica fetched at this place; nothing where lines since are not
  // known here: it may be outdated. Any thread.
  std::optional<cache::Place> place_of(std::uint64_t sequence) const;
  std::optional<std::uint64_t> sequence_of(const cache::Place& place) const;

  // The lock of a fetch: one replica at a time has the turn for a name; the others wait for the end of its
  // turn, woken by a message, or for its lock to run out where it has died. `done` is called once, on the
  // fleet's thread or the caller's, and with Turn::ours gets a token: who has it must end the turn. Any
  // thread; must not block.
  using TurnDone = std::function<void(Turn turn, std::string token)>;
  // Returns a ticket to withdraw by; empty where it has been answered.
  std::string take_turn(TurnRequest request, TurnDone done);
  // Nobody wants it any more: who waits is told `unavailable` soon; who is about to be told something else
  // is.
  void withdraw(const std::string& ticket);
  // Wakes those who wait. Any thread.
  void end_turn(std::string token, Handover handover);

  FleetView view() const;
  FleetStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::fleet
