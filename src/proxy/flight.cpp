#include "proxy/flight.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "larder/cache/private_copy.hpp"
#include "larder/cache/request_cookies.hpp"
#include "larder/obs/log.hpp"
#include "proxy/head_writer.hpp"
#include "proxy/log_out.hpp"

namespace larder::proxy {
namespace {

namespace asio = net::asio;

// No answer at all, as against one that is bad, and against limits of our own.
cache::Failure failure_of(cache::Reason reason) noexcept {
  switch (reason) {
    case cache::Reason::connect_failed:
    case cache::Reason::connect_timeout:
    case cache::Reason::first_byte_timeout:
    case cache::Reason::upstream_closed_early:
    case cache::Reason::upstream_reset:
      return cache::Failure::disconnected;
    default:
      return cache::Failure::answered_badly;
  }
}

}  // namespace

void warn_of_max_variants(Site& site, const cache::RoutePolicy& policy) {
  site.warnings.warn(policy.name, cache::Reason::max_variants,
                     "a path has more queries than query.max_variants, which are passed");
}

void Seat::deliver(Landing result) {
  if (executor_.running_in_this_thread()) {
    landing = std::move(result);
    notifier_.notify();
    return;
  }
  asio::post(executor_, [seat = shared_from_this(), result = std::move(result)]() mutable {
    seat->landing = std::move(result);
    seat->notifier_.notify();
  });
}

void Seat::deliver_interim(std::string head) {
  if (executor_.running_in_this_thread()) {
    interim_heads.push_back(std::move(head));
    notifier_.notify();
    return;
  }
  asio::post(executor_, [seat = shared_from_this(), head = std::move(head)]() mutable {
    seat->interim_heads.push_back(std::move(head));
    seat->notifier_.notify();
  });
}

Flight::Flight(Worker& worker, FlightPlan plan, std::uint64_t sequence)
    : site_(worker.site()),
      observer_(worker.observer()),
      executor_(worker.executor()),
      plan_(std::move(plan)),
      sequence_(sequence),
      id_(id_of(plan_.key, plan_.vary, plan_.secondary)) {}

Flight::~Flight() = default;

std::string Flight::id_of(const cache::CacheKey& key, std::string_view vary, std::string_view secondary) {
  std::string id;
  id.reserve(key.text.size() + vary.size() + secondary.size() + 2);
  // A key has no NUL byte, nor has a list of field names.
  id.append(key.text).append(1, '\0').append(vary).append(1, '\0').append(secondary);
  return id;
}

void Flight::start() {
  net::spawn(executor_, [self = shared_from_this()] { return self->run(); });
}

void Flight::begin_late() {
  sequence_ = site_.purge_log.newest();
  // An epoch may have begun, too, and only a plan that was made for that asks by strong tags alone.
  const auto is_lost = [this](const cache::StoredPtr& stored) {
    if (!stored) return false;
    const cache::Validity validity = site_.purge_log.validity(*stored, sequence_);
    return validity == cache::Validity::outdated ||
           (validity == cache::Validity::unverified && !plan_.is_unverified);
  };
  if (is_lost(plan_.stale)) plan_.stale.reset();
  if (is_lost(plan_.part)) plan_.part.reset();
  const std::vector<cache::StoredPtr>& others = plan_.validation.others;
  const bool is_in_doubt =
      is_lost(plan_.validation.selected) || std::any_of(others.begin(), others.end(), is_lost);
  if (!is_in_doubt) return;
  plan_.validation = {};
  plan_.request = std::move(plan_.unconditional);
}

void Flight::lead(const std::shared_ptr<Seat>& seat) {
  leader_ = seat;
  if (seat) seats_.push_back(seat);
}

void Flight::abandon() {
  seats_.clear();
  exchange_.reset();
  patience_.reset();
  turn_patience_.reset();
}

net::Task<void> Flight::run() {
  try {
    bool has_landed = false;
    if (asks_others()) has_landed = co_await land_from_others();
    if (!has_landed) co_await fetch();
  } catch (const std::exception& error) {
    // Nobody may wait for what never lands.
    obs::log_error(std::string("a fetch ended unexpectedly: ") + error.what());
    land_failure(cache::Reason::internal_error);
  }
  exchange_.reset();
  end_turn();
  site_.flights.end(*this);
}

net::Task<void> Flight::fetch() {
  const http::HeadLimits limits{plan_.config->limits.header_size, plan_.config->limits.headers};
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ == Phase::cancelled) co_return;
  }
  exchange_ = std::make_unique<upstream::Exchange>(site_.pool, executor_, limits);
  const base::Now began = site_.clock.now();
  requested_at_ = began.mono;
  cache::Reason reason = co_await exchange_->fetch_head(plan_.request);
  if (reason == cache::Reason::none && exchange_->is_interim()) reason = co_await await_final_head();
  if (reason == cache::Reason::none) {
    note_log_out(site_, *plan_.config, plan_.asked.fields, exchange_->head().fields, this);
  }
  received_ = site_.clock.now();
  upstream_us_ = static_cast<std::uint64_t>((received_.exact - began.exact).count());
  if (reason != cache::Reason::none) {
    land_failure(reason, failure_of(reason));
  } else {
    co_await land_head();
  }
}

