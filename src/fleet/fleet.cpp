#include "larder/fleet/fleet.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "fleet/fleet_state.hpp"

namespace larder::fleet {
namespace {

namespace asio = net::asio;

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

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
  asio::post(state_->context, [state = state_.get()] {
    asio::co_spawn(
        state->context, [state] { return state->leave(); }, asio::detached);
  });
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
  asio::post(state_->context,
             [state = state_.get(), token = std::move(*token), text = std::move(text)]() mutable {
               asio::co_spawn(
                   state->context,
                   [state, token = std::move(token), text = std::move(text)]() mutable {
                     return state->publish(std::move(token), std::move(text));
                   },
                   asio::detached);
             });
}

std::uint64_t Fleet::append(Line line) {
  const std::uint64_t sequence = state_->journal.append_here(std::move(line));
  asio::post(state_->context, [state = state_.get()] { state->sender.notify(); });
  return sequence;
}

FleetView Fleet::view() const {
  FleetView view = state_->journal.view(steady_now());
  view.is_connected = state_->is_connected;
  view.holds_lease = state_->holds_lease();
  return view;
}

FleetStats Fleet::stats() const {
  return {state_->lease_losses, state_->published, state_->unacknowledged, state_->failed_commands};
}

}  // namespace larder::fleet
