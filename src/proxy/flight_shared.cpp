// What a flight has to do with other replicas: before it fetches it looks in Redis, and waits while another
// replica fetches the same; what it has brought it puts there, and wakes those who wait.
//
//   look in Redis --there, and valid--> into memory: whoever has a seat looks there
//        |                                  ^
//        |--nothing: take the turn --ours--> look once more (it may have landed between) --nothing--> fetch
//        |                 `--another's: wait for its end --> look again
//        `--no answer within the budget, or another's turn brought nothing that can be shared--> fetch
//
// Purges hold as they do in one process. What stands in Redis bears its place in the shared log, which is a
// sequence of this replica's log, and is compared with it like any stored response's. And who waits for
// another's turn does so in a flight that has begun already, with its own fence.
#include <algorithm>
#include <utility>

#include "larder/cache/policy.hpp"
#include "larder/http/cache_control.hpp"
#include "proxy/flight.hpp"
#include "proxy/word.hpp"

namespace larder::proxy {
namespace {

// How often another's landing is looked for before the flight fetches for itself: each time it has been
// purged meanwhile, or evicted.
constexpr unsigned looks_max = 6;
// The longest that a flight waits for others in all.
constexpr base::Duration turn_wait_max = std::chrono::seconds(30);
// Others wait for a body to be whole, since they cannot read it as it grows. A page is there at once when it
// has been made; what takes longer is a stream, or a slow upstream whose bytes they read sooner themselves.
constexpr base::Duration body_patience = std::chrono::seconds(2);

}  // namespace

bool Flight::may_be_shared() const {
  return site_.second_level && !plan_.key.is_private() && plan_.range.empty() &&
         !plan_.asked.fields.has(http::FieldId::authorization);
}

bool Flight::is_cancelled() {
  const std::scoped_lock lock(mutex_);
  return phase_ == Phase::cancelled;
}

bool Flight::asks_others() const {
  return may_be_shared() && plan_.kind != FlightKind::alone && !plan_.is_forced &&
         site_.standing(site_.clock.mono()) == fleet::Standing::member;
}

// True: it has landed, or nobody waits any more.
net::Task<bool> Flight::land_from_others() {
  const auto began = std::chrono::steady_clock::now();
  bool is_last_look = false;
  for (unsigned looks = 0; looks < looks_max; ++looks) {
    const store::RedisStore::Found found = co_await look_in_redis();
    if (is_cancelled() || (found.is_known && land_found(found))) co_return true;
    if (!found.is_known || is_last_look) co_return false;
    if (!turn_.empty()) {
      site_.flights.begin_again(*this);
      co_return false;
    }
    const auto waited = std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - began);
    const fleet::Turn turn = co_await take_turn(turn_wait_max - waited);
    if (is_cancelled()) co_return true;
    if (turn == fleet::Turn::unavailable) co_return false;
    is_last_look = turn == fleet::Turn::fetch_alone;  // it may have left a mark there
  }
  co_return false;
}

net::Task<store::RedisStore::Found> Flight::look_in_redis() {
  const auto word = std::make_shared<Word<store::RedisStore::Found>>(executor_);
  site_.second_level->look_up({plan_.config->rules_digest, plan_.key, plan_.vary, plan_.asked.fields,
                               plan_.policy->cookies, plan_.config->max_object},
                              word->teller());
  store::RedisStore::Found found = co_await word->heard();
  co_return found;
}

net::Task<fleet::Turn> Flight::take_turn(base::Duration wait_max) {
  struct Answer {
    fleet::Turn turn;
    std::string token;
  };
  fleet::TurnRequest request;
  request.name = plan_.config->rules_digest + id_;
  request.sequence = sequence_;
  request.wait_max = wait_max;
  request.may_share = [&log = site_.purge_log, key = plan_.key, captures = plan_.captures](std::uint64_t at) {
    return log.may_join({key, captures}, at);
  };
  const auto word = std::make_shared<Word<Answer>>(executor_);
  ticket_ = site_.fleet->take_turn(std::move(request),
                                   [tell = word->teller()](fleet::Turn turn, std::string token) {
                                     tell({turn, std::move(token)});
                                   });
  // Whoever wanted it may have left before there was a ticket to withdraw by.
  if (is_cancelled()) withdraw();
  Answer answer = co_await word->heard();
  ticket_.clear();
  turn_ = std::move(answer.token);
  co_return answer.turn;
}

