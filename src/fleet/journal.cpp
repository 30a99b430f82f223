#include "fleet/journal.hpp"

#include <algorithm>
#include <utility>

namespace larder::fleet {

Journal::Journal(cache::PurgeLog& log, std::string id, base::Duration lease)
    : log_(log), id_(std::move(id)), lease_(lease) {}

std::string Journal::new_token() {
  return id_ + "/" + std::to_string(++tokens_);
}

std::uint64_t Journal::append_here(Line line) {
  const std::scoped_lock lock(mutex_);
  return append_own(std::move(line), new_token());
}

std::uint64_t Journal::append_own(Line line, std::string token) {
  std::string text = text_of(line);
  const std::uint64_t sequence =
      log_.append(std::move(line.selectors), line.mode, line.at, std::move(line.origin));
  own_bytes_ += text.size();
  own_.emplace(sequence, Own{std::move(token), std::move(text)});
  if (own_.size() <= unsent_max && own_bytes_ <= unsent_bytes_max) return sequence;
  // Wider than asked, never less. It takes the place of the oldest, whose order the positions depend on.
  const std::uint64_t oldest = own_.begin()->first;
  own_.clear();
  const Line all = line_of_all(line.at, "too many purges while cut off");
  std::string text_of_all = text_of(all);
  own_bytes_ = text_of_all.size();
  own_.emplace(oldest, Own{new_token(), std::move(text_of_all)});
  return sequence;
}

std::optional<std::string> Journal::begin_publication(const Line& line, SteadyTime now,
                                                      std::function<void(Publication)> done) {
  const std::scoped_lock lock(mutex_);
  if (is_closed_ || waiters_.size() >= waiters_max) return std::nullopt;
  std::string token = new_token();
  Waiter waiter;
  waiter.line = line;
  waiter.done = std::move(done);
  waiter.began_at = now;
  waiters_.emplace(token, std::move(waiter));
  return token;
}

void Journal::appended(const std::string& epoch, const std::string& token, const Appended& reply,
                       SteadyTime replied_at) {
  const std::scoped_lock lock(mutex_);
  const auto found = waiters_.find(token);
  if (found == waiters_.end()) return;
  Waiter& waiter = found->second;
  if (epoch != epoch_) {
    give_up(token, waiter);
    return;
  }
  waiter.number = reply.number;
  waiter.appended_at = replied_at;
  for (const Member& member : reply.members) waiter.required.emplace(member.id, member.beat);
  // Who is not among those that a later look shows has taken leave, or lost its lease.
  roster_.see(reply.members, replied_at);
}

void Journal::not_appended(const std::string& token, std::string why) {
  std::function<void(Publication)> done;
  Publication publication;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = waiters_.find(token);
    if (found == waiters_.end()) return;
    Waiter waiter = std::move(found->second);
    waiters_.erase(found);
    publication.sequence = waiter.sequence;
    if (waiter.sequence == 0) publication.sequence = append_own(std::move(waiter.line), token);
    publication.replicas = 1;
    publication.acknowledged = 1;
    publication.error = std::move(why);
    done = std::move(waiter.done);
  }
  done(std::move(publication));
}

std::optional<Journal::Unsent> Journal::unsent() const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [sequence, own] : own_) {
    if (!own.is_sent) return Unsent{own.token, own.line};
  }
  return std::nullopt;
}

void Journal::sent(const std::string& epoch, const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (epoch != epoch_) return;
  for (auto& [sequence, own] : own_) {
    if (own.token == token) own.is_sent = true;
  }
}

bool Journal::needs_join(const std::string& run) const {
  const std::scoped_lock lock(mutex_);
  return epoch_.empty() || is_expelled_ || !broken_.empty() || run != run_;
}

std::string Journal::broken_epoch() const {
  const std::scoped_lock lock(mutex_);
  return broken_;
}

