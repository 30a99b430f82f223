#include "proxy/exchange.hpp"

#include <cassert>

#include "larder/base/text.hpp"
#include "larder/cache/bypass.hpp"
#include "larder/cache/private_copy.hpp"
#include "larder/cache/request_cookies.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;
using cache::Verdict;

// How often an exchange takes a seat before it fetches for itself: each time something has landed that was
// another's.
constexpr unsigned boardings_max = 8;

}  // namespace

Exchange::Exchange(Worker& worker, Wire& wire, ErrandNote* errand)
    : worker_(worker), site_(worker.site()), wire_(wire), errand_(errand) {}

bool Exchange::answer(const http::RequestHead& request, const http::Framing& framing) {
  reset(request);
  framing_ = framing;
  if (is_refused(framing)) return true;
  if (request.method == http::Method::purge) {
    if (is_purge_refused()) return true;
    rest_ = Rest::purge;
    return act();
  }

  // 1. The route, and whether this request may use the cache at all.
  config::match_route(*snapshot_, target_.path, route_);
  policy_ = route_.policy;
  record_.route = route_.index;
  if (hook_) {
    rest_ = Rest::hook;
    return act();
  }
  if (const auto reason = reason_to_pass()) {
    record_.reason = *reason;
    rest_ = Rest::pass;
    if (*reason == Reason::request_no_store) note_what_is_stored();
    return act();
  }

  // 2. and 3. The key, what is stored under it, and what to do with that.
  make_key();
  look_up();
  decide();
  decide_for_errand(true);
  if (wants_part()) turn_to_part();
  looked_up_ = decision_;
  return act();
}

void Exchange::reset(const http::RequestHead& request) {
  request_ = &request;
  snapshot_ = worker_.config().get();
  now_ = site_.clock.now();
  started_ = now_.exact;
  // Loaded once the head is read: whatever was acknowledged before is seen by every look-up that follows. The
  // standing first: it is that of who has applied all lines up to then.
  standing_ = site_.standing(now_.mono);
  newest_ = site_.purge_log.newest();
  policy_ = &snapshot_->unmatched;
  route_.captures.clear();
  captures_.reset();
  cookies_ = {};
  found_.response.reset();
  kept_.reset();
  decision_ = {};
  looked_up_.reset();
  range_.clear();
  part_.reset();
  rest_ = Rest::none;
  hook_ = nullptr;
  is_upgrade_ = is_alone_ = is_gone_ = joined_ = stands_in_ = false;
  is_in_store_ = false;
  upstream_status_ = 0;
  detail_ = Reason::none;
  extra_.clear();
  origin_.scheme = "http";
  record_ = {};
  record_.started = now_.wall;
  record_.asked_at = newest_;
  record_.minor_version = request.minor_version;
  record_.method = request.method_text;
  record_.target = request.target;
  record_.referer = request.fields.find(http::FieldId::referer).value_or("");
  record_.user_agent = request.fields.find(http::FieldId::user_agent).value_or("");
  record_.route = static_cast<std::uint32_t>(snapshot_->routes.size());
}

// The client's address, for the log at least, whatever the request turns out to be.
void Exchange::resolve_origin() {
  read_origin(*request_, wire_.peer(), wire_.is_peer_trusted(), snapshot_->public_listener.trusted_proxies,
              origin_);
  if (errand_) origin_.scheme = errand_->scheme;
  record_.client = origin_.client;
}

bool Exchange::read_target() {
  if (http::request_target(*request_, origin_.scheme, target_, host_memo_) != http::TargetError::none)
    return false;
  if (target_.form == http::TargetForm::authority) return false;
  // The key's scheme is what the upstream is told: the connection's, not what a stranger writes into an
  // absolute URL.
  if (target_.form == http::TargetForm::absolute && target_.scheme != origin_.scheme) return false;
  if (origin_.is_host_believed) {
    target_.host = origin_.host;
  } else {
    base::assign_if_other(origin_.host, target_.host);
  }
  record_.host = origin_.host;
  for (const config::Webhook& hook : snapshot_->webhooks) {
    if (hook.is_public && hook.path == target_.path) hook_ = &hook;
  }
  return true;
}

