#include "larder/cache/policy.hpp"

#include <algorithm>
#include <array>

#include "cache/policy_freshness.hpp"
#include "larder/cache/bypass.hpp"
#include "larder/cache/part.hpp"
#include "larder/cache/private_copy.hpp"
#include "larder/cache/request_cookies.hpp"
#include "larder/http/date.hpp"
#include "larder/http/targeted_cache_control.hpp"

namespace larder::cache {
namespace {

using http::FieldId;
using Refusal = std::optional<Reason>;

// Final statuses whose rules RFC 9110 defines and this cache carries out; not 206 and 304.
bool is_understood(int status) noexcept {
  constexpr std::array statuses{200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308,
                                400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413,
                                414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505};
  return std::binary_search(statuses.begin(), statuses.end(), status);
}

// Answers to fields of the request that no key knows: a stranger's odd field must not become everybody's
// error ("cache-poisoned denial of service", Nguyen, Lo Iacono, Federrath, CCS 2019). For 428, 429, 431 and
// 511 it is the rule (RFC 6585: "MUST NOT be stored by a cache").
bool is_about_the_request(int status) noexcept {
  constexpr std::array statuses{400, 406, 408, 411, 412, 413, 417, 421, 425, 426, 428, 429, 431, 505, 511};
  return std::binary_search(statuses.begin(), statuses.end(), status);
}

Refusal refused_by_status(const http::RequestHead& request, const http::ResponseHead& response) {
  const int status = response.status;
  if (status < 200) return Reason::status_not_storable;  // section 3: final
  if (is_about_the_request(status)) return Reason::status_not_storable;
  // A 304 is an answer to a condition; and section 3.3, of ranges that are not understood.
  if (status == 304) return Reason::partial_content;
  if (status == 206 && !is_part(request.fields, response)) return Reason::partial_content;
  return std::nullopt;
}

Refusal refused_by_directives(int status, const http::ResponseCacheControl& control) {
  // Section 5.2.2.3: must-understand asks for a status that is understood, and then overrides no-store.
  if (control.must_understand && !is_understood(status)) return Reason::unsafe_fields;
  if (control.no_store && !control.must_understand) return Reason::response_no_store;  // section 5.2.2.5
  if (control.is_private) return Reason::response_private;                             // section 5.2.2.7
  return std::nullopt;
}

// Section 3.5.
bool may_answer_credentials(const http::ResponseCacheControl& control) {
  return control.is_public || control.must_revalidate || control.s_maxage.value.has_value();
}

Refusal refused_by_authorization(const http::RequestHead& request,
                                 const http::ResponseCacheControl& control) {
  const bool is_allowed = !request.fields.has(FieldId::authorization) || may_answer_credentials(control);
  return is_allowed ? std::nullopt : Refusal(Reason::authorization);
}

// Section 7.3: "origin servers that wish to control caching of responses that contain Set-Cookie are
// encouraged to emit appropriate Cache-Control". Only one that did is believed.
Refusal refused_by_set_cookie(const http::RequestHead& request, const http::ResponseHead& response,
                              const http::ResponseCacheControl& control, const RoutePolicy& policy,
                              const FetchTimes& times) {
  if (!response.fields.has(FieldId::set_cookie)) return std::nullopt;
  // It may be the session's: a private copy never holds it.
  if (cookie_facts_of(request.fields, policy.cookies).session != SessionCookies::none) {
    return Reason::response_set_cookie;
  }
  if (policy.stores_set_cookie) return std::nullopt;
  // Whoever gets it from the store would be in another's session, whatever its freshness.
  if (sets_session(response.fields, policy.cookies)) return Reason::response_set_cookie;
  const auto own = explicit_lifetime(response, control, times);
  const bool is_explicitly_fresh = own && *own > base::Duration::zero();
  const bool is_believed = is_explicitly_fresh || is_withheld(FieldId::set_cookie, control);
  const bool is_stored = is_believed && !policy.refuse.set_cookie;
  return is_stored ? std::nullopt : Refusal(Reason::response_set_cookie);
}

Refusal refused_by_session(const http::RequestHead& request, const http::ResponseHead& response,
                           const RoutePolicy& policy, const FetchTimes& times) {
  if (policy.refuse.session && has_unkeyed_session(request.fields, policy.cookies)) {
    return Reason::session_cookie;
  }
  // The page that says goodbye is no private copy of the session that it ends.
  const bool ends =
      has_private_copies(policy.cookies) &&
      !ended_sessions(request.fields, response.fields, policy.cookies.session, times.received.wall).empty();
  return ends ? Refusal(Reason::session_cookie) : std::nullopt;
}

// Of a page that says nothing of cookies nobody knows whether it depends on one that is not in the key.
Refusal refused_by_unkeyed_cookie(const http::RequestHead& request, const VarySpec& vary,
                                  const RoutePolicy& policy) {
  if (!policy.refuse.unkeyed_cookie || !has_unkeyed_cookie(request.fields, policy.cookies))
    return std::nullopt;
  return names_cookie(vary) ? std::nullopt : Refusal(Reason::unkeyed_cookie);
}

// What no lifetime can mend.
Refusal refused(const http::RequestHead& request, const http::ResponseHead& response,
                const http::ResponseCacheControl& control, const RoutePolicy& policy,
                const FetchTimes& times) {
  const bool is_understood_method =
      request.method == http::Method::get || request.method == http::Method::head;
  if (!is_understood_method) return Reason::method;  // section 3
  if (const auto reason = refused_by_status(request, response)) return reason;
  if (const auto reason = refused_by_directives(response.status, control)) return reason;
  if (const auto reason = refused_by_authorization(request, control)) return reason;
  // Section 4.1: it "always fails to match", so it would only take room.
  const VarySpec vary = vary_of(response.fields);
  if (vary.is_star) return Reason::vary_star;
  if (const auto reason = refused_by_set_cookie(request, response, control, policy, times)) return reason;
  if (const auto reason = refused_by_session(request, response, policy, times)) return reason;
  if (const auto reason = refused_by_unkeyed_cookie(request, vary, policy)) return reason;
  if (!tags_of(response.fields, policy.tags)) return Reason::unsafe_fields;
  return std::nullopt;
}

// Section 3's last condition: something says that it may be cached at all. A lifetime by the route counts as
// the out-of-band word of the origin's operator.
bool is_marked_cacheable(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                         const Lifetime& lifetime) {
  // RFC 9213 section 2.2: beside a targeted field Expires is ignored.
  const bool has_expires = !control.is_targeted && response.fields.has(FieldId::expires);
  return control.is_public || control.max_age.present || control.s_maxage.present || has_expires ||
         is_heuristically_cacheable(response.status) || lifetime.is_given_by_route;
}

bool has_validator(const http::ResponseHead& response, base::WallTime now) {
  if (const auto etag = response.fields.find(FieldId::etag); etag && !etag->empty()) return true;
  const auto modified = response.fields.find(FieldId::last_modified);
  return modified && http::parse_date(*modified, now);
}

// A part is used fresh or not at all, and only its origin's own word makes it fresh.
bool is_usable_part(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                    const FetchTimes& times, const Freshness& freshness) {
  return explicit_lifetime(response, control, times) && !freshness.always_revalidate &&
         freshness.remaining(freshness.received_at) > base::Duration::zero();
}

// Could it ever be used without a validator: fresh now, or within a grace?
bool is_usable(const Freshness& freshness) {
  if (freshness.always_revalidate) return false;
  return freshness.remaining(freshness.received_at) > base::Duration::zero() || freshness.has_grace();
}

}  // namespace

std::optional<Reason> pass_reason(const http::RequestHead& request, const http::RequestCacheControl& control,
                                  const RoutePolicy& policy) {
  CookieFacts cookies;
  return pass_reason(request, control, policy, cookies);
}

std::optional<Reason> pass_reason(const http::RequestHead& request, const http::RequestCacheControl& control,
                                  const RoutePolicy& policy, CookieFacts& cookies) {
  cookies = {};
  if (request.method != http::Method::get && request.method != http::Method::head) return Reason::method;
  if (policy.is_cache_off) return Reason::route_off;
  cookies = cookie_facts_of(request.fields, policy.cookies);
  if (cookies.has_bypass) return Reason::bypass_cookie;
  if (cookies.session == SessionCookies::unclear) return Reason::unclear_session;
  if (has_method_override(request.fields)) return Reason::method_override;
  // Section 5.2.1.5: nothing of it may be stored, so it must not share a fetch either. Obeyed also where
  // `client_reload: ignore`: a client that asks for privacy does not ask for a reload.
  // With only-if-cached nothing is fetched at all.
  if (control.no_store && !control.only_if_cached) return Reason::request_no_store;
  return std::nullopt;
}

Storability storable(const http::RequestHead& request, const http::ResponseHead& response,
                     const RoutePolicy& policy, const FetchTimes& times) {
  Storability result;
  result.control = http::effective_cache_control(response.fields, policy.targets);
  const http::ResponseCacheControl& control = result.control;
  if (const auto reason = refused(request, response, control, policy, times)) {
    result.refuse(*reason);
    return result;
  }
  const Lifetime lifetime = lifetime_of(response, control, policy, times);
  if (!is_marked_cacheable(response, control, lifetime)) {
    result.refuse(Reason::status_not_storable);
    return result;
  }
  Freshness freshness = freshness_of(response, control, policy, times, lifetime);
  freshness.may_answer_credentials = may_answer_credentials(control);
  const bool is_worth_keeping = response.status == 206
                                    ? is_usable_part(response, control, times, freshness)
                                    : is_usable(freshness) || has_validator(response, times.received.wall);
  if (!is_worth_keeping) {
    result.refuse(freshness.always_revalidate ? Reason::response_no_cache : Reason::no_freshness);
    return result;
  }
  result.is_storable = true;
  result.freshness = freshness;
  return result;
}

bool answers_get(const http::Target& target, const http::ResponseHead& response, const RoutePolicy& policy,
                 const FetchTimes& times) {
  const auto control = http::effective_cache_control(response.fields, policy.targets);
  if (response.status != 200 || !explicit_lifetime(response, control, times)) return false;
  const auto location = response.fields.find(FieldId::content_location);
  http::Target named;
  if (!location || http::parse_reference(*location, target, named) != http::TargetError::none) return false;
  return named.scheme == target.scheme && named.host == target.host && named.path == target.path &&
         named.has_query == target.has_query && named.query == target.query;
}

bool is_of_the_request(Reason reason) noexcept {
  return reason == Reason::authorization || reason == Reason::session_cookie ||
         reason == Reason::unkeyed_cookie;
}

bool supersedes(int status, Reason why_not_stored) noexcept {
  const bool is_of_this_request =
      status == 206 || status == 414 || status == 416 || is_about_the_request(status);
  return status < 500 && !is_of_this_request && !is_of_the_request(why_not_stored);
}

bool is_shareable(const Freshness& freshness) noexcept {
  if (freshness.always_revalidate) return false;
  const base::Duration remaining = freshness.remaining(freshness.received_at);
  if (remaining > base::Duration::zero()) return true;
  return !freshness.must_revalidate && freshness.stale_while_revalidate > base::Duration::zero() &&
         -remaining <= freshness.stale_while_revalidate;
}

}  // namespace larder::cache
