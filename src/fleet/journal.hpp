// This replica's side of the log that replicas share: epoch, place, lease, lines of its own, and who waits
// for the others. A machine without sockets or clocks: fleet.cpp tells it what Redis said, and when.
//
//             joined()                    read() up to the newest line of the reply
//   apart -------------> reading the log ----------------------------------------> a member, while its lease
//   lasts
//     ^                                                                                |
//     `-- another epoch, lines missing, expelled: needs_join() -------------------------'
//
// Why a purge that is acknowledged holds everywhere (docs/replicas.md has the whole argument):
// 1. A lease runs from before its renewal was sent, and counts only once every line has been applied that
//    stood in the log when Redis renewed it.
// 2. So a replica either applies a line before it acknowledges it, or its lease ends within a lease of the
//    moment when the line was appended: a renewal that came later shows it the line.
// 3. Who has left the log, or another epoch's, holds no lease a lease after the epoch began. Nothing is
//    acknowledged before that, unless somebody has seen it through (`settled`).
//
// Any thread: one mutex guards it all. Its lock is held while the purge log is appended to, so that a place
// and the lines of this replica alone keep their order (fleet/positions.hpp).
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fleet/scripts.hpp"
#include "larder/cache/purge_log.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/fleet/line.hpp"
#include "larder/fleet/positions.hpp"
#include "larder/fleet/roster.hpp"

namespace larder::fleet {

// When a question was sent, by both clocks: leases end by the one that counts suspension, waits by the one
// that does not. Each errs on the safe side.
struct SentAt {
  base::MonoTime mono;
  SteadyTime steady;
  // The line that had been applied by then: what Redis says of its newest may come after later ones by
  // another connection.
  std::uint64_t applied = 0;
};

class Journal {
 public:
  // `lease`: as configured; the epoch's counts once it is known.
  Journal(cache::PurgeLog& log, std::string id, base::Duration lease);

  // A line that holds here at once and that the others shall learn of. Returns its sequence. Wake whoever
  // sends unsent().
  std::uint64_t append_here(Line line);
  // A line for all at once, to be sent by append(); `done` is called by settle_waiters(). Returns its token;
  // nothing where too many wait already.
  std::optional<std::string> begin_publication(const Line& line, SteadyTime now,
                                               std::function<void(Publication)> done);
  // Replies are of the epoch in which the question was asked: where another has begun since, they say
  // nothing.
  // `replied_at`: when Redis had answered.
  void appended(const std::string& epoch, const std::string& token, const Appended& reply,
                SteadyTime replied_at);
  // It may be in the log, or not: it holds here from now on, and is sent again.
  void not_appended(const std::string& token, std::string why);

  struct Unsent {
    std::string token;
    std::string line;
  };
  std::optional<Unsent> unsent() const;
  void sent(const std::string& epoch, const std::string& token);

  bool needs_join(const std::string& run) const;
  std::string broken_epoch() const;
  void joined(const Joined& reply, SentAt sent, SteadyTime now, base::WallTime wall);
  void renewed(const Renewed& reply, SentAt sent, SteadyTime now, base::WallTime wall);
  // Redis knows this replica no more, or not the epoch: join again.
  void expelled();
  // The log has lost lines: another epoch must begin.
  void broken();
  // True when there is something to acknowledge.
  bool read(const std::string& epoch, const Read& reply, base::WallTime wall);
  void forget_member(const std::string& id);
  std::vector<Member> lapsed(SteadyTime sent_at) const;
  bool wants_settling(SteadyTime now) const;

  // Those that are over, to be called without a lock.
  std::vector<std::function<void()>> settle_waiters(SteadyTime now);
  bool has_waiters() const;
  // And takes none any more.
  void fail_all(const std::string& why);

  // Hot: when the lease ends. Read before the purge log's newest sequence is.
  base::MonoTime lease_until() const noexcept {
    return base::MonoTime(base::Duration(lease_until_.load(std::memory_order_acquire)));
  }
  // The same, of the last lease there was, however it ended.
  base::MonoTime last_lease_until() const noexcept {
    return base::MonoTime(base::Duration(last_lease_until_.load(std::memory_order_relaxed)));
  }
  // For good: nothing extends it any more.
  void leave();

  std::string epoch() const;
  std::uint64_t applied() const;
  std::string last_event() const;
  base::Duration lease() const;
  FleetView view(SteadyTime now) const;
  // For entries in Redis.
  std::optional<cache::Place> place_of(std::uint64_t sequence) const;
  std::optional<std::uint64_t> sequence_of(const cache::Place& place) const;

  // Lines that hold here and wait to be sent, and their bytes; past either one for everything stands in for
  // them all.
  static constexpr std::size_t unsent_max = 10'000;
  static constexpr std::size_t unsent_bytes_max = std::size_t{16} * 1024 * 1024;
  // Purges that wait for others at once; past it they are refused.
  static constexpr std::size_t waiters_max = 10'000;

 private:
  struct Own {
    std::string token;
    std::string line;
    bool is_sent = false;
  };
  struct Waiter {
    Line line;
    std::function<void(Publication)> done;
    SteadyTime began_at{};
    SteadyTime appended_at{};
    std::uint64_t number = 0;                       // 0: Redis has not answered yet
    std::uint64_t sequence = 0;                     // 0: not read yet
    std::map<std::string, std::uint64_t> required;  // members at that time -> beat
  };
  struct Extension {
    base::MonoTime until{};
    std::uint64_t needs = 0;
  };

  std::string new_token();
  std::uint64_t append_own(Line line, std::string token);
  void give_up(const std::string& token, Waiter& waiter);
  void begin_epoch(const Joined& reply, SteadyTime now, base::WallTime wall);
  void skip_to(std::uint64_t oldest, std::uint64_t newest, base::WallTime wall);
  void apply(const LogEntry& entry, base::WallTime wall);
  void note_place(std::uint64_t number);
  void extend_lease(Extension extension);
  void check_extensions();
  bool misses_lines(std::uint64_t oldest, std::uint64_t newest) const;
  std::optional<Publication> outcome_of(const Waiter& waiter, SteadyTime now) const;

  cache::PurgeLog& log_;
  const std::string id_;
  std::atomic<base::Duration::rep> lease_until_{0};
  std::atomic<base::Duration::rep> last_lease_until_{0};

  mutable std::mutex mutex_;
  base::Duration lease_;
  std::string epoch_;
  std::string run_;
  std::string broken_;
  bool is_expelled_ = false;
  bool has_left_ = false;
  bool is_closed_ = false;  // no publication begins any more
  std::uint64_t applied_ = 0;
  std::string last_event_ = "0-0";
  Positions positions_;
  Roster roster_;
  SteadyTime roster_sent_at_{};
  SteadyTime settled_at_{};
  bool is_settled_ = false;
  std::deque<Extension> extensions_;
  std::map<std::uint64_t, Own> own_;  // by sequence
  std::size_t own_bytes_ = 0;
  std::map<std::string, Waiter> waiters_;
  std::uint64_t tokens_ = 0;
  std::uint64_t epochs_ = 0;
  std::uint64_t gaps_ = 0;
};

}  // namespace larder::fleet
