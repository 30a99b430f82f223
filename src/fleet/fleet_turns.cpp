// The lock of a fetch: what of it is asked of Redis, and when.
#include <algorithm>
#include <iterator>
#include <utility>

#include "fleet/fleet_state.hpp"

namespace larder::fleet {
namespace {

using namespace std::chrono_literals;

// Between looks whether some have waited for long enough, while anybody waits. Redis is not asked by that.
constexpr base::Duration look_period = 20ms;
// After a lock has run out, for clocks of which one is a little ahead.
constexpr base::Duration expiry_margin = 5ms;
// To end a turn; who waits for it has other ways to go on.
constexpr base::Duration end_timeout = 1s;
// Where others take a turn over at the same time: who comes too late waits for the winner after so many.
constexpr int take_over_attempts = 3;

void call(const Turns::Call& what) {
  if (what) what();
}

void call(const std::vector<Turns::Call>& all) {
  for (const Turns::Call& each : all) each();
}

}  // namespace

// What is asked in an epoch that another server has taken the place of would be lost on it.
bool Fleet::State::can_have_turns() const {
  return commands->is_up() && holds_lease() && !journal.needs_join(commands->identity().run_id);
}

// A fetch that has begun after lines which are not known here yet is newer than any that begins here.
bool Fleet::State::is_shareable(const TurnHolder& holder, const Turns::MayShare& may_share) const {
  const auto sequence = journal.sequence_of(holder.place);
  if (sequence) return !may_share || may_share(*sequence);
  return holder.place.epoch == journal.epoch() && holder.place.number > journal.applied();
}

void Fleet::State::begin_asking(std::string token) {
  net::spawn(context, [this, token = std::move(token)]() mutable { return ask_for_turn(std::move(token)); });
}

// However many end at once, one batch of them is under way: the lease and purges use the same connection.
// Past a bound their locks run out by themselves.
void Fleet::State::add_ending(HeldTurn turn, Handover handover) {
  std::vector<HeldTurn>& waiting = over[static_cast<std::size_t>(handover)];
  if (waiting.size() >= Turns::held_max) return;
  waiting.push_back(std::move(turn));
  if (std::exchange(is_ending, true)) return;
  net::spawn(context, [this] { return end_turns(); });
}

// Asks once, and again only where the turn is to be taken from who has it.
net::Task<void> Fleet::State::ask_for_turn(std::string token) {
  std::string expected;  // the value of who has it
  for (int attempt = 0;; ++attempt) {
    const std::optional<Turns::Question> question = turns.question_of(token);
    if (!question) co_return;
    const auto place = journal.place_of(question->sequence);
    if (!place || !can_have_turns()) {
      call(turns.answer(token, Turn::unavailable));
      co_return;
    }
    redis::Command command = turn_scripts.take(question->digest, {token, *place}, journal.lease(), expected);
    const redis::Outcome outcome = co_await commands->execute(std::move(command), redis.read_budget);
    heed(outcome);
    const auto reply = outcome.is_ok() ? TurnScripts::taken(outcome.reply) : std::nullopt;
    // Redis may have carried it out, or may yet: then somebody must end it.
    const bool may_be_ours =
        outcome.failure == redis::Failure::timeout || outcome.failure == redis::Failure::lost;
    if (may_be_ours || (reply && reply->is_ours)) {
      call(turns.took(token, reply && reply->is_taken_over, steady_now()));
      co_return;
    }
    if (!reply) {
      call(turns.answer(token, Turn::unavailable));
      co_return;
    }
    const std::optional<TurnHolder> holder = holder_of(reply->held);
    const bool waits =
        !holder || is_shareable(*holder, question->may_share) || attempt + 1 == take_over_attempts;
    if (waits) {
      const base::Duration left = reply->left < 0ms ? journal.lease() : reply->left;
      const base::Duration wait = std::min<base::Duration>(left, Turns::wait_max) + expiry_margin;
      call(turns.waits(token, steady_now() + wait));
      turns_wait.notify();
      co_return;
    }
    expected = reply->held;
  }
}

// Not tried again: the lock runs out by itself, and who waits for it asks then.
net::Task<void> Fleet::State::end_turns() {
  constexpr std::array handovers{Handover::look_again, Handover::fetch_alone};
  const auto is_over = [](const std::vector<HeldTurn>& each) { return !each.empty(); };
  while (std::any_of(over.begin(), over.end(), is_over)) {
    std::vector<redis::Command> batch;
    for (const Handover handover : handovers) {
      const auto turns_over = std::exchange(over[static_cast<std::size_t>(handover)], {});
      std::vector<redis::Command> some = turn_scripts.end(turns_over, handover);
      std::move(some.begin(), some.end(), std::back_inserter(batch));
    }
    const std::vector<redis::Outcome> outcomes =
        co_await commands->execute_all(std::move(batch), end_timeout);
    for (const redis::Outcome& outcome : outcomes) heed(outcome);
  }
  is_ending = false;
}

net::Task<void> Fleet::State::renew_turns() {
  while (!is_stopping) {
    const base::Duration period = journal.lease() / renewals_in_lease;
    const std::vector<HeldTurn> held = turns.held(steady_now());
    if (!held.empty() && commands->is_up()) {
      std::vector<redis::Command> batch = turn_scripts.renew(held, journal.lease());
      const std::vector<redis::Outcome> outcomes = co_await commands->execute_all(std::move(batch), period);
      for (const redis::Outcome& outcome : outcomes) heed(outcome);
    }
    co_await pause(period);
  }
}

net::Task<void> Fleet::State::watch_turns() {
  while (!is_stopping) {
    if (!turns.has_waiters()) {
      co_await turns_wait.wait();
      continue;
    }
    co_await pause(look_period);
    if (!can_have_turns()) call(turns.give_up());
    Turns::Due due = turns.due(steady_now());
    call(due.calls);
    for (std::string& token : due.to_ask) begin_asking(std::move(token));
  }
}

// Once the lines are applied that came with them: what the fetch has left in Redis names a place among them.
void Fleet::State::tell_endings(const std::vector<Ending>& endings) {
  for (const Ending& ending : endings) call(turns.ended(ending.digest, ending.handover));
}

}  // namespace larder::fleet
