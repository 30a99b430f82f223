// What replicas say to Redis of their log and of each other, as commands, and its replies as values. Pure.
//
// Keys, under "larder:NAMESPACE:":
//   epoch    hash: `run` (the server's run id), `replid` (changes when a replica is promoted), `born`
//   (random),
//            `lease` (ms), `settled`, `beats` (renewals so far, of all)
//   seq      how many lines the epoch has had
//   log      stream: the line's number is its id; `e` its epoch, `t` whose line it is, `l` the line
//            (fleet/line.hpp)
//   members  hash: replica -> beat, another at each renewal; and an empty name, without which it is not whole
//   applied  hash: replica -> the line up to which it has applied the log
//   events   stream: what others are to be woken for: `a` has applied the log up to `n`; the ends of turns
//            (turn_scripts.hpp)
//
// An epoch is "run:born". Each script but join does nothing and answers with the error EPOCH when another has
// begun, or is about to: what a server has loaded from a snapshot is another server's, whatever it says, so
// that each script asks for the run id of the one that runs it. A script is one atomic step of Redis.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/fleet/roster.hpp"
#include "larder/redis/client.hpp"

namespace larder::fleet {

struct LogEntry {
  std::uint64_t number = 0;
  std::string epoch;
  std::string token;
  std::string line;
};

struct Acknowledgement {
  std::string replica;
  std::uint64_t applied = 0;
};

struct Joined {
  std::string epoch;
  base::Duration lease{};  // the epoch's: that of who began it
  bool is_settled = false;
  std::uint64_t newest = 0;
  std::uint64_t oldest = 0;  // of the lines that are still there; 0: none is
  std::string last_event;    // id
  std::vector<Member> members;
};

struct Renewed {
  std::uint64_t newest = 0;
  std::uint64_t oldest = 0;
  bool is_settled = false;
  std::vector<Member> members;
};

struct Appended {
  std::uint64_t number = 0;
  std::vector<Member> members;
};

// A turn is over (turn_scripts.hpp).
struct Ending {
  std::string digest;
  Handover handover = Handover::look_again;
};

struct Read {
  std::vector<LogEntry> lines;
  std::vector<Acknowledgement> acknowledgements;
  std::vector<Ending> endings;
  std::string last_event;  // empty: none came
};

// Of a namespace and a replica.
class Scripts {
 public:
  Scripts(const std::string& name_space, std::string id);

  // Registers this replica. Begins an epoch where the server's run is another than the last one's, where
  // there was none, or where the last is `broken` (empty: none is); `born` is random.
  redis::Command join(std::string_view born, base::Duration lease, std::string_view broken) const;
  redis::Command renew(std::string_view epoch, std::uint64_t applied) const;
  // The error BROKEN: lines were lost from the epoch, and it must be given up.
  redis::Command append(std::string_view epoch, std::string_view token, std::string_view line) const;
  redis::Command acknowledge(std::string_view epoch, std::uint64_t applied) const;
  // 1 where the member was removed; 0 where it has renewed its lease since.
  redis::Command expel(std::string_view epoch, const Member& member) const;
  redis::Command leave(std::string_view epoch) const;
  redis::Command settle(std::string_view epoch) const;
  // Lines after `applied` and events after `event`; waits for some, up to `block`.
  redis::Command read(std::uint64_t applied, std::string_view event, base::Duration block) const;

  static std::optional<Joined> joined(const redis::Reply& reply);
  static std::optional<Renewed> renewed(const redis::Reply& reply);
  static std::optional<Appended> appended(const redis::Reply& reply);
  // Nothing where it cannot be read; a time-out without lines is an empty Read.
  std::optional<Read> read_of(const redis::Reply& reply) const;

  const std::string& id() const noexcept { return id_; }
  // Lines that Redis keeps: what a replica that starts reads, and how far back its entries in Redis can be
  // told valid.
  static constexpr std::uint64_t lines_kept = 100'000;
  // Events are for who reads right now; who was away asks anew. As many as all turns of a moment that end.
  static constexpr std::uint64_t events_kept = 10'000;

 private:
  redis::Command script(std::string_view text, std::vector<std::string> arguments) const;
  std::vector<std::string> keys_;
  std::string id_;
};

}  // namespace larder::fleet
