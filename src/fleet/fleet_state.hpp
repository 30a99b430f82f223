// What a fleet does on its thread: follows the log, renews the lease, sends lines, watches who waits.
// fleet.cpp is its door; the journal and the turns decide, and this asks Redis and tells them what came.
// fleet_state.cpp has what concerns the log, fleet_turns.cpp the lock of a fetch.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fleet/journal.hpp"
#include "fleet/turn_scripts.hpp"
#include "fleet/turns.hpp"
#include "larder/net/notifier.hpp"
#include "larder/redis/client.hpp"

namespace larder::fleet {

// Renewals in a lease, of the replica's and of each turn's: two may be lost.
inline constexpr int renewals_in_lease = 3;

inline SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

// Tells an operator which replica it is, and is never used again.
std::string new_replica_id();

// Its coroutines end with its context, whose thread stop() joins.
struct Fleet::State {
  State(const config::Redis& its_redis, cache::PurgeLog& log, const net::Clock& its_clock,
        std::function<void()> told)
      : redis(its_redis),
        has_applied(std::move(told)),
        clock(its_clock),
        made_at(its_clock.mono()),
        scripts(redis.name_space, new_replica_id()),
        journal(log, scripts.id(), redis.lease),
        turn_scripts(redis.name_space),
        turns(scripts.id()) {}

  const config::Redis redis;
  const std::function<void()> has_applied;
  const net::Clock& clock;
  const base::MonoTime made_at;
  const Scripts scripts;
  Journal journal;
  const TurnScripts turn_scripts;
  Turns turns;

  net::asio::io_context context{1};
  std::optional<redis::Client> commands;
  std::optional<redis::Client> tail;
  net::Notifier sender{context.get_executor()};
  net::Notifier turns_wait{context.get_executor()};
  std::thread thread;
  std::atomic<bool> is_stopping{false};
  std::atomic<bool> has_joined{false};
  std::atomic<bool> is_connected{false};
  bool had_lease = false;
  std::string last_refusal;  // told once while it stays the same
  std::atomic<std::uint64_t> lease_losses{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> unacknowledged{0};
  std::atomic<std::uint64_t> failed_commands{0};
  std::atomic<std::uint64_t> turns_asked{0};
  std::atomic<std::uint64_t> turns_refused{0};  // at once
  // Turns that are over and that Redis shall learn of; the thread's. Of each at most as many as can be held.
  std::array<std::vector<HeldTurn>, 2> over;  // by Handover
  bool is_ending = false;

  SentAt sent_now() const { return {clock.mono(), std::chrono::steady_clock::now(), journal.applied()}; }
  bool holds_lease() const { return clock.mono() < journal.lease_until(); }

  void run();
  net::Task<void> pause(base::Duration time);
  net::Task<void> keep_membership();
  net::Task<bool> join();
  net::Task<bool> renew();
  net::Task<void> expel_lapsed(SteadyTime sent_at);
  void open_commands();
  void open_tail();
  net::Task<void> follow_log();
  net::Task<void> follow_once();
  net::Task<void> send_own();
  net::Task<void> publish(std::string token, std::string line);
  net::Task<void> watch_waiters();
  net::Task<void> leave();
  void heed(const redis::Outcome& outcome);
  void settle_waiters();
  void note_lease();

  // The thread's.
  bool can_have_turns() const;
  bool is_shareable(const TurnHolder& holder, const Turns::MayShare& may_share) const;
  void begin_asking(std::string token);
  void add_ending(HeldTurn turn, Handover handover);
  net::Task<void> ask_for_turn(std::string token);
  net::Task<void> end_turns();
  net::Task<void> renew_turns();
  net::Task<void> watch_turns();
  void tell_endings(const std::vector<Ending>& endings);
};

}  // namespace larder::fleet