net::Task<cache::Reason> Flight::await_final_head() {
  cache::Reason reason = cache::Reason::none;
  while (reason == cache::Reason::none && exchange_->is_interim()) {
    // 101 answers an Upgrade, which no flight carries.
    if (exchange_->head().status == 101) co_return cache::Reason::upstream_bad_head;
    note_log_out(site_, *plan_.config, plan_.asked.fields, exchange_->head().fields, this);
    pass_interim_on();
    reason = co_await exchange_->read_head();
  }
  co_return reason;
}

void Flight::pass_interim_on() {
  if (exchange_->head().status == 100) return;  // no flight has a request body
  const std::string head = write_interim_head(exchange_->head());
  // A cookie is for who was asked for.
  http::ResponseHead shared = exchange_->head();
  shared.fields.remove(http::FieldId::set_cookie);
  const std::string head_for_others = write_interim_head(shared);
  const std::scoped_lock lock(mutex_);
  for (const auto& seat : seats_) {
    if (seat->wants_interim()) seat->deliver_interim(is_leader(seat) ? head : head_for_others);
  }
}

net::Task<void> Flight::land_head() {
  http::ResponseHead& head = exchange_->head();
  http::remove_hop_by_hop(head);
  if (head.status == 304) {
    co_await land_not_modified();
    co_return;
  }
  if (cache::is_error_status(head.status) &&
      land_stale(cache::Reason::stale_if_error, cache::Failure::answered_badly)) {
    co_return;
  }
  cache::Storability storability =
      cache::storable(plan_.asked, head, *plan_.policy, {requested_at_, received_});
  if (!plan_.range.empty()) restrict_to_parts(storability);
  const http::Framing& framing = exchange_->framing();
  if (storability.is_storable && framing.kind == http::BodyKind::length &&
      framing.length > plan_.config->max_object) {
    storability.refuse(cache::Reason::too_large);
  }
  if (storability.is_storable) {
    const Growing growing = land_storable(storability);
    if (growing.response) co_await pump(growing.response, growing.keeping);
  } else {
    land_not_shareable(storability.reason);
  }
}

cache::FetchOf Flight::fetch_of() const {
  return {plan_.key, plan_.asked, plan_.captures, *plan_.policy, {requested_at_, received_}, sequence_};
}