void Flight::withdraw() {
  if (!ticket_.empty()) site_.fleet->withdraw(ticket_);
}

// What is there may be outdated, or not be what the leader may use: then it is fetched all the same.
bool Flight::land_found(const store::RedisStore::Found& found) {
  if (!found.response && !found.mark) return false;
  // A mark answers who waits, by sending him to the upstream. A refresh has nobody to send.
  if (!found.response && plan_.kind == FlightKind::background) return false;
  const auto sequence = site_.fleet->sequence_of(found.place);
  if (!sequence) return false;
  if (found.response) {
    cache::ResponseDraft draft = *found.response;
    draft.sequence = *sequence;
    if (!keep_found(cache::freeze(draft))) return false;
  } else {
    if (site_.purge_log.is_outdated({plan_.key, plan_.captures}, *sequence)) return false;
    // By another replica's clock it could last for longer.
    const base::MonoTime latest = site_.clock.mono() + store::hit_for_miss_lifetime;
    site_.store.mark_hit_for_miss(plan_.key, found.mark->vary, found.mark->secondary,
                                  {*sequence, std::min(found.mark->expires_at, latest)});
  }
  for (const auto& seat : close_boarding()) {
    Landing landing;
    landing.kind = Landing::Kind::again;
    if (found.response) landing.reason = cache::Reason::second_level;
    seat->deliver(std::move(landing));
  }
  return true;
}

// What is fresh is taken whatever is held; what is not where nothing else is: it may be used within grace,
// and lends its validators.
bool Flight::keep_found(const cache::StoredPtr& response) {
  if (!site_.has_tags_of(*plan_.config)) return false;  // as is_outdated()
  const cache::Validity validity = site_.purge_log.validity(*response, site_.purge_log.newest());
  const cache::Decision decision =
      cache::decide(http::parse_request_cache_control(plan_.asked.fields), response.get(), false, validity,
                    *plan_.policy, site_.clock.mono());
  const bool is_fresh = decision.verdict == cache::Verdict::use && !decision.is_stale;
  const bool is_better_than_nothing = validity == cache::Validity::valid && !plan_.stale;
  if (!is_fresh && !is_better_than_nothing) return false;
  return site_.store.put_within(response, plan_.policy->query.max_variants) == store::Put::kept;
}

void Flight::share(const cache::StoredPtr& response) {
  if (!may_be_shared() || !cache::is_shareable(response->freshness)) return;
  const auto place = site_.fleet->place_of(response->sequence);
  if (!place) return;
  site_.second_level->put(plan_.config->rules_digest, response, *place, handing_over());
}

void Flight::share_mark(std::string_view vary, std::string_view secondary, base::MonoTime expires_at) {
  // One that is alone was told by a mark, or has a visitor who is told apart.
  if (!may_be_shared() || plan_.kind == FlightKind::alone) return;
  // And an upstream's trouble says nothing of the page: it must not take the place of one within its grace.
  if (exchange_ && cache::is_error_status(exchange_->head().status)) return;
  const auto place = site_.fleet->place_of(sequence_);
  if (!place) return;
  turn_ends_with_ = fleet::Handover::fetch_alone;
  site_.second_level->put_mark(plan_.config->rules_digest, plan_.key,
                               {std::string(vary), std::string(secondary), expires_at}, *place,
                               handing_over());
}

// Once it stands in Redis: whoever is woken looks there.
std::function<void(bool)> Flight::handing_over() {
  return
      [fleet = site_.fleet.get(), token = std::exchange(turn_, {}), with = turn_ends_with_](bool is_there) {
        if (!token.empty()) fleet->end_turn(token, is_there ? with : fleet::Handover::fetch_alone);
      };
}

void Flight::end_turn() {
  turn_patience_.reset();
  if (!turn_.empty()) site_.fleet->end_turn(std::exchange(turn_, {}), turn_ends_with_);
}

// A turn whose body others wait for in vain is given up.
void Flight::bound_turn() {
  if (turn_.empty()) return;
  turn_patience_ = std::make_unique<net::Watchdog>(executor_);
  turn_patience_->arm(body_patience, [this] {
    if (!turn_.empty()) site_.fleet->end_turn(std::exchange(turn_, {}), fleet::Handover::fetch_alone);
  });
}

}  // namespace larder::proxy
