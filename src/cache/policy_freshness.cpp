#include "cache/policy_freshness.hpp"

#include <algorithm>
#include <array>

#include "larder/base/text.hpp"
#include "larder/http/date.hpp"

namespace larder::cache {
namespace {

using base::Duration;
using http::FieldId;

// Section 4.2.2: "a typical setting of this fraction might be 10%". The cap keeps a page that has not changed
// for years from being trusted for months.
constexpr int heuristic_divisor = 10;
constexpr Duration heuristic_lifetime_max = std::chrono::hours(24);

std::optional<base::WallTime> date_field(const http::Fields& fields, FieldId id, base::WallTime now) {
  const auto value = fields.find(id);
  return value ? http::parse_date(*value, now) : std::nullopt;
}

// Date, or the time of receipt where there is none that can be read (section 4.2.1, RFC 9110 section 6.6.1).
base::WallTime date_value(const http::ResponseHead& response, const FetchTimes& times) {
  return date_field(response.fields, FieldId::date, times.received.wall).value_or(times.received.wall);
}

Duration not_negative(Duration duration) noexcept {
  return std::max(duration, Duration::zero());
}

// Section 5.1: the first member of a list counts; what is no non-negative integer is ignored.
Duration age_value(const http::Fields& response) {
  const auto value = response.find(FieldId::age);
  std::string_view list = value.value_or("");
  const std::string_view first = http::next_member(list).value_or("");
  const bool is_number = !first.empty() && std::all_of(first.begin(), first.end(), base::is_digit);
  if (!is_number) return Duration::zero();
  // A number too large to represent is taken as the largest (section 1.2.2).
  const auto seconds_max = static_cast<std::uint64_t>(http::delta_seconds_max.count());
  const std::uint64_t seconds = std::min(base::parse_uint(first).value_or(seconds_max), seconds_max);
  return base::Seconds(seconds);
}

// Did anything on the way speak less than HTTP/1.1, and so perhaps add no Age?
bool has_old_hop(const http::ResponseHead& response) {
  bool is_old = response.minor_version == 0;
  http::for_each_member(response.fields, FieldId::via, [&is_old](std::string_view member) {
    std::string_view protocol = member.substr(0, member.find_first_of(" \t"));
    if (const std::size_t slash = protocol.find('/'); slash != std::string_view::npos) {
      protocol.remove_prefix(slash + 1);
    }
    is_old = is_old || protocol == "1.0" || protocol.substr(0, 2) == "0.";
  });
  return is_old;
}

std::optional<Duration> heuristic_lifetime(const http::ResponseHead& response,
                                           const http::ResponseCacheControl& control,
                                           const FetchTimes& times) {
  if (!is_heuristically_cacheable(response.status) && !control.is_public) return std::nullopt;
  const auto modified = date_field(response.fields, FieldId::last_modified, times.received.wall);
  if (!modified) return std::nullopt;
  const Duration unchanged = not_negative(date_value(response, times) - *modified);
  return std::min<Duration>(unchanged / heuristic_divisor, heuristic_lifetime_max);
}

// The statuses that `ttl: {default}` speaks of.
bool is_default_status(int status) noexcept {
  constexpr std::array statuses{200, 203, 301, 308, 404, 410};
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

std::optional<Duration> lifetime_by_route(int status, bool is_explicit, const RoutePolicy& policy) {
  const TtlRule& ttl = policy.ttl;
  const bool is_forced = ttl.force && (is_explicit || is_default_status(status));
  if (is_explicit && !is_forced) return std::nullopt;
  for (const StatusTtl& rule : policy.status_ttl) {
    if (rule.status == status) return rule.lifetime;
  }
  if (is_forced) return ttl.force;
  return is_default_status(status) ? ttl.fallback : std::nullopt;
}

Duration bounded(Duration lifetime, const TtlRule& ttl) noexcept {
  if (ttl.min) lifetime = std::max(lifetime, *ttl.min);
  if (ttl.max) lifetime = std::min(lifetime, *ttl.max);
  return lifetime;
}

// The response's own window wins over the route's; one that cannot be read is none.
Duration grace_of(const http::DeltaSeconds& own, const std::optional<Duration>& by_route) {
  if (own.present) return own.value.value_or(base::Seconds::zero());
  return by_route.value_or(Duration::zero());
}

}  // namespace

bool is_heuristically_cacheable(int status) noexcept {
  // 206 is left out: a part is stored by explicit freshness alone.
  constexpr std::array statuses{200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

std::optional<Duration> explicit_lifetime(const http::ResponseHead& response,
                                          const http::ResponseCacheControl& control,
                                          const FetchTimes& times) {
  // Section 4.2.1: "caches are encouraged to consider responses that have invalid freshness information ...
  // to be stale".
  if (control.s_maxage.present) return control.s_maxage.value.value_or(base::Seconds::zero());
  if (control.max_age.present) return control.max_age.value.value_or(base::Seconds::zero());
  if (control.is_targeted) return std::nullopt;  // RFC 9213 section 2.2: Expires is ignored
  std::optional<Duration> lifetime;
  for (const http::Field& field : response.fields) {
    if (field.id != FieldId::expires) continue;
    const auto expires_at = http::parse_date(field.value, times.received.wall);
    // Section 5.3: an invalid date, especially "0", is in the past. Of several the earliest counts.
    const Duration own =
        expires_at ? not_negative(*expires_at - date_value(response, times)) : Duration::zero();
    lifetime = lifetime ? std::min(*lifetime, own) : own;
  }
  return lifetime;
}

Duration initial_age(const http::ResponseHead& response, const FetchTimes& times) {
  const Duration response_delay = not_negative(times.received.mono - times.requested_at);
  const Duration corrected = age_value(response.fields) + response_delay;
  // Where every hop speaks HTTP/1.1 the corrected value suffices, and a clock that differs from ours, here or
  // at the origin, does no harm. Date is needed only where a hop could have left Age out.
  if (!has_old_hop(response)) return corrected;
  // Negative where that clock is ahead; the other never is.
  const Duration apparent_age = times.received.wall - date_value(response, times);
  return std::max(apparent_age, corrected);
}

Lifetime lifetime_of(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                     const RoutePolicy& policy, const FetchTimes& times) {
  const auto own = explicit_lifetime(response, control, times);
  // With no-cache no lifetime is ever used, and the client should see the upstream's word, not the route's.
  if (control.no_cache) return {own.value_or(Duration::zero()), false};

  const auto by_route = lifetime_by_route(response.status, own.has_value(), policy);
  Lifetime lifetime;
  lifetime.value = by_route ? by_route : own ? own : heuristic_lifetime(response, control, times);
  if (!lifetime.value) return lifetime;
  const Duration unbounded = *lifetime.value;
  lifetime.value = bounded(unbounded, policy.ttl);
  // A response that sets a cookie is stored by its own explicit lifetime alone: the route may shorten it
  // only.
  if (own && !policy.stores_set_cookie && response.fields.has(FieldId::set_cookie)) {
    lifetime.value = std::min(*lifetime.value, *own);
    lifetime.is_given_by_route = *lifetime.value != *own;
    return lifetime;
  }
  lifetime.is_given_by_route = by_route.has_value() || *lifetime.value != unbounded;
  return lifetime;
}

Freshness freshness_of(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                       const RoutePolicy& policy, const FetchTimes& times, const Lifetime& lifetime) {
  Freshness freshness;
  freshness.received_at = times.received.mono;
  freshness.initial_age = initial_age(response, times);
  freshness.lifetime = lifetime.value.value_or(Duration::zero());
  freshness.is_given_by_route = lifetime.is_given_by_route;
  freshness.stale_while_revalidate = grace_of(control.stale_while_revalidate, policy.stale.while_revalidate);
  freshness.stale_if_error = grace_of(control.stale_if_error, policy.stale.if_error);
  // Section 5.2.2.10: s-maxage incorporates proxy-revalidate; where the route replaces it, that goes with it.
  const bool s_maxage_counts = control.s_maxage.present && !policy.ttl.force;
  freshness.must_revalidate = control.must_revalidate || control.proxy_revalidate || s_maxage_counts;
  // Section 5.2.2.4; with field names it only keeps these out of the store (remove_withheld_fields).
  freshness.always_revalidate = control.no_cache;
  // What was never fresh was stored to be validated, not to stand in.
  freshness.may_outlive_upstream =
      !control.stale_if_error.present && !policy.stale.if_error && freshness.lifetime > Duration::zero();
  return freshness;
}

}  // namespace larder::cache