// RFC 9111 section 4.3.4: the 304 freshens the response whose validators it confirms. What results carries
// the sequence of this revalidation's beginning: a purge that came meanwhile outdates it.
net::Task<void> Flight::land_not_modified() {
  if (plan_.validation.is_empty()) {
    land_failure(cache::Reason::upstream_bad_head);  // a 304 to a request without conditions
    co_return;
  }
  const cache::StoredPtr old = cache::confirmed_by(exchange_->head(), plan_.validation, received_.wall);
  if (!old) {
    co_await fetch_unconditionally();
    co_return;
  }
  cache::Renewed renewed = cache::renew(*old, fetch_of(), exchange_->head());
  const cache::StoredPtr next = cache::freeze(*renewed.landed.response);
  leaders_head_ = std::move(renewed.landed.leaders_head);
  Landing model;
  model.is_revalidated = true;
  model.reason = renewed.storability.reason;
  const bool is_kept = renewed.storability.is_storable && !is_outdated(*next);
  const bool is_same_variant = next->vary() == old->vary() && next->secondary() == old->secondary();
  const bool was_selected = old == plan_.validation.selected;
  if (was_selected && !cache::is_of_the_request(model.reason) && (!is_kept || !is_same_variant))
    site_.store.remove(old);
  if (is_kept) keep(next, model);
  if (model.is_in_store) share(next);
  renew_others(old);
  deliver_stored(next, model);
  exchange_->finish();
}

// Section 4.3.4: a strong validator freshens all that it identifies.
void Flight::renew_others(const cache::StoredPtr& confirmed) {
  if (!site_.has_tags_of(*plan_.config)) return;  // as is_outdated()
  for (const cache::StoredPtr& other : plan_.validation.others) {
    if (other->head().etag() != confirmed->head().etag()) continue;
    const cache::Renewed renewed = cache::renew_beside(*other, fetch_of(), exchange_->head());
    if (renewed.storability.is_storable) site_.store.replace(other, cache::freeze(*renewed.landed.response));
  }
}

// The 304 confirms another response than those we hold (RFC 9111 section 4.3.4): ask again without
// conditions.
net::Task<void> Flight::fetch_unconditionally() {
  exchange_->finish();
  plan_.validation = {};
  plan_.request = std::move(plan_.unconditional);
  co_await fetch();
}

// Also by a reload that gives other tags. It puts its rules in force and then purges all (Server::reload): a
// fetch by the old ones has a sequence below that purge, or began later and is seen here.
bool Flight::is_outdated(const cache::StoredResponse& response) const {
  return site_.purge_log.overtakes(response) || !site_.has_tags_of(*plan_.config);
}

std::vector<std::shared_ptr<Seat>> Flight::close_boarding() {
  std::vector<std::shared_ptr<Seat>> seats;
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::landed;
    seats.swap(seats_);
  }
  site_.flights.close(*this);
  return seats;
}

cache::StoredPtr Flight::for_leader(const cache::StoredPtr& response) const {
  if (!leaders_head_) return response;
  cache::ResponseDraft own = cache::draft_of(*response);
  own.head = *leaders_head_;
  return cache::freeze(own);
}

// The leader always gets what it fetched; the others only what may be shared.
void Flight::deliver_stored(const cache::StoredPtr& response, const Landing& model) {
  const bool is_shared = model.is_stale || cache::is_shareable(response->freshness);
  if (!is_shared) mark_hit_for_miss(response->vary(), response->secondary());
  const auto seats =
      close_boarding();  // nobody takes a seat from here on, so that nobody escapes the check below
  // A line that names a capture does not seal a flight whose response turns out to bear it as a tag: who
  // asked after that line is not answered by this landing.
  const cache::Validity validity = site_.purge_log.validity(*response, site_.purge_log.newest());
  const bool is_outdated_since =
      model.is_stale ? validity == cache::Validity::outdated : validity != cache::Validity::valid;
  const int status = exchange_ ? exchange_->head().status : 0;
  for (const auto& seat : seats) {
    Landing landing;
    landing.upstream_status = status;
    landing.upstream_us = upstream_us_;
    if (is_outdated_since && seat->asked_at() > sequence_) {
      landing.kind = Landing::Kind::again;
    } else if (is_shared || is_leader(seat)) {
      landing.kind = Landing::Kind::stored;
      landing.response = is_leader(seat) && !model.is_stale ? for_leader(response) : response;
      landing.reason = model.reason;
      landing.is_in_store = model.is_in_store;
      landing.is_revalidated = model.is_revalidated;
      landing.is_stale = model.is_stale;
      // Its place is taken here, before the first byte can be let go of.
      landing.reader = response->reader();
    } else {
      landing.kind = Landing::Kind::alone;
      landing.reason = cache::Reason::response_no_cache;
    }
    seat->deliver(std::move(landing));
  }
}