void Journal::joined(const Joined& reply, SentAt sent, SteadyTime now, base::WallTime wall) {
  const std::scoped_lock lock(mutex_);
  is_expelled_ = false;
  if (reply.epoch != epoch_) {
    begin_epoch(reply, now, wall);
  } else if (reply.newest < sent.applied) {
    broken_ = epoch_;
    return;
  } else if (misses_lines(reply.oldest, reply.newest)) {
    ++gaps_;
    skip_to(reply.oldest, reply.newest, wall);
  }
  roster_.clear();
  roster_.see(reply.members, now);
  roster_sent_at_ = sent.steady;
  extend_lease({sent.mono + lease_, reply.newest});
}

void Journal::begin_epoch(const Joined& reply, SteadyTime now, base::WallTime wall) {
  // A lease of the epoch before says nothing in this one.
  lease_until_.store(0, std::memory_order_release);
  extensions_.clear();
  epoch_ = reply.epoch;
  run_ = reply.epoch.substr(0, reply.epoch.find(':'));
  broken_.clear();
  ++epochs_;
  // Somebody may hold a lease of the epoch before for as long as one of these.
  const base::Duration longest = std::max(lease_, reply.lease);
  lease_ = reply.lease;
  is_settled_ = reply.is_settled;
  settled_at_ = reply.is_settled ? now : now + with_a_tenth(longest);
  last_event_ = reply.last_event;
  // What was under way to the old log may not be in the new one.
  for (auto& [sequence, own] : own_) own.is_sent = false;
  for (auto& [token, waiter] : waiters_) {
    if (waiter.number > 0) give_up(token, waiter);
  }
  skip_to(reply.oldest, reply.newest, wall);
}

// Its line went to an epoch that is over: it holds here, and goes to the next. settle_waiters() answers.
void Journal::give_up(const std::string& token, Waiter& waiter) {
  waiter.number = 0;
  waiter.began_at = SteadyTime::min();
  if (waiter.sequence == 0) waiter.sequence = append_own(waiter.line, token);
}

// Lines between are gone, unread: nothing fetched before can be told valid.
void Journal::skip_to(std::uint64_t oldest, std::uint64_t newest, base::WallTime wall) {
  applied_ = oldest > 0 ? oldest - 1 : newest;
  const std::uint64_t sequence = log_.begin_epoch(wall);
  positions_.begin(applied_, sequence);
  // What others fetch from here on has not seen this replica's own lines either: they come after it.
  std::map<std::uint64_t, Own> again;
  for (auto& [old_sequence, own] : own_) {
    std::optional<Line> line = parse_line(own.line);
    if (!line) line = line_of_all(wall, "a line that cannot be read");
    const std::uint64_t next =
        log_.append(std::move(line->selectors), line->mode, line->at, std::move(line->origin));
    own.is_sent = false;  // it may have been among what is gone
    again.emplace(next, std::move(own));
  }
  own_ = std::move(again);
  // A purge among them holds here by that: everything is unverified.
  for (auto& [token, waiter] : waiters_) {
    const bool is_passed = waiter.number > 0 && waiter.number <= applied_;
    if (is_passed && waiter.sequence == 0) waiter.sequence = sequence;
  }
}

bool Journal::misses_lines(std::uint64_t oldest, std::uint64_t newest) const {
  return oldest > 0 ? applied_ + 1 < oldest : applied_ < newest;
}

void Journal::renewed(const Renewed& reply, SentAt sent, SteadyTime now, base::WallTime wall) {
  const std::scoped_lock lock(mutex_);
  if (reply.newest < sent.applied) {
    broken_ = epoch_;
    return;
  }
  if (misses_lines(reply.oldest, reply.newest)) {
    ++gaps_;
    skip_to(reply.oldest, reply.newest, wall);
  }
  roster_.see(reply.members, now);
  roster_sent_at_ = sent.steady;
  if (reply.is_settled) {
    is_settled_ = true;
    settled_at_ = std::min(settled_at_, now);
  }
  extend_lease({sent.mono + lease_, reply.newest});
}

void Journal::expelled() {
  const std::scoped_lock lock(mutex_);
  is_expelled_ = true;
}

void Journal::broken() {
  const std::scoped_lock lock(mutex_);
  broken_ = epoch_;
}

