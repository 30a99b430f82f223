#include "fleet/fleet_state.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>

#include "larder/net/random_name.hpp"
#include "larder/obs/log.hpp"

namespace larder::fleet {
namespace {

namespace asio = net::asio;
using namespace std::chrono_literals;

// Before a failed step is tried again.
constexpr base::Duration retry_pause = 50ms;
// Waiters are looked at whenever something came, and so often for those whose time is up; the lease so often
// when there are none.
constexpr base::Duration waiters_period = 20ms;
constexpr base::Duration lease_period = 200ms;
// The longest that a stopping replica takes leave.
constexpr base::Duration leave_timeout = 250ms;
constexpr base::Duration read_margin = 1s;

}  // namespace

std::string new_replica_id() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string name(host.data());
  return (name.empty() ? "replica" : name) + "-" + std::to_string(::getpid()) + "-" +
         net::random_name().substr(0, 8);
}

// What an error of a script means for the membership.
void Fleet::State::heed(const redis::Outcome& outcome) {
  if (outcome.failure == redis::Failure::none) return;
  failed_commands.fetch_add(1, std::memory_order_relaxed);
  if (outcome.failure != redis::Failure::refused) return;
  const std::string& error = outcome.reply.text;
  if (error.starts_with("EPOCH") || error.starts_with("EXPELLED")) {
    journal.expelled();
  } else if (error.starts_with("BROKEN")) {
    journal.broken();
  } else {
    if (error != last_refusal) obs::log_warning("Redis refuses: " + error.substr(0, 200));
    last_refusal = error;
  }
}

net::Task<void> Fleet::State::pause(base::Duration time) {
  net::Timer timer(context.get_executor());
  timer.expires_after(time);
  net::ErrorCode ignored;
  co_await timer.async_wait(net::use_task(ignored));
}

void Fleet::State::note_lease() {
  const bool holds = holds_lease();
  is_connected = commands->is_up();
  if (holds == had_lease) return;
  had_lease = holds;
  if (holds) {
    obs::log_info("replica " + scripts.id() + " follows the purge log of epoch " + journal.epoch());
    return;
  }
  lease_losses.fetch_add(1, std::memory_order_relaxed);
  if (!is_stopping)
    obs::log_error("cut off from the purge log of the replicas: on_loss is " +
                   std::string(config::name_of(redis.on_loss)));
}

// The lease, renewed three times within itself, and joining where that needs it.
net::Task<void> Fleet::State::keep_membership() {
  while (!is_stopping) {
    note_lease();
    bool is_done = false;
    if (commands->is_up()) {
      if (journal.needs_join(commands->identity().run_id)) {
        is_done = co_await join();
      } else {
        is_done = co_await renew();
      }
    }
    note_lease();
    settle_waiters();
    const base::Duration wait = is_done ? journal.lease() / renewals_in_lease : retry_pause;
    co_await pause(wait);
  }
}

net::Task<bool> Fleet::State::join() {
  const SentAt sent = sent_now();
  const bool is_master = co_await commands->confirm_master(1s);
  if (!is_master || is_stopping) co_return false;
  const std::string broken = journal.broken_epoch();
  const std::string born = net::random_name();
  redis::Command command = scripts.join(born, redis.lease, broken);
  const redis::Outcome outcome = co_await commands->execute(std::move(command), 1s);
  heed(outcome);
  if (outcome.failure != redis::Failure::none) co_return false;
  const auto reply = Scripts::joined(outcome.reply);
  if (!reply) co_return false;
  if (reply->lease != redis.lease)
    obs::log_warning("store.redis.lease is " + std::to_string(redis.lease.count()) + " ms here, and " +
                     std::to_string(reply->lease.count()) +
                     " ms for the replicas that were there before: theirs counts");
  journal.joined(*reply, sent, steady_now(), clock.wall());
  sender.notify();
  co_return true;
}

net::Task<bool> Fleet::State::renew() {
  const SentAt sent = sent_now();
  const bool is_master = co_await commands->confirm_master(1s);
  if (!is_master || is_stopping) co_return false;
  redis::Command command = scripts.renew(journal.epoch(), journal.applied());
  const redis::Outcome outcome = co_await commands->execute(std::move(command), 1s);
  heed(outcome);
  if (outcome.failure != redis::Failure::none) co_return false;
  const auto reply = Scripts::renewed(outcome.reply);
  if (!reply) co_return false;
  journal.renewed(*reply, sent, steady_now(), clock.wall());
  co_await expel_lapsed(sent.steady);
  if (journal.wants_settling(steady_now())) {
    redis::Command settle = scripts.settle(journal.epoch());
    const redis::Outcome settled = co_await commands->execute(std::move(settle), 1s);
    heed(settled);
  }
  co_return true;
}

net::Task<void> Fleet::State::expel_lapsed(SteadyTime sent_at) {
  const std::vector<Member> lapsed = journal.lapsed(sent_at);
  for (const Member& member : lapsed) {
    redis::Command command = scripts.expel(journal.epoch(), member);
    const redis::Outcome outcome = co_await commands->execute(std::move(command), 1s);
    heed(outcome);
    if (outcome.failure != redis::Failure::none) co_return;
    if (outcome.reply.integer == 0) continue;  // it has renewed since
    obs::log_warning("replica " + member.id + " is gone: its lease has ended");
    journal.forget_member(member.id);
  }
}

