// What to do with a stored response: section 4 of RFC 9111, and the two graces of RFC 5861.
#include <algorithm>

#include "larder/cache/policy.hpp"
#include "larder/cache/validation.hpp"

namespace larder::cache {
namespace {

using base::Duration;

// Nothing to serve and nothing to validate.
Decision without_stored(const http::RequestCacheControl& control, Reason reason) {
  if (control.only_if_cached) return {Verdict::refuse, Reason::only_if_cached, false};  // section 5.2.1.7
  return {Verdict::fetch, reason, false};
}

Decision validate(const http::RequestCacheControl& control, const HeadView& head, Reason reason,
                  bool is_stale) {
  if (control.only_if_cached) return {Verdict::refuse, Reason::only_if_cached, is_stale};
  return {has_own_validator(head) ? Verdict::revalidate : Verdict::fetch, reason, is_stale};
}

// How far past its lifetime. A soft purge makes it stale at once; its grace still ends where it would have.
Duration staleness(const Freshness& freshness, base::MonoTime now) noexcept {
  return std::max(Duration::zero(), -freshness.remaining(now));
}

// RFC 5861 sections 3 and 4: "up to the indicated number of seconds"; no window, no grace.
bool is_within(Duration staleness, Duration window) noexcept {
  return window > Duration::zero() && staleness <= window;
}

// Section 5.2.1: does the request ask for something younger, or fresh for longer, or for validation? A value
// that cannot be read asks for the most.
bool is_refused_by_request(const http::RequestCacheControl& control, const Freshness& freshness,
                           base::MonoTime now) noexcept {
  if (control.no_cache) return true;
  // In whole seconds, as Age tells them; and 0, by which browsers reload, is refused by every age.
  const auto age = std::chrono::floor<base::Seconds>(freshness.age(now));
  if (control.max_age.present) {
    const base::Seconds age_max = control.max_age.value.value_or(base::Seconds::zero());
    if (age_max == base::Seconds::zero() || age > age_max) return true;
  }
  return control.min_fresh.present &&
         freshness.lifetime - age < control.min_fresh.value.value_or(http::delta_seconds_max);
}

bool allows_staleness(const http::RequestCacheControl& control, Duration staleness) noexcept {
  if (control.max_stale_any) return true;
  return control.max_stale.value && std::chrono::floor<base::Seconds>(staleness) <= *control.max_stale.value;
}

// Neither fresh by the clock and the purge log, nor refused by anything else.
Decision decide_stale(const http::RequestCacheControl& control, const StoredResponse& stored,
                      bool is_soft_purged, base::MonoTime now) {
  const Freshness& freshness = stored.freshness;
  const Reason stale_reason = is_soft_purged ? Reason::soft_purged : Reason::stale;
  // Section 5.2.2.2, 5.2.2.8, 5.2.2.10: never stale.
  if (freshness.must_revalidate) return validate(control, stored.head(), stale_reason, true);
  const Duration past = staleness(freshness, now);
  // Section 5.2.1.1: a client that sends max-age wants nothing stale, unless it sends max-stale too.
  const bool is_max_stale = allows_staleness(control, past);
  const bool wants_fresh = control.max_age.present && !is_max_stale;
  if (!wants_fresh && is_within(past, freshness.stale_while_revalidate)) {
    const Reason reason = is_soft_purged ? Reason::soft_purged : Reason::stale_while_revalidate;
    return {Verdict::use_stale_and_refresh, reason, true};
  }
  // A purge is the operator's word: the client's readiness for stale content does not undo it.
  if (is_max_stale && !is_soft_purged) return {Verdict::use, Reason::request_max_stale, true};
  return validate(control, stored.head(), stale_reason, true);
}

Decision decide_stored(const http::RequestCacheControl& control, const StoredResponse& stored,
                       Validity validity, base::MonoTime now) {
  const Freshness& freshness = stored.freshness;
  const bool is_soft_purged = validity == Validity::soft_outdated;
  // Whether a purge that was missed has outdated it, only an upstream's word of the very same bytes can tell.
  if (validity == Validity::unverified) {
    if (control.only_if_cached || !has_strong_validator(stored.head()))
      return without_stored(control, Reason::unverified);
    return {Verdict::revalidate, Reason::unverified, false};
  }
  // With no grace, soft is as hard; a hard-purged response is never the source of validators.
  if (validity == Validity::outdated || (is_soft_purged && !freshness.has_grace())) {
    return without_stored(control, Reason::purged);
  }
  const bool is_stale = is_soft_purged || freshness.remaining(now) <= Duration::zero();  // section 4.2
  // Section 5.2.2.4: not even by a cache that was told to serve stale.
  if (freshness.always_revalidate)
    return validate(control, stored.head(), Reason::response_no_cache, is_stale);
  if (is_refused_by_request(control, freshness, now)) {
    return validate(control, stored.head(), Reason::request_directive, is_stale);
  }
  if (is_stale) return decide_stale(control, stored, is_soft_purged, now);
  return {Verdict::use, Reason::fresh, false};
}

}  // namespace

Decision decide(const http::RequestCacheControl& control, const StoredResponse* stored,
                bool has_other_variants, Validity validity, const RoutePolicy& policy, base::MonoTime now) {
  if (stored == nullptr) {
    return without_stored(control, has_other_variants ? Reason::variant_absent : Reason::absent);
  }
  if (!policy.ignores_client_reload) return decide_stored(control, *stored, validity, now);
  // All is ignored but only-if-cached, which asks for less work, not for more.
  http::RequestCacheControl ignored;
  ignored.only_if_cached = control.only_if_cached;
  return decide_stored(ignored, *stored, validity, now);
}

bool may_serve_on_error(const StoredResponse& stored, Validity validity, Failure failure,
                        base::MonoTime now) {
  const Freshness& freshness = stored.freshness;
  if (validity == Validity::outdated || validity == Validity::unverified) return false;
  // Section 4.2.4: prohibited by must-revalidate and its kin, and by no-cache.
  if (freshness.must_revalidate || freshness.always_revalidate) return false;
  const bool is_disconnected = failure == Failure::disconnected && freshness.may_outlive_upstream &&
                               validity == Validity::valid;  // after a soft purge, its grace and no more
  const Duration window = is_disconnected ? stale_when_disconnected_max : freshness.stale_if_error;
  return is_within(staleness(freshness, now), window);
}

bool is_error_status(int status) noexcept {
  return status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace larder::cache
