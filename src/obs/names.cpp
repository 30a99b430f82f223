// The names of results and reasons. Operators write them in queries and alerts: a name, once released, stays.
// Switches without a default, so that -Wall refuses an enumerator that has no name.
#include "larder/obs/observer.hpp"

namespace larder::obs {

std::string_view name_of(Result result) noexcept {
  switch (result) {
    case Result::hit:
      return "hit";
    case Result::stale:
      return "stale";
    case Result::revalidated:
      return "revalidated";
    case Result::miss:
      return "miss";
    case Result::collapsed:
      return "collapsed";
    case Result::pass:
      return "pass";
    case Result::error:
      return "error";
    case Result::refused:
      return "refused";
    case Result::tunnel:
      return "tunnel";
    case Result::count_:
      break;
  }
  return "unknown";
}

// One name a line.
// clang-format off
std::string_view name_of(cache::Reason reason) noexcept {
  using cache::Reason;
  switch (reason) {
    case Reason::none: return "none";
    case Reason::method: return "method";
    case Reason::route_off: return "route-off";
    case Reason::bypass_cookie: return "bypass-cookie";
    case Reason::unknown_host: return "unknown-host";
    case Reason::ambiguous_path: return "ambiguous-path";
    case Reason::request_no_store: return "request-no-store";
    case Reason::range: return "range";
    case Reason::request_body: return "request-body";
    case Reason::authorization: return "authorization";
    case Reason::upgrade: return "upgrade";
    case Reason::hit_for_miss: return "hit-for-miss";
    case Reason::fresh: return "fresh";
    case Reason::stale_while_revalidate: return "stale-while-revalidate";
    case Reason::stale_if_error: return "stale-if-error";
    case Reason::request_max_stale: return "request-max-stale";
    case Reason::absent: return "absent";
    case Reason::variant_absent: return "variant-absent";
    case Reason::stale: return "stale";
    case Reason::purged: return "purged";
    case Reason::soft_purged: return "soft-purged";
    case Reason::request_directive: return "request-directive";
    case Reason::response_no_cache: return "response-no-cache";
    case Reason::only_if_cached: return "only-if-cached";
    case Reason::status_not_storable: return "status-not-storable";
    case Reason::response_no_store: return "response-no-store";
    case Reason::response_private: return "response-private";
    case Reason::response_set_cookie: return "response-set-cookie";
    case Reason::no_freshness: return "no-freshness";
    case Reason::vary_star: return "vary-star";
    case Reason::partial_content: return "partial-content";
    case Reason::too_large: return "too-large";
    case Reason::incomplete_body: return "incomplete-body";
    case Reason::in_flight_share: return "in-flight-share";
    case Reason::too_many_variants: return "too-many-variants";
    case Reason::unsafe_fields: return "unsafe-fields";
    case Reason::outdated_in_flight: return "outdated-in-flight";
    case Reason::connect_failed: return "connect-failed";
    case Reason::connect_timeout: return "connect-timeout";
    case Reason::queue_full: return "queue-full";
    case Reason::queue_timeout: return "queue-timeout";
    case Reason::first_byte_timeout: return "first-byte-timeout";
    case Reason::between_bytes_timeout: return "between-bytes-timeout";
    case Reason::upstream_closed_early: return "upstream-closed-early";
    case Reason::upstream_bad_head: return "upstream-bad-head";
    case Reason::upstream_bad_framing: return "upstream-bad-framing";
    case Reason::upstream_reset: return "upstream-reset";
    case Reason::bad_request: return "bad-request";
    case Reason::request_timeout: return "request-timeout";
    case Reason::request_too_large: return "request-too-large";
    case Reason::client_gone: return "client-gone";
    case Reason::reader_too_slow: return "reader-too-slow";
    case Reason::draining: return "draining";
    case Reason::connection_limit: return "connection-limit";
    case Reason::count_: break;
  }
  return "unknown";
}
// clang-format on

}  // namespace larder::obs
