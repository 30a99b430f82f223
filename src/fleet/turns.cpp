#include "fleet/turns.hpp"

#include <algorithm>

#include "larder/base/hash.hpp"

namespace larder::fleet {
namespace {

Turn turn_of(Handover handover) {
  return handover == Handover::look_again ? Turn::look_again : Turn::fetch_alone;
}

}  // namespace

std::optional<std::string> Turns::begin(TurnRequest& request, Fleet::TurnDone& done, SteadyTime now) {
  const base::DigestText digest = base::digest256(request.name);
  const std::scoped_lock lock(mutex_);
  const bool is_full = askers_.size() >= waiters_max || held_.size() >= held_max || asking() >= asking_max;
  if (is_closed_ || is_full) return std::nullopt;
  std::string token = id_ + "/t" + std::to_string(++tokens_);
  Asker asker;
  asker.digest.assign(digest.data(), digest.size());
  asker.sequence = request.sequence;
  asker.may_share = std::move(request.may_share);
  asker.done = std::move(done);
  asker.deadline = now + std::clamp<base::Duration>(request.wait_max, base::Duration(0), wait_max);
  by_name_[asker.digest].insert(token);
  askers_.emplace(token, std::move(asker));
  return token;
}

std::optional<Turns::Question> Turns::question_of(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = askers_.find(token);
  if (found == askers_.end()) return std::nullopt;
  return Question{found->second.digest, found->second.sequence, found->second.may_share};
}

void Turns::stop_waiting(const std::string& token, Asker& asker) {
  if (asker.waits_until) waiting_.erase({*asker.waits_until, token});
  asker.waits_until.reset();
}

// `token` is what it is told: nothing but with Turn::ours.
Turns::Call Turns::take_out(Askers::iterator at, Turn turn, std::string token) {
  stop_waiting(at->first, at->second);
  const auto name = by_name_.find(at->second.digest);
  name->second.erase(at->first);
  if (name->second.empty()) by_name_.erase(name);
  Call call = [done = std::move(at->second.done), turn, token = std::move(token)] { done(turn, token); };
  askers_.erase(at);
  return call;
}

Turns::Call Turns::took(const std::string& token, bool was_taken_over, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  const auto found = askers_.find(token);
  if (found == askers_.end()) return nullptr;
  if (was_taken_over) ++counts_.taken_over;
  held_.emplace(token, Held{found->second.digest, now + hold_max});
  return take_out(found, Turn::ours, token);
}

Turns::Call Turns::waits(const std::string& token, SteadyTime until) {
  const std::scoped_lock lock(mutex_);
  const auto found = askers_.find(token);
  if (found == askers_.end()) return nullptr;
  Asker& asker = found->second;
  if (!asker.has_waited) ++counts_.waited;
  asker.has_waited = true;
  if (asker.meanwhile) return take_out(found, turn_of(*asker.meanwhile), {});
  stop_waiting(token, asker);
  asker.waits_until = std::min(until, asker.deadline);
  waiting_.emplace(*asker.waits_until, token);
  return nullptr;
}

Turns::Call Turns::answer(const std::string& token, Turn turn) {
  const std::scoped_lock lock(mutex_);
  const auto found = askers_.find(token);
  if (found == askers_.end()) return nullptr;
  if (turn == Turn::unavailable) ++counts_.unavailable;
  return take_out(found, turn, {});
}

Turns::Call Turns::withdraw(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  const auto found = askers_.find(token);
  if (found == askers_.end() || !found->second.waits_until) return nullptr;
  return take_out(found, Turn::unavailable, {});
}

std::vector<Turns::Call> Turns::ended(std::string_view digest, Handover handover) {
  std::vector<Call> calls;
  const std::scoped_lock lock(mutex_);
  const auto name = by_name_.find(digest);
  if (name == by_name_.end()) return calls;
  const std::set<std::string> tokens = name->second;
  for (const std::string& token : tokens) {
    const auto at = askers_.find(token);
    if (at->second.waits_until) {
      calls.push_back(take_out(at, turn_of(handover), {}));
    } else {
      at->second.meanwhile = handover;  // the turn may be ours: Redis has not said yet
    }
  }
  return calls;
}

Turns::Due Turns::due(SteadyTime now) {
  Due due;
  const std::scoped_lock lock(mutex_);
  while (!waiting_.empty() && waiting_.begin()->first <= now && asking() < asking_max) {
    const auto at = askers_.find(waiting_.begin()->second);
    if (now >= at->second.deadline) {
      ++counts_.run_out;
      due.calls.push_back(take_out(at, Turn::fetch_alone, {}));
      continue;
    }
    stop_waiting(at->first, at->second);
    due.to_ask.push_back(at->first);
  }
  return due;
}

std::vector<Turns::Call> Turns::give_up() {
  std::vector<Call> calls;
  const std::scoped_lock lock(mutex_);
  while (!waiting_.empty()) {
    ++counts_.unavailable;
    calls.push_back(take_out(askers_.find(waiting_.begin()->second), Turn::unavailable, {}));
  }
  return calls;
}

bool Turns::has_waiters() const {
  const std::scoped_lock lock(mutex_);
  return !waiting_.empty();
}

std::vector<HeldTurn> Turns::held(SteadyTime now) {
  std::vector<HeldTurn> turns;
  const std::scoped_lock lock(mutex_);
  std::erase_if(held_, [now](const auto& each) { return now >= each.second.until; });
  turns.reserve(held_.size());
  for (const auto& [token, held] : held_) turns.push_back({held.digest, token});
  return turns;
}

std::optional<HeldTurn> Turns::end(std::string token) {
  const std::scoped_lock lock(mutex_);
  auto node = held_.extract(token);
  if (node.empty()) return std::nullopt;
  return HeldTurn{std::move(node.mapped().digest), std::move(token)};
}

Turns::Closed Turns::close() {
  Closed closed;
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  for (const auto& [token, held] : held_) closed.turns.push_back({held.digest, token});
  held_.clear();
  while (!askers_.empty()) {
    const auto at = askers_.begin();
    if (!at->second.waits_until) closed.turns.push_back({at->second.digest, at->first});
    closed.calls.push_back(take_out(at, Turn::unavailable, {}));
  }
  return closed;
}

Turns::Counts Turns::counts() const {
  const std::scoped_lock lock(mutex_);
  Counts counts = counts_;
  counts.held = held_.size();
  return counts;
}

}  // namespace larder::fleet