std::optional<Reason> Exchange::reason_to_pass() {
  const http::Fields& fields = request_->fields;
  // RFC 9110 section 7.8: not from HTTP/1.0; and not behind a body, whose bytes could be taken for the new
  // protocol's.
  is_upgrade_ = request_->minor_version >= 1 && !framing_.has_body() && fields.has(http::FieldId::upgrade) &&
                http::has_token(fields, http::FieldId::connection, "upgrade") &&
                !tunnelled_protocols(fields).empty();
  if (is_upgrade_) return Reason::upgrade;
  if (standing_ == fleet::Standing::bypass) return Reason::cut_off;
  if (!snapshot_->hosts.empty()) {
    const auto canonical = snapshot_->canonical_host(target_.host);
    if (!canonical) return Reason::unknown_host;
    base::assign_if_other(target_.host, *canonical);
  }
  if (target_.form == http::TargetForm::asterisk) return Reason::method;
  if (target_.is_path_ambiguous) return Reason::ambiguous_path;
  if (http::removes_other_fields(fields)) return Reason::connection_option;
  if (cache::has_bypass_parameter(target_.query, policy_->query)) return Reason::bypass_query;
  control_ = http::parse_request_cache_control(fields);
  if (const auto reason = cache::pass_reason(*request_, control_, *policy_, cookies_)) return reason;
  if (framing_.has_body()) return Reason::request_body;
  return std::nullopt;
}

void Exchange::make_key() {
  cache::make_key(target_, request_->fields, *policy_, key_, cookies_.has_varied);
}

// What purges name besides the key, as it is stored with a response: made once it is needed, which a hit's is
// not.
const std::vector<std::string>& Exchange::captures() const {
  if (!captures_) {
    captures_ = config::labels_of(route_.captures);
    if (key_.is_private()) captures_->push_back(cache::session_label(key_.session()));
  }
  return *captures_;
}

void Exchange::look_up() {
  // An errand gives nothing out: who was never asked for by a visitor is not in use.
  const store::Use use = errand_ ? store::Use::not_counted : store::Use::counted;
  site_.store.look_up(key_, request_->fields, policy_->cookies, now_.mono, found_, use);
  // A body that broke off leaves the store at once; this reader was between the two.
  if (found_.response && found_.response->body_state() == cache::Body::State::failed) found_.response.reset();
}

void Exchange::decide() {
  validity_ = found_.response ? validity_of(*found_.response, newest_) : cache::Validity::valid;
  decision_ = cache::decide(control_, found_.response.get(), found_.has_other_variants, validity_, *policy_,
                            now_.mono);
  if (!range_.empty()) decide_part();
  record_.reason = decision_.reason;
  if (request_->fields.has(http::FieldId::authorization)) heed_credentials();
}

// Of a request that may not be stored: what could have answered it, but for that.
void Exchange::note_what_is_stored() {
  make_key();
  look_up();
  validity_ = found_.response ? validity_of(*found_.response, newest_) : cache::Validity::valid;
  looked_up_ =
      cache::decide({}, found_.response.get(), found_.has_other_variants, validity_, *policy_, now_.mono);
}

