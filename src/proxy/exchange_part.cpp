// A range of something that is not stored: from what is stored of it in part, or fetched so that it can be
// kept (cache/part.hpp).
#include "larder/cache/part.hpp"
#include "proxy/exchange.hpp"
#include "proxy/partial.hpp"

namespace larder::proxy {

using cache::Reason;
using cache::Verdict;

// Not where something is stored whole, stale or not, nor where the whole is known not to be shareable.
bool Exchange::wants_part() const {
  const bool is_missing = decision_.verdict == Verdict::fetch || decision_.verdict == Verdict::refuse;
  if (!is_missing || !request_->fields.has(http::FieldId::range)) return false;
  return request_->method == http::Method::get && !has_stored() && rest_ == Rest::none &&
         !is_hit_for_miss() && cache::may_fetch_part(request_->fields);
}

void Exchange::turn_to_part() {
  range_ = "bytes=";
  range_ += *http::single_range_of(request_->fields);
  key_ = cache::key_of_part(std::move(key_));
  look_up();
  decide();
}

// A part is used fresh, and for bytes that it has; it is never validated.
void Exchange::decide_part() {
  part_.reset();
  const bool is_fresh = decision_.verdict == Verdict::use && !decision_.is_stale;
  if (is_fresh) part_ = cache::range_within(request_->fields, *found_.response);
  if (part_) return;
  if (is_fresh) decision_.reason = Reason::part_missing;
  decision_.verdict = control_.only_if_cached ? Verdict::refuse : Verdict::fetch;
  if (control_.only_if_cached) decision_.reason = Reason::only_if_cached;
}

// For Cache-Status alone (RFC 9211 section 2.2): the whole is asked for, and a part of it is there.
bool Exchange::has_part_of_whole() const {
  if (!range_.empty() || !site_.store.holds_parts()) return false;
  store::LookUp parts;
  site_.store.look_up(cache::key_of_part(key_), request_->fields, policy_->cookies, now_.mono, parts);
  return parts.response && parts.response->freshness.remaining(now_.mono) > base::Duration::zero() &&
         validity_of(*parts.response, newest_) == cache::Validity::valid;
}

// What tells this request's flight from others of its key. One that has come through more Larders may be the
// very fetch of a flight of fewer: to wait for that would be to wait for itself.
std::string Exchange::sibling() const {
  const cache::VarySpec vary = cache::vary_from_text(found_.last_vary);
  std::string name = cache::secondary_key(vary, request_->fields, policy_->cookies) + range_;
  if (larders_before_ > 0) name.append(" behind ").append(std::to_string(larders_before_));
  return name;
}

void Exchange::plan_part(std::uint64_t sequence, FlightPlan& plan) const {
  plan.range = range_;
  const cache::StoredPtr& stored = found_.response;
  if (stored && validity_of(*stored, sequence) == cache::Validity::valid) plan.part = stored;
  plan.request = outgoing(Purpose::fetch, {});
}

bool Exchange::deliver_part() {
  const cache::StoredPtr& stored = found_.response;
  const auto held = cache::part_of(stored->head());
  describe(stored.get());
  const auto partial = std::make_shared<const Partial>(
      make_partial(stored->head(), {*part_}, held->complete, false, std::string_view()));
  wire_.begin(partial->head, extra_.view(), {BodySize::Kind::known, partial->size}, partial);
  send_bytes(*stored, {part_->first - held->range.first, part_->size});
  wire_.end(no_trailers);
  finish_record(206);
  return true;
}

}  // namespace larder::proxy
