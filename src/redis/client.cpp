#include "larder/redis/client.hpp"

#include <array>
#include <atomic>
#include <random>
#include <utility>

#include "backoff.hpp"
#include "connection.hpp"
#include "larder/obs/log.hpp"
#include "sentinels.hpp"
#include "set_up.hpp"

namespace larder::redis {
namespace {

using Counter = std::atomic<std::uint64_t>;

void count(Counter& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

Pipeline::Limits limits_of(const Client::Options& options) {
  Pipeline::Limits limits;
  limits.pending_max = options.pending_max;
  limits.pending_bytes_max = options.pending_bytes_max;
  limits.silence_max = options.command_timeout;
  return limits;
}

}  // namespace

// Shared with the coroutines, which may end after the client.
struct Client::State {
  State(const net::Executor& the_executor, config::Redis the_config, const Options& the_options,
        OnConnected when_connected, OnLost when_lost)
      : executor(the_executor),
        config(std::move(the_config)),
        options(the_options),
        on_connected(std::move(when_connected)),
        on_lost(std::move(when_lost)),
        tls(tls_context_of(config)),
        pause(executor),
        backoff(options.backoff_min, options.backoff_max) {}

  using Self = std::shared_ptr<State>;
  static net::Task<void> run(Self self);
  static net::Task<std::vector<Outcome>> execute_all(Self self, std::vector<Command> commands,
                                                     base::Duration within);
  static net::Task<bool> confirm_master(Self self, base::Duration within);
  net::Task<Trouble> find_server();
  net::Task<Trouble> connect();
  net::Task<SetUp> set_up();
  net::Task<void> serve();
  net::Task<void> check_role();
  net::Task<void> wait_before_next();
  void note(Trouble found, const std::string& detail);
  void count_outcomes(const std::vector<Outcome>& outcomes);

  net::Executor executor;
  config::Redis config;
  Options options;
  OnConnected on_connected;
  OnLost on_lost;
  std::shared_ptr<TlsContext> tls;
  net::Timer pause;
  net::Clock clock;
  Backoff backoff;
  std::minstd_rand random{std::random_device{}()};
  config::Address address;                 // of the server that is tried, or up
  std::shared_ptr<Connection> connection;  // being opened, set up, or up
  ServerIdentity identity;
  Trouble logged = Trouble::not_tried;
  bool is_stopped = false;

