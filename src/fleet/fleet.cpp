#include "larder/fleet/fleet.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "fleet/fleet_state.hpp"

namespace larder::fleet {
namespace {

namespace asio = net::asio;

}  // namespace

Fleet::Fleet(const config::Redis& redis, cache::PurgeLog& log, const net::Clock& clock,
             std::function<void()> has_applied)
    : state_(std::make_unique<State>(redis, log, clock, std::move(has_applied))) {}

Fleet::~Fleet() {
  stop();
}

// Here, where a certificate that cannot be read is the starter's exception.
void Fleet::start() {
  state_->open_commands();
  state_->open_tail();
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

void Fleet::stop() {
  if (!state_->thread.joinable()) return;
  state_->is_stopping = true;
  asio::post(state_->context,
             [state = state_.get()] { net::spawn(state->context, [state] { return state->leave(); }); });
  state_->thread.join();
}

Standing Fleet::standing(base::MonoTime now) const noexcept {
  const base::MonoTime lease_until = state_->journal.lease_until();
  if (now < lease_until) return Standing::member;
  switch (state_->redis.on_loss) {
    case config::OnLoss::serve: {
      const base::MonoTime lost_at = std::max(state_->journal.last_lease_until(), state_->made_at);
      return now < lost_at + state_->redis.serve_for ? Standing::serve : Standing::revalidate;
    }
    case config::OnLoss::bypass:
      return Standing::bypass;
    case config::OnLoss::revalidate:
      break;
  }
  return Standing::revalidate;
}

bool Fleet::has_joined() const noexcept {
  return state_->has_joined;
}

void Fleet::publish(Line line, std::function<void(Publication)> done) {
  state_->published.fetch_add(1, std::memory_order_relaxed);
  const auto counted = [state = state_.get(), done = std::move(done)](Publication outcome) {
    if (!outcome.is_acknowledged) state->unacknowledged.fetch_add(1, std::memory_order_relaxed);
    done(std::move(outcome));
  };
  std::string text = text_of(line);
  std::optional<std::string> token = state_->journal.begin_publication(line, steady_now(), counted);
  if (!token) {
    Publication outcome;
    outcome.sequence = append(std::move(line));
    outcome.replicas = outcome.acknowledged = 1;
    outcome.error = "too many purges wait for other replicas: this one holds here, and goes to the others";
    counted(std::move(outcome));
    return;
  }
  asio::post(
      state_->context, [state = state_.get(), token = std::move(*token), text = std::move(text)]() mutable {
        net::spawn(state->context, [state, token = std::move(token), text = std::move(text)]() mutable {
          return state->publish(std::move(token), std::move(text));
        });
      });
}

std::uint64_t Fleet::append(Line line) {
  const std::uint64_t sequence = state_->journal.append_here(std::move(line));
  asio::post(state_->context, [state = state_.get()] { state->sender.notify(); });
  return sequence;
}

std::optional<cache::Place> Fleet::place_of(std::uint64_t sequence) const {
  return state_->journal.place_of(sequence);
}

std::optional<std::uint64_t> Fleet::sequence_of(const cache::Place& place) const {
  return state_->journal.sequence_of(place);
}

// Without a lease nothing is asked: before the first, Redis may not have been connected to at all.
std::string Fleet::take_turn(TurnRequest request, TurnDone done) {
  state_->turns_asked.fetch_add(1, std::memory_order_relaxed);
  std::optional<std::string> token;
  if (state_->holds_lease() && state_->commands->is_up() && state_->journal.place_of(request.sequence))
    token = state_->turns.begin(request, done, steady_now());
  if (!token) {
    state_->turns_refused.fetch_add(1, std::memory_order_relaxed);
    done(Turn::unavailable, {});
    return {};
  }
  asio::post(state_->context,
             [state = state_.get(), token = *token]() mutable { state->begin_asking(std::move(token)); });
  return std::move(*token);
}

void Fleet::withdraw(const std::string& ticket) {
  if (const auto call = state_->turns.withdraw(ticket)) call();
}

void Fleet::end_turn(std::string token, Handover handover) {
  std::optional<HeldTurn> turn = state_->turns.end(std::move(token));
  if (!turn) return;
  asio::post(state_->context, [state = state_.get(), turn = std::move(*turn), handover]() mutable {
    state->add_ending(std::move(turn), handover);
  });
}

FleetView Fleet::view() const {
  FleetView view = state_->journal.view(steady_now());
  view.is_connected = state_->is_connected;
  view.holds_lease = state_->holds_lease();
  return view;
}

FleetStats Fleet::stats() const {
  const Turns::Counts turns = state_->turns.counts();
  FleetStats stats;
  stats.lease_losses = state_->lease_losses;
  stats.published = state_->published;
  stats.unacknowledged = state_->unacknowledged;
  stats.failed_commands = state_->failed_commands;
  stats.turns = state_->turns_asked;
  stats.turns_waited = turns.waited;
  stats.turns_taken_over = turns.taken_over;
  stats.turns_run_out = turns.run_out;
  stats.turns_unavailable = turns.unavailable + state_->turns_refused;
  stats.turns_held = turns.held;
  return stats;
}

}  // namespace larder::fleet