net::Task<void> Fleet::State::follow_log() {
  while (!is_stopping) {
    const bool is_ready = tail->is_up() && commands->is_up() && !journal.epoch().empty() &&
                          !journal.needs_join(tail->identity().run_id);
    if (is_ready) {
      co_await follow_once();
      continue;
    }
    co_await pause(retry_pause / 5);
    // A server that was left (by a failover, or behind an address that moved) may go on for ever.
    const bool are_apart =
        tail->is_up() && commands->is_up() && tail->identity().run_id != commands->identity().run_id;
    if (are_apart) {
      open_tail();
      tail->start();
      co_await pause(retry_pause);
    }
  }
}

// Waits for lines and applies them. The place is acknowledged before the next wait, on the same connection.
net::Task<void> Fleet::State::follow_once() {
  const base::Duration block = std::max<base::Duration>(journal.lease() / renewals_in_lease, 100ms);
  const std::string epoch = journal.epoch();
  redis::Command command = scripts.read(journal.applied(), journal.last_event(), block);
  const redis::Outcome outcome = co_await tail->execute(std::move(command), block + read_margin);
  heed(outcome);
  if (outcome.failure != redis::Failure::none) {
    co_await pause(retry_pause);
    co_return;
  }
  const auto reply = scripts.read_of(outcome.reply);
  if (!reply) {
    obs::log_error("the purge log in Redis cannot be read: another epoch begins");
    journal.broken();
    co_return;
  }
  const bool has_moved = journal.read(epoch, *reply, clock.wall());
  if (!has_joined && holds_lease()) has_joined = true;
  note_lease();
  settle_waiters();
  if (has_moved && has_applied) has_applied();
  tell_endings(reply->endings);
  if (!has_moved) co_return;
  redis::Command word = scripts.acknowledge(journal.epoch(), journal.applied());
  const redis::Outcome said = co_await tail->execute(std::move(word), 1s);
  heed(said);
}

// Lines that hold here already and that the others shall learn of.
net::Task<void> Fleet::State::send_own() {
  while (!is_stopping) {
    const auto next = journal.unsent();
    if (!next) {
      co_await sender.wait();
      continue;
    }
    bool is_sent = false;
    if (commands->is_up() && !journal.epoch().empty()) {
      const std::string epoch = journal.epoch();
      redis::Command command = scripts.append(epoch, next->token, next->line);
      const redis::Outcome outcome = co_await commands->execute(std::move(command), 1s);
      heed(outcome);
      is_sent = outcome.failure == redis::Failure::none;
      if (is_sent) journal.sent(epoch, next->token);
    }
    if (!is_sent) co_await pause(retry_pause);
  }
}

net::Task<void> Fleet::State::publish(std::string token, std::string line) {
  std::string why = "Redis cannot be reached: the purge holds here, and for the others once it can";
  if (commands->is_up() && !journal.epoch().empty()) {
    const std::string epoch = journal.epoch();
    redis::Command command = scripts.append(epoch, token, line);
    const redis::Outcome outcome = co_await commands->execute(std::move(command), 1s);
    const SteadyTime replied_at = steady_now();
    heed(outcome);
    const auto reply =
        outcome.failure == redis::Failure::none ? Scripts::appended(outcome.reply) : std::nullopt;
    // A master that the sentinels have left takes lines that nobody else reads.
    bool is_in_force = reply.has_value();
    if (is_in_force) is_in_force = co_await commands->confirm_master(1s);
    if (is_in_force) {
      journal.appended(epoch, token, *reply, replied_at);
      settle_waiters();
      co_return;
    }
    if (outcome.failure == redis::Failure::refused)
      why =
          "Redis refuses: " + outcome.reply.text.substr(0, 100) + ": the purge holds here, and is sent again";
    if (outcome.failure == redis::Failure::overloaded)
      why = "too many commands wait for Redis: the purge holds here, and is sent again";
  }
  journal.not_appended(token, std::move(why));
  sender.notify();
}

void Fleet::State::settle_waiters() {
  for (const auto& call : journal.settle_waiters(steady_now())) call();
}

net::Task<void> Fleet::State::watch_waiters() {
  while (!is_stopping) {
    const base::Duration period = journal.has_waiters() ? waiters_period : lease_period;
    co_await pause(period);
    note_lease();
    settle_waiters();
  }
}

// So that nobody waits for this replica's lease to end by itself, or for its turns.
net::Task<void> Fleet::State::leave() {
  journal.leave();
  const Turns::Closed closed = turns.close();
  for (const auto& call : closed.calls) call();
  if (commands->is_up() && !journal.epoch().empty()) {
    std::vector<redis::Command> batch = turn_scripts.end(closed.turns, Handover::look_again);
    batch.insert(batch.begin(), scripts.leave(journal.epoch()));
    co_await commands->execute_all(std::move(batch), leave_timeout);
  }
  journal.fail_all("the sidecar is stopping");
  commands->stop();
  tail->stop();
  context.stop();
}

void Fleet::State::open_commands() {
  commands.emplace(context.get_executor(), redis, redis::Client::Options{}, nullptr, nullptr);
}

void Fleet::State::open_tail() {
  tail.emplace(context.get_executor(), redis, redis::Client::Options{}, nullptr, nullptr);
}

void Fleet::State::run() {
  commands->start();
  tail->start();
  const auto begin = [this](net::Task<void> (State::*loop)()) {
    net::spawn(context, [this, loop] { return (this->*loop)(); });
  };
  begin(&State::keep_membership);
  begin(&State::follow_log);
  begin(&State::send_own);
  begin(&State::watch_waiters);
  begin(&State::renew_turns);
  begin(&State::watch_turns);
  const auto work = asio::make_work_guard(context);
  context.run();
}

}  // namespace larder::fleet
