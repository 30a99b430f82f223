// Why an exchange was answered as it was. The core returns one of these; the edge turns it into the log line,
// the metric's label and the `detail=` of Cache-Status. Names: obs/observer.hpp.
#pragma once
#include <cstdint>

namespace larder::cache {

enum class Reason : std::uint8_t {
  none,
  // Why a request does not use the cache (pass).
  method,             // neither GET nor HEAD
  route_off,          // `cache: off`
  bypass_cookie,      // a cookie of `cookies.bypass`
  unclear_session,    // several session cookies, or one that servers read in different ways
  bypass_query,       // a parameter of `query.bypass`
  method_override,    // a field asks the upstream to take the request for one of another method
  connection_option,  // Connection names a field that would be missing upstream
  max_variants,       // as many queries of the path are stored as `query.max_variants` allows
  unknown_host,       // not one of `hosts`
  ambiguous_path,     // dot segments: another reader could see another path
  request_no_store,   // RFC 9111 section 5.2.1.5
  range,              // a range that is neither stored nor may be fetched so that it can be kept
  precondition,       // If-Match or If-Unmodified-Since: not for caches to evaluate
  request_body,       // a GET with a body: its meaning is unknown (RFC 9110 section 9.3.1)
  authorization,      // RFC 9111 section 3.5
  upgrade,
  hit_for_miss,  // remembered as not shareable
  cut_off,       // the purges of other replicas do not arrive (`on_loss`)
  // Why a stored response was or was not used.
  fresh,
  second_level,  // fresh, and out of the Redis that replicas share
  stale_while_revalidate,
  stale_if_error,
  request_max_stale,
  part_missing,    // what is stored of it in part has not all of the range: partial (RFC 9211 section 2.2)
  absent,          // nothing stored under the key: uri-miss
  variant_absent,  // nothing stored for this variant: vary-miss
  stale,
  purged,
  soft_purged,
  unverified,         // purges may have been missed since it was fetched: the upstream must confirm it
  request_directive,  // no-cache, max-age, min-fresh
  response_no_cache,
  only_if_cached,  // 504, RFC 9111 section 5.2.1.7
  // Why a response was not stored.
  status_not_storable,
  response_no_store,
  response_private,
  response_set_cookie,
  no_freshness,  // neither explicit nor heuristic nor given by the route, and no validator worth keeping
  vary_star,
  partial_content,
  too_large,
  in_flight_share,     // growing bodies, or private copies, hold their share of the budget already
  unsafe_fields,       // must-understand of an unknown status and the like
  outdated_in_flight,  // a purge came while it was fetched
  // Refused by the route's `refuse`, whatever the response's fields say.
  session_cookie,
  csrf_token,      // seen in the page
  user_bar,        // seen in the page
  unread_page,     // HTML that could not be read to its end in time, or not at all for its coding
  unread_tags,     // JSON whose tags (`tags_from`) could not be read: broken, coded, too long or too slow
  unkeyed_cookie,  // nothing says that it does not depend on a cookie that is not in the key
  // What went wrong upstream.
  connect_failed,
  connect_timeout,
  queue_full,
  queue_timeout,
  first_byte_timeout,
  between_bytes_timeout,
  upstream_closed_early,
  upstream_bad_head,
  upstream_bad_framing,
  upstream_reset,
  // What went wrong downstream.
  bad_request,
  forwarding_loop,    // RFC 9110 section 7.6: an upstream leads back here
  request_timeout,    // 408: the head or the body took too long
  request_too_large,  // 413: past limits.body_size
  client_gone,
  reader_too_slow,
  internal_error,
  connection_limit,  // limits.connections, or the system's own
  count_,            // how many there are
};

}  // namespace larder::cache
