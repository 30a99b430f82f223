// The rules of HTTP caching as functions of values (RFC 9111, RFC 5861). No clock, no lock, no log: each
// returns a decision and its reason, and each branch in the .cpp cites its section.
#pragma once
#include <optional>

#include "larder/base/time.hpp"
#include "larder/cache/private_copy.hpp"
#include "larder/cache/reason.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/message.hpp"
#include "larder/http/target.hpp"

namespace larder::cache {

// Why this request must not use the cache at all (pass), or nothing when it may. Not asked here:
// unknown_host, ambiguous_path, range, precondition, request_body, upgrade, connection_option, bypass_query,
// max_variants, hit_for_miss, which the exchange knows. A request with Authorization may look, since a stored
// `public` response may answer it (section 3.5).
std::optional<Reason> pass_reason(const http::RequestHead& request, const http::RequestCacheControl& control,
                                  const RoutePolicy& policy);
// The same. `cookies` becomes what is known of the request's cookies by then.
std::optional<Reason> pass_reason(const http::RequestHead& request, const http::RequestCacheControl& control,
                                  const RoutePolicy& policy, CookieFacts& cookies);

// What the purge log says of a stored response. `unverified`: it cannot say, since lines may have been missed
// (another epoch of the log that replicas share, or a replica that is cut off from it).
enum class Validity : std::uint8_t { valid, soft_outdated, unverified, outdated };

enum class Verdict : std::uint8_t {
  use,                    // a hit
  use_stale_and_refresh,  // grace: served now, refreshed behind (RFC 5861 section 3)
  revalidate,             // ask the upstream with its validators
  fetch,                  // ask the upstream anew
  refuse,                 // 504 for only-if-cached
};

struct Decision {
  Verdict verdict = Verdict::fetch;
  Reason reason = Reason::none;
  bool is_stale = false;  // what would be served
};

// What to do with `stored` (null when nothing matched; `has_other_variants` then tells vary-miss from
// uri-miss). A hard-outdated response counts as absent (reason purged); a soft-outdated one as stale at once,
// and, when it has no grace, as outdated. `revalidate` only where it has a validator (its own ETag, not
// generated, or Last-Modified). What a soft purge lets through has the reason soft_purged, served or not. An
// unverified one is used only once the upstream has confirmed it by a strong entity tag, and counts as absent
// where it has none.
Decision decide(const http::RequestCacheControl& control, const StoredResponse* stored,
                bool has_other_variants, Validity validity, const RoutePolicy& policy, base::MonoTime now);

// What an upstream was asked for and did not give.
enum class Failure : std::uint8_t {
  answered_badly,  // 500, 502, 503, 504, or something that is no response
  disconnected,    // no answer at all: refused, unreachable, silent, or closed without a byte
};

// True when `stored` may stand in for a failure: within stale_if_error (RFC 5861 section 4) or, where nobody
// has set one and the upstream is disconnected, within stale_when_disconnected_max of its end (RFC 9111
// section 4.2.4). Not where must-revalidate and its kin forbid it, nor after a hard purge, nor unverified.
bool may_serve_on_error(const StoredResponse& stored, Validity validity, Failure failure, base::MonoTime now);
// A dead upstream is noticed and brought back within a day; what is older than that misleads.
inline constexpr base::Duration stale_when_disconnected_max = std::chrono::hours(24);
// The statuses that stale-if-error covers (RFC 5861 section 4).
bool is_error_status(int status) noexcept;

struct Storability {
  bool is_storable = false;
  Reason reason = Reason::none;  // why not
  Freshness freshness;           // when it is
  // What the response says to this cache, of the targets' fields and Cache-Control.
  http::ResponseCacheControl control;

  void refuse(Reason why) noexcept {
    is_storable = false;
    reason = why;
  }
};

// The times of one fetch: when its request was sent and its head received.
struct FetchTimes {
  base::MonoTime requested_at{};
  base::Now received;
};

// May this response to a GET or HEAD be stored by a shared cache, and how long is it fresh (sections
// 3, 4.2, 5.2)? Set-Cookie: not stored unless explicitly fresh (RFC 9111 section 7.3 leaves it to the server)
// or the route's `unsafe` allows it; never by a lifetime that only the route gave, and
// not at all as a private copy; without `unsafe` neither a session's cookie nor any under refuse.set_cookie.
Storability storable(const http::RequestHead& request, const http::ResponseHead& response,
                     const RoutePolicy& policy, const FetchTimes& times);

// May this answer to a POST stand for one to GET (RFC 9110 section 9.3.3)? Where it says how long it is
// fresh, and its Content-Location names the target: what is then stored is what GET would get.
bool answers_get(const http::Target& target, const http::ResponseHead& response, const RoutePolicy& policy,
                 const FetchTimes& times);

// True for a reason that lies in the request: others, who do not ask like this, may get something to be
// stored.
bool is_of_the_request(Reason reason) noexcept;

// Does an answer that is not stored show that what was stored is suitable no more (section 4.3.3)? Not a
// server's error, a part, or an answer to something in the request that others do not send.
bool supersedes(int status, Reason why_not_stored) noexcept;

// May those who waited for a storable response be answered by it?
//
// Storing and sharing differ. A response with a validator is stored even when it must be validated on every
// use (no-cache, max-age=0, no freshness at all): the next request costs the upstream a 304 instead of a
// page. But it was validated for the request that fetched it and for no other (section 5.2.2.4), so who
// waited must ask the upstream himself. Fifty who ask at once for "no-cache" with an entity tag hence make
// one fetch, then 49 revalidations side by side, none behind another; and the key is marked hit-for-miss
// beside the stored response, so that the next fifty revalidate at once. Waiting in line for one another's
// 304 would cost the last of them fifty round trips. A response that is stale on arrival is shared only
// within its stale-while-revalidate.
bool is_shareable(const Freshness& freshness) noexcept;

}  // namespace larder::cache