  std::atomic<Trouble> trouble{Trouble::not_tried};
  Counter attempts{0};
  Counter connects{0};
  Counter losses{0};
  Counter commands_asked{0};
  std::array<Counter, 6> by_failure{};
};

Client::Client(const net::Executor& executor, const config::Redis& config, const Options& options,
               OnConnected on_connected, OnLost on_lost)
    : state_(
          std::make_shared<State>(executor, config, options, std::move(on_connected), std::move(on_lost))) {}

Client::~Client() {
  stop();
}

void Client::start() {
  net::spawn(state_->executor, State::run(state_));
}

void Client::stop() {
  State& state = *state_;
  state.is_stopped = true;
  if (is_up()) state.trouble = Trouble::unreachable;
  state.pause.cancel();
  if (state.connection) state.connection->close();
}

const ServerIdentity& Client::identity() const noexcept {
  return state_->identity;
}

Trouble Client::trouble() const noexcept {
  return state_->trouble;
}

ClientCounters Client::counters() const noexcept {
  const State& state = *state_;
  const auto of = [&](Failure failure) -> std::uint64_t {
    return state.by_failure[static_cast<std::size_t>(failure)];
  };
  ClientCounters counters;
  counters.attempts = state.attempts;
  counters.connects = state.connects;
  counters.losses = state.losses;
  counters.commands = state.commands_asked;
  counters.down = of(Failure::down);
  counters.timeouts = of(Failure::timeout);
  counters.lost = of(Failure::lost);
  counters.overloaded = of(Failure::overloaded);
  counters.refused = of(Failure::refused);
  return counters;
}

net::Task<std::vector<Outcome>> Client::execute_all(std::vector<Command> commands, base::Duration within) {
  return State::execute_all(state_, std::move(commands), within);
}

net::Task<std::vector<Outcome>> Client::State::execute_all(Self self, std::vector<Command> commands,
                                                           base::Duration within) {
  std::vector<Outcome> outcomes;
  if (self->trouble == Trouble::none) {
    const std::shared_ptr<Connection> connection = self->connection;
    outcomes = co_await connection->execute_all(std::move(commands), within);
  } else {
    outcomes.resize(commands.size(), {Failure::down, {}});
  }
  self->count_outcomes(outcomes);
  co_return outcomes;
}

void Client::State::count_outcomes(const std::vector<Outcome>& outcomes) {
  count(commands_asked, outcomes.size());
  for (const Outcome& outcome : outcomes) count(by_failure[static_cast<std::size_t>(outcome.failure)]);
}

net::Task<void> Client::State::run(Self self) {
  State& state = *self;
  while (!state.is_stopped) {
    count(state.attempts);
    Trouble found = co_await state.find_server();
    if (found == Trouble::none && !state.is_stopped) found = co_await state.connect();
    if (found == Trouble::none && !state.is_stopped) co_await state.serve();
    if (!state.is_stopped) co_await state.wait_before_next();
  }
}

net::Task<Trouble> Client::State::find_server() {
  address = config.servers.front();
  if (!config.uses_sentinel()) co_return Trouble::none;
  const std::optional<config::Address> master =
      co_await ask_sentinels(executor, config, options.connect_timeout);
  if (!master) {
    note(Trouble::no_majority, {});
    co_return Trouble::no_majority;
  }
  address = *master;
  co_return Trouble::none;
}

// Opens a connection and sets it up. It is dropped again unless that went well.
net::Task<Trouble> Client::State::connect() {
  connection = std::make_shared<Connection>(executor, tls, limits_of(options));
  SetUp result;
  result.detail = co_await connection->open(address, options.connect_timeout);
  if (result.detail.empty()) {
    result = co_await set_up();
  } else {
    result.trouble = Trouble::unreachable;
  }
  if (result.trouble != Trouble::none) {
    connection->close();
    note(result.trouble, result.detail);
  }
  co_return result.trouble;
}

net::Task<SetUp> Client::State::set_up() {
  std::vector<Command> commands = set_up_commands(config);
  const base::Duration within = options.command_timeout;
  const std::vector<Outcome> outcomes = co_await connection->execute_all(std::move(commands), within);
  SetUp result = judge_set_up(config, outcomes);
  if (result.trouble != Trouble::none || is_stopped) co_return result;
  connection->set_identity(result.identity);
  identity = result.identity;
  bool is_ready = true;
  if (on_connected) is_ready = co_await on_connected(*connection);
  if (!is_ready) result = {Trouble::set_up, "what comes before all else failed", {}};
  if (!connection->is_open()) result = {Trouble::unreachable, "the connection broke", {}};
  co_return result;
}

// From here on it is up, until the connection ends.
net::Task<void> Client::State::serve() {
  const base::MonoTime since = clock.mono();
  trouble = logged = Trouble::none;
  count(connects);
  obs::log_info("Redis at " + text_of(address) + " is up");
  while (connection->is_open()) {
    co_await connection->wait_for_end(options.check_period);
    // Who is waited for shows by that whether he is there.
    if (connection->is_open() && connection->is_idle()) co_await check_role();
  }
  if (is_stopped) co_return;
  count(losses);
  // One that breaks at once is tried as slowly as one that does not come up.
  if (clock.mono() - since >= options.backoff_max) backoff.reset();
  note(Trouble::unreachable, "the connection broke");
  if (on_lost) on_lost();
}

net::Task<void> Client::State::check_role() {
  Command role{"ROLE"};
  const Outcome outcome = co_await connection->execute(std::move(role), options.command_timeout);
  if (role_of(outcome) != "master") connection->close();
}

net::Task<void> Client::State::wait_before_next() {
  std::uniform_real_distribution<double> share(0, 1);
  pause.expires_after(backoff.next(share(random)));
  net::ErrorCode ignored;
  co_await pause.async_wait(net::use_task(ignored));
}

// Says it once, not at each try.
void Client::State::note(Trouble found, const std::string& detail) {
  if (is_stopped) return;
  trouble = found;
  if (std::exchange(logged, found) == found) return;
  const std::string place = found == Trouble::no_majority ? url_of(config) : text_of(address);
  std::string message = "Redis at " + place + ": " + std::string(text_of(found));
  if (!detail.empty()) message += ": " + detail;
  obs::log_warning(message);
}

net::Task<bool> Client::confirm_master(base::Duration within) {
  return State::confirm_master(state_, within);
}

net::Task<bool> Client::State::confirm_master(Self self, base::Duration within) {
  if (self->trouble != Trouble::none) co_return false;
  if (!self->config.uses_sentinel()) co_return true;
  const std::shared_ptr<Connection> confirmed = self->connection;
  const config::Address before = self->address;
  const std::optional<config::Address> named = co_await ask_sentinels(self->executor, self->config, within);
  if (named && *named != before) confirmed->close();
  co_return named == before && confirmed->is_open();
}

std::string_view text_of(Trouble trouble) noexcept {
  constexpr std::string_view texts[] = {
      "up",
      "not tried yet",
      "not reachable",
      "user or password are refused, or may not do what is needed",
      "cannot be used",
      "not a master",
      "part of a Redis Cluster, which is not supported: expected a single server or Sentinel",
      "the sentinels name no master that a majority of them agrees on"};
  return texts[static_cast<std::size_t>(trouble)];
}

}  // namespace larder::redis
