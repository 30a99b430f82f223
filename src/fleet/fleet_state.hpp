// What a fleet does on its thread: follows the log, renews the lease, sends lines, watches who waits.
// fleet.cpp is its door; the journal decides, and this asks Redis and tells it what came.
#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "fleet/journal.hpp"
#include "larder/net/notifier.hpp"
#include "larder/redis/client.hpp"

namespace larder::fleet {

// Tells an operator which replica it is, and is never used again.
std::string new_replica_id();

// Its coroutines end with its context, whose thread stop() joins.
struct Fleet::State {
  State(const config::Redis& its_redis, cache::PurgeLog& log, const net::Clock& its_clock,
        std::function<void()> told)
      : redis(its_redis),
        has_applied(std::move(told)),
        clock(its_clock),
        made_at(its_clock.now().mono),
        scripts(redis.name_space, new_replica_id()),
        journal(log, scripts.id(), redis.lease) {}

  const config::Redis redis;
  const std::function<void()> has_applied;
  const net::Clock& clock;
  const base::MonoTime made_at;
  const Scripts scripts;
  Journal journal;

  net::asio::io_context context{1};
  std::optional<redis::Client> commands;
  std::optional<redis::Client> tail;
  net::Notifier sender{context.get_executor()};
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

  SentAt sent_now() const { return {clock.now().mono, std::chrono::steady_clock::now(), journal.applied()}; }
  bool holds_lease() const { return clock.now().mono < journal.lease_until(); }

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
};

}  // namespace larder::fleet