// 4. From memory at once, or what has to be waited for.
bool Exchange::act() {
  if (is_errand_over()) return true;
  if (rest_ == Rest::none) {
    switch (decision_.verdict) {
      case Verdict::use:
      case Verdict::use_stale_and_refresh:
        record_.result = decision_.is_stale ? obs::Result::stale : obs::Result::hit;
        if (standing_ == fleet::Standing::serve) record_.reason = Reason::cut_off;
        if (decision_.verdict == Verdict::use_stale_and_refresh) refresh_behind();
        if (deliver_from_memory()) return true;
        rest_ = Rest::stream;
        break;
      case Verdict::refuse:
        respond_error(Reason::only_if_cached);
        return true;
      case Verdict::revalidate:
      case Verdict::fetch:
        rest_ = Rest::share;
        if (decision_.reason == Reason::absent && has_part_of_whole()) {
          record_.reason = looked_up_->reason = Reason::part_missing;
        }
        if (const auto reason = reason_to_pass_miss()) {
          record_.reason = *reason;
          rest_ = Rest::pass;
          if (is_errand_over()) return true;
        }
        break;
    }
  }
  config_ = worker_.config();
  return false;
}

net::Task<void> Exchange::finish_answer() {
  assert(rest_ != Rest::none);
  switch (rest_) {
    case Rest::pass:
      record_.result = obs::Result::pass;
      return pass();
    case Rest::purge:
      return purge();
    case Rest::stream:
      if (auto reader = found_.response->reader()) return stream(found_.response, std::move(*reader));
      break;  // it has grown too large to keep meanwhile
    case Rest::hook:
      return answer_hook();
    case Rest::share:
    case Rest::none:
      break;
  }
  return share();
}

void Exchange::give_up() {
  record_client_gone();
}

void Exchange::let_go() {
  config_.reset();
  found_.response.reset();
  kept_.reset();
}

// One flight for the key and the variant that this request has under the Vary last seen. What lands there may
// be another variant's, or nobody else's: then look again.
net::Task<void> Exchange::share() {
  for (unsigned boarding = 0;; ++boarding) {
    const auto seat = std::make_shared<Seat>(wire_.executor(), newest_, request_->minor_version >= 1);
    const std::shared_ptr<Flight> flight = take_seat(seat, boarding);
    bool is_from_others = false;
    if (flight) {
      std::optional<Landing> landing = co_await await_landing(flight, seat);
      if (!landing) {
        record_client_gone();
        wire_.break_off();
        co_return;
      }
      const bool is_foreign = landing->kind == Landing::Kind::stored && !is_mine(*landing->response);
      if (landing->kind == Landing::Kind::alone) {
        is_alone_ = true;
      } else if (!is_foreign && landing->kind != Landing::Kind::again) {
        if (!deliver_landing(*landing)) co_await deliver_rest(*landing);
        co_return;
      }
      is_from_others = landing->reason == Reason::second_level;
      if (is_from_others) joined_ = false;  // nothing went forward
    }
    now_ = site_.clock.now();
    standing_ = site_.standing(now_.mono);
    newest_ = site_.purge_log.newest();
    look_up();
    const Reason first_reason = record_.reason;
    decide();
    decide_for_errand(false);
    if (is_from_others) looked_up_ = decision_;  // what was found there tells why the request goes forward
    record_.reason = first_reason;
    if (asks_about_own_copy()) {
      record_.result = obs::Result::pass;
      if (is_hit_for_miss()) record_.reason = Reason::hit_for_miss;
      joined_ = false;
      co_await pass();
      co_return;
    }
    if (is_alone_) continue;
    const bool is_usable =
        decision_.verdict == Verdict::use || decision_.verdict == Verdict::use_stale_and_refresh;
    if (is_usable && leaves_unread()) {
      end_errand(ErrandNote::End::landed, found_.response->status());
      co_return;
    }
    if (is_usable) {
      record_.result = joined_ ? obs::Result::collapsed : obs::Result::hit;
      if (decision_.is_stale) record_.result = obs::Result::stale;
      if (record_.result != obs::Result::collapsed) record_.reason = decision_.reason;
      if (record_.reason == Reason::fresh && is_from_others) record_.reason = Reason::second_level;
      if (decision_.verdict == Verdict::use_stale_and_refresh) refresh_behind();
      if (!deliver_from_memory()) {
        const cache::StoredPtr response = found_.response;
        auto reader = response->reader();
        if (!reader) continue;
        co_await stream(response, std::move(*reader));
      }
      co_return;
    }
  }
}