// What came of credentials, or of a cookie that no key knows, says nothing of who has none, but where Vary
// tells them apart.
bool Flight::speaks_for_others(std::string_view vary) const {
  if (plan_.asked.fields.has(http::FieldId::authorization)) return false;
  const cache::RoutePolicy& policy = *plan_.policy;
  if (policy.refuse.session && cache::has_unkeyed_session(plan_.asked.fields, policy.cookies)) return false;
  if (!policy.refuse.unkeyed_cookie || cache::names_cookie(cache::vary_from_text(vary))) return true;
  return !cache::has_unkeyed_cookie(plan_.asked.fields, policy.cookies);
}

void Flight::mark_hit_for_miss(std::string_view vary, std::string_view secondary) {
  if (!speaks_for_others(vary)) return;
  const base::MonoTime expires_at = received_.mono + store::hit_for_miss_lifetime;
  site_.store.mark_hit_for_miss(plan_.key, vary, secondary, {sequence_, expires_at});
  share_mark(vary, secondary, expires_at);
}

void Flight::land_not_shareable(cache::Reason reason) {
  turn_ends_with_ = fleet::Handover::fetch_alone;
  const cache::VarySpec vary = cache::vary_of(exchange_->head().fields);
  if (cache::is_of_the_request(reason)) {
    // Others may get something to be stored.
  } else if (vary.is_star) {
    mark_hit_for_miss({}, {});
  } else {
    mark_hit_for_miss(cache::text_of(vary),
                      cache::secondary_key(vary, plan_.asked.fields, plan_.policy->cookies));
  }
  observer_.count_event(reason);
  note_refusal(reason);
  const int status = exchange_->head().status;
  const bool is_stale =
      plan_.stale && plan_.stale->freshness.remaining(received_.mono) <= base::Duration::zero();
  const bool is_superseded = is_stale && cache::supersedes(status, reason) && plan_.range.empty() &&
                             speaks_for_others(cache::text_of(vary));
  if (is_superseded) site_.store.remove(plan_.stale);
  for (const auto& seat : close_boarding()) {
    Landing landing;
    landing.reason = reason;
    landing.upstream_status = status;
    landing.upstream_us = upstream_us_;
    // The response answers the leader's request, with the leader's cookies: it is nobody else's.
    const bool is_mine = is_leader(seat);
    landing.kind = is_mine ? Landing::Kind::mine : Landing::Kind::alone;
    if (is_mine) landing.exchange = std::move(exchange_);
    seat->deliver(std::move(landing));
  }
}

bool Flight::land_stale(cache::Reason reason, cache::Failure failure) {
  if (!plan_.stale || plan_.is_unverified) return false;
  const cache::Validity validity = site_.purge_log.validity(*plan_.stale, site_.purge_log.newest());
  if (!cache::may_serve_on_error(*plan_.stale, validity, failure, site_.clock.mono())) return false;
  Landing model;
  model.reason = reason;
  model.is_stale = true;
  model.is_in_store = true;
  deliver_stored(plan_.stale, model);
  return true;
}

void Flight::land_failure(cache::Reason reason, cache::Failure failure) {
  received_ = site_.clock.now();
  turn_ends_with_ = fleet::Handover::fetch_alone;
  observer_.count_event(reason);
  if (reason != cache::Reason::client_gone) obs::log_failure(reason, "fetch failed");
  if (land_stale(reason, failure)) return;
  for (const auto& seat : close_boarding()) {
    Landing landing;
    landing.reason = reason;
    landing.upstream_us = upstream_us_;
    seat->deliver(std::move(landing));
  }
}

}  // namespace larder::proxy