void Journal::extend_lease(Extension extension) {
  // One for each renewal that waits for its lines: the newest few are enough.
  constexpr std::size_t extensions_max = 8;
  extensions_.push_back(extension);
  if (extensions_.size() > extensions_max) extensions_.pop_front();
  check_extensions();
}

void Journal::check_extensions() {
  if (has_left_) extensions_.clear();
  while (!extensions_.empty() && extensions_.front().needs <= applied_) {
    const base::Duration::rep until = extensions_.front().until.time_since_epoch().count();
    if (until > lease_until_.load(std::memory_order_relaxed)) {
      lease_until_.store(until, std::memory_order_release);
      last_lease_until_.store(until, std::memory_order_relaxed);
    }
    extensions_.pop_front();
  }
}

void Journal::leave() {
  const std::scoped_lock lock(mutex_);
  has_left_ = true;
  lease_until_.store(0, std::memory_order_release);
}

bool Journal::read(const std::string& epoch, const Read& reply, base::WallTime wall) {
  const std::scoped_lock lock(mutex_);
  if (epoch != epoch_) return false;
  const std::uint64_t before = applied_;
  for (const LogEntry& entry : reply.lines) {
    if (entry.epoch != epoch_) {
      is_expelled_ = true;  // another has begun on the same connection
      break;
    }
    if (entry.number <= applied_) continue;
    if (entry.number != applied_ + 1) {
      ++gaps_;
      skip_to(entry.number, entry.number, wall);
    }
    apply(entry, wall);
  }
  for (const Acknowledgement& word : reply.acknowledgements) {
    roster_.acknowledge(word.replica, word.applied);
  }
  if (!reply.last_event.empty()) last_event_ = reply.last_event;
  check_extensions();
  return applied_ != before;
}

void Journal::apply(const LogEntry& entry, base::WallTime wall) {
  const bool may_be_own = entry.token.starts_with(id_);
  const auto own = std::find_if(own_.begin(), own_.end(), [&](const auto& each) {
    return may_be_own && each.second.token == entry.token;
  });
  if (own != own_.end()) {
    own_bytes_ -= own->second.line.size();  // it holds here already
    own_.erase(own);
  } else {
    std::optional<Line> line = parse_line(entry.line);
    if (!line) line = line_of_all(wall, "a line of another version");
    const std::uint64_t sequence =
        log_.append(std::move(line->selectors), line->mode, wall, std::move(line->origin));
    const auto waiter = waiters_.find(entry.token);
    if (waiter != waiters_.end()) waiter->second.sequence = sequence;
  }
  applied_ = entry.number;
  note_place(entry.number);
}

// A line of this replica that Redis has not confirmed will have a greater number: what was fetched elsewhere
// at this one has not seen it.
void Journal::note_place(std::uint64_t number) {
  std::uint64_t sequence = log_.newest();
  if (!own_.empty()) sequence = std::min(sequence, own_.begin()->first - 1);
  positions_.note(number, sequence, log_.newest());
}

void Journal::forget_member(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  roster_.forget(id);
}

std::vector<Member> Journal::lapsed(SteadyTime sent_at) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Member> members = roster_.lapsed(sent_at, lease_);
  std::erase_if(members, [this](const Member& member) { return member.id == id_; });
  return members;
}

bool Journal::wants_settling(SteadyTime now) const {
  const std::scoped_lock lock(mutex_);
  return !epoch_.empty() && !is_settled_ && now >= settled_at_;
}

