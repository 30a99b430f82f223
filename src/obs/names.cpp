// The names of results and reasons. Operators write them in queries and alerts: a name, once released, stays.
// None can be missing: results are named by a switch without a default, which -Wall then refuses, reasons by
// a table that the compiler holds against the enumeration.
#include "larder/obs/observer.hpp"

#include <array>

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
    case Result::local:
      return "local";
    case Result::tunnel:
      return "tunnel";
    case Result::count_:
      break;
  }
  return "unknown";
}

namespace {

struct NamedReason {
  cache::Reason reason;
  std::string_view name;
};
using cache::Reason;

// One name a line, in the enumeration's order.
// clang-format off
constexpr auto reason_names = std::to_array<NamedReason>({
    {Reason::none, "none"},
    {Reason::method, "method"},
    {Reason::route_off, "route-off"},
    {Reason::bypass_cookie, "bypass-cookie"},
    {Reason::unclear_session, "unclear-session"},
    {Reason::bypass_query, "bypass-query"},
    {Reason::method_override, "method-override"},
    {Reason::connection_option, "connection-option"},
    {Reason::max_variants, "max-variants"},
    {Reason::unknown_host, "unknown-host"},
    {Reason::ambiguous_path, "ambiguous-path"},
    {Reason::request_no_store, "request-no-store"},
    {Reason::range, "range"},
    {Reason::precondition, "precondition"},
    {Reason::request_body, "request-body"},
    {Reason::authorization, "authorization"},
    {Reason::upgrade, "upgrade"},
    {Reason::hit_for_miss, "hit-for-miss"},
    {Reason::cut_off, "cut-off"},
    {Reason::fresh, "fresh"},
    {Reason::second_level, "second-level"},
    {Reason::stale_while_revalidate, "stale-while-revalidate"},
    {Reason::stale_if_error, "stale-if-error"},
    {Reason::request_max_stale, "request-max-stale"},
    {Reason::part_missing, "part-missing"},
    {Reason::absent, "absent"},
    {Reason::variant_absent, "variant-absent"},
    {Reason::stale, "stale"},
    {Reason::purged, "purged"},
    {Reason::soft_purged, "soft-purged"},
    {Reason::unverified, "unverified"},
    {Reason::request_directive, "request-directive"},
    {Reason::response_no_cache, "response-no-cache"},
    {Reason::only_if_cached, "only-if-cached"},
    {Reason::status_not_storable, "status-not-storable"},
    {Reason::response_no_store, "response-no-store"},
    {Reason::response_private, "response-private"},
    {Reason::response_set_cookie, "response-set-cookie"},
    {Reason::no_freshness, "no-freshness"},
    {Reason::vary_star, "vary-star"},
    {Reason::partial_content, "partial-content"},
    {Reason::too_large, "too-large"},
    {Reason::in_flight_share, "in-flight-share"},
    {Reason::unsafe_fields, "unsafe-fields"},
    {Reason::outdated_in_flight, "outdated-in-flight"},
    {Reason::session_cookie, "session-cookie"},
    {Reason::csrf_token, "csrf-token"},
    {Reason::user_bar, "user-bar"},
    {Reason::unread_page, "unread-page"},
    {Reason::unread_tags, "unread-tags"},
    {Reason::unkeyed_cookie, "unkeyed-cookie"},
    {Reason::connect_failed, "connect-failed"},
    {Reason::connect_timeout, "connect-timeout"},
    {Reason::queue_full, "queue-full"},
    {Reason::queue_timeout, "queue-timeout"},
    {Reason::first_byte_timeout, "first-byte-timeout"},
    {Reason::between_bytes_timeout, "between-bytes-timeout"},
    {Reason::upstream_closed_early, "upstream-closed-early"},
    {Reason::upstream_bad_head, "upstream-bad-head"},
    {Reason::upstream_bad_framing, "upstream-bad-framing"},
    {Reason::upstream_reset, "upstream-reset"},
    {Reason::bad_request, "bad-request"},
    {Reason::forwarding_loop, "forwarding-loop"},
    {Reason::request_timeout, "request-timeout"},
    {Reason::request_too_large, "request-too-large"},
    {Reason::client_gone, "client-gone"},
    {Reason::reader_too_slow, "reader-too-slow"},
    {Reason::internal_error, "internal-error"},
    {Reason::connection_limit, "connection-limit"},
});
// clang-format on

consteval bool is_in_order() {
  for (std::size_t i = 0; i < reason_names.size(); ++i) {
    if (static_cast<std::size_t>(reason_names[i].reason) != i) return false;
  }
  return reason_names.size() == static_cast<std::size_t>(Reason::count_);
}
static_assert(is_in_order(), "every reason has its name, at its place");

}  // namespace

std::string_view name_of(cache::Reason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < reason_names.size() ? reason_names[index].name : "unknown";
}

}  // namespace larder::obs