// The flight that this exchange waits for. Null where the store has changed since it was looked at.
std::shared_ptr<Flight> Exchange::take_seat(const std::shared_ptr<Seat>& seat, unsigned boarding) {
  std::shared_ptr<Flight> flight;
  if (is_alone_ || is_hit_for_miss() || boarding >= boardings_max) {
    if (is_hit_for_miss()) record_.reason = Reason::hit_for_miss;
    joined_ = false;  // whoever's fetch was waited for, this one's answers
    flight = new_flight(FlightKind::alone);
    site_.flights.register_alone(flight, seat);
    flight->start();
    return flight;
  }
  const auto has_changed = [this] {
    store::LookUp again;
    site_.store.look_up(key_, request_->fields, policy_->cookies, now_.mono, again, store::Use::not_counted);
    return again.response != found_.response || again.last_vary != found_.last_vary ||
           again.hit_for_miss.has_value() != found_.hit_for_miss.has_value();
  };
  const auto make = [this] { return new_flight(FlightKind::shared); };
  const std::string id = Flight::id_of(key_, found_.last_vary, sibling());
  const Joinable joinable =
      standing_ == fleet::Standing::revalidate ? Joinable::not_begun : Joinable::by_purge_log;
  const auto boarded =
      site_.flights.board(id, {key_, captures()}, site_.purge_log, joinable, seat, has_changed, make, flight);
  if (boarded == FlightTable::Boarded::led) flight->start();
  joined_ = boarded == FlightTable::Boarded::joined;
  return flight;
}

// Nothing when the client went away first.
net::Task<std::optional<Landing>> Exchange::await_landing(const std::shared_ptr<Flight>& flight,
                                                          const std::shared_ptr<Seat>& seat) {
  {
    const Watch watch(wire_, [this, notifier = &seat->notifier()] {
      is_gone_ = true;
      notifier->notify();
    });
    while (!seat->landing && !is_gone_) {
      co_await seat->notifier().wait();
      if (!seat->interim_heads.empty()) co_await write_interim_heads(*seat);
    }
  }
  if (is_gone_) {
    site_.flights.leave(flight, seat);
    co_return std::nullopt;
  }
  co_return std::move(seat->landing);
}

net::Task<void> Exchange::write_interim_heads(Seat& seat) {
  while (!seat.interim_heads.empty() && !is_gone_) {
    wire_.write_interim(seat.interim_heads.front());
    seat.interim_heads.pop_front();
    const bool was_sent = co_await wire_.flush();
    if (!was_sent) is_gone_ = true;
  }
}

// Does the landed response answer this request too (RFC 9111 section 4.1)?
bool Exchange::is_mine(const cache::StoredResponse& response) const {
  const cache::VarySpec vary = cache::vary_from_text(response.vary());
  return cache::secondary_key(vary, request_->fields, policy_->cookies) == response.secondary();
}

bool Exchange::is_hit_for_miss() const {
  return found_.hit_for_miss &&
         !site_.purge_log.is_outdated({key_, captures()}, found_.hit_for_miss->sequence);
}

// Grace (RFC 5861 section 3): this request has its answer, the next ones shall have a fresh one.
void Exchange::refresh_behind() {
  const std::string id = Flight::id_of(key_, found_.last_vary, sibling());
  std::shared_ptr<Flight> flight;
  const auto make = [this] { return new_flight(FlightKind::background); };
  const auto boarded = site_.flights.board(
      id, {key_, captures()}, site_.purge_log, Joinable::by_purge_log, nullptr, [] { return false; }, make,
      flight);
  if (boarded == FlightTable::Boarded::led) flight->start();
}

}  // namespace larder::proxy