std::optional<Publication> Journal::outcome_of(const Waiter& waiter, SteadyTime now) const {
  Publication outcome;
  outcome.sequence = waiter.sequence;
  outcome.number = waiter.number;
  const bool is_broken_off = waiter.began_at == SteadyTime::min();
  const bool is_too_late = !is_broken_off && now >= waiter.began_at + lease_ + std::chrono::milliseconds(950);
  std::vector<std::string> silent;  // no renewal since: their leases have ended, a lease and a tenth later
  std::vector<std::string> laggards;
  for (const auto& [id, beat] : waiter.required) {
    if (id == id_) continue;
    const Roster::Known* known = roster_.find(id);
    if (!known) continue;  // it took leave, or its lease had ended
    ++outcome.replicas;
    if (known->applied >= waiter.number) {
      ++outcome.acknowledged;
    } else if (known->beat == beat && roster_sent_at_ > waiter.appended_at) {
      silent.push_back(id);
    } else {
      laggards.push_back(id);
    }
  }
  outcome.replicas += 1;
  const bool is_here = waiter.number > 0 && waiter.sequence > 0 && applied_ >= waiter.number;
  if (is_here) outcome.acknowledged += 1;
  const bool have_leases_ended = waiter.number > 0 && now >= waiter.appended_at + with_a_tenth(lease_);
  const bool is_everywhere = silent.empty() && laggards.empty();
  const bool is_settled = now >= settled_at_;
  if (!is_broken_off && is_here && is_settled && (is_everywhere || (have_leases_ended && laggards.empty()))) {
    outcome.is_acknowledged = true;
    outcome.replicas -= silent.size();
    return outcome;
  }
  if (!is_broken_off && !is_too_late && !(have_leases_ended && is_here && is_settled)) return std::nullopt;
  outcome.laggards = std::move(laggards);
  outcome.laggards.insert(outcome.laggards.end(), silent.begin(), silent.end());
  outcome.error = is_broken_off ? "Redis began anew: the purge holds here, and is sent again"
                                : "not every replica has applied the purge";
  return outcome;
}

std::vector<std::function<void()>> Journal::settle_waiters(SteadyTime now) {
  std::vector<std::function<void()>> calls;
  const std::scoped_lock lock(mutex_);
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    auto outcome = outcome_of(at->second, now);
    if (!outcome) {
      ++at;
      continue;
    }
    // Redis has not said whether it has the line.
    if (outcome->sequence == 0) outcome->sequence = append_own(std::move(at->second.line), at->first);
    calls.emplace_back([done = std::move(at->second.done), outcome = std::move(*outcome)]() mutable {
      done(std::move(outcome));
    });
    at = waiters_.erase(at);
  }
  return calls;
}

bool Journal::has_waiters() const {
  const std::scoped_lock lock(mutex_);
  return !waiters_.empty();
}

void Journal::fail_all(const std::string& why) {
  std::vector<std::string> tokens;
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    for (const auto& [token, waiter] : waiters_) tokens.push_back(token);
  }
  for (const std::string& token : tokens) not_appended(token, why);
}

std::string Journal::epoch() const {
  const std::scoped_lock lock(mutex_);
  return epoch_;
}

std::uint64_t Journal::applied() const {
  const std::scoped_lock lock(mutex_);
  return applied_;
}

std::string Journal::last_event() const {
  const std::scoped_lock lock(mutex_);
  return last_event_;
}

base::Duration Journal::lease() const {
  const std::scoped_lock lock(mutex_);
  return lease_;
}

FleetView Journal::view(SteadyTime now) const {
  const std::scoped_lock lock(mutex_);
  FleetView view;
  view.id = id_;
  view.epoch = epoch_;
  view.lease = lease_;
  view.applied = applied_;
  view.unsent = own_.size();
  view.waiting = waiters_.size();
  view.epochs = epochs_;
  view.gaps = gaps_;
  for (const auto& [id, known] : roster_.members()) {
    const auto silent = std::chrono::duration_cast<base::Duration>(now - known.first_seen_at);
    view.replicas.push_back({id, id == id_, id == id_ ? applied_ : known.applied, silent});
  }
  return view;
}

std::optional<cache::Place> Journal::place_of(std::uint64_t sequence) const {
  const std::scoped_lock lock(mutex_);
  const auto number = positions_.number_of(sequence);
  if (epoch_.empty() || !number) return std::nullopt;
  return cache::Place{epoch_, *number};
}

std::optional<std::uint64_t> Journal::sequence_of(const cache::Place& place) const {
  const std::scoped_lock lock(mutex_);
  if (place.epoch != epoch_) return std::nullopt;
  return positions_.sequence_of(place.number);
}

}  // namespace larder::fleet
