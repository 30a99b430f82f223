// A stored response: an immutable head, ready to send, a body that may still be growing, and what the policy
// and the purge log need to know of it. Shared between threads by StoredPtr; nothing in it changes but
// what the purge log notes in it.
//
// Its life: made by a flight at the response head (body growing) -> in the store, read by those who waited
// and by later hits -> landed (made anew around the compacted body, or joined to a part of the same) ->
// perhaps renewed by a 304 or a HEAD (a new head around the same body) -> outdated, superseded, expired past
// its grace, or evicted; freed with its last reader.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/body.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/vary.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/fields.hpp"
#include "larder/http/message.hpp"

namespace larder::cache {

// RFC 9111 section 4.2, fixed when the response was received.
struct Freshness {
  base::MonoTime received_at{};
  base::Duration initial_age{};  // corrected_initial_age, section 4.2.3
  base::Duration lifetime{};
  base::Duration stale_while_revalidate{};  // grace, RFC 5861; zero: none
  base::Duration stale_if_error{};
  bool must_revalidate = false;         // never stale: must-revalidate, proxy-revalidate, s-maxage
  bool always_revalidate = false;       // no-cache: stored, but asked for each time
  bool is_given_by_route = false;       // ttl.default, min, max, force or status_ttl decided the lifetime
  bool may_answer_credentials = false;  // public, must-revalidate or s-maxage: RFC 9111 section 3.5
  // Nobody has said for how long it may stand in for an upstream that cannot be reached.
  bool may_outlive_upstream = false;

  base::Duration age(base::MonoTime now) const noexcept { return initial_age + (now - received_at); }
  base::Duration remaining(base::MonoTime now) const noexcept { return lifetime - age(now); }
  // True when grace of any kind could still serve it after a soft purge.
  bool has_grace() const noexcept {
    return !must_revalidate && (stale_while_revalidate.count() > 0 || stale_if_error.count() > 0);
  }
};

// The head as it is kept.
struct StoredHead {
  int status = 0;
  // Status line and field lines, ready to send, without the empty line and without the fields that delivery
  // adds: Content-Length, Transfer-Encoding, Age, Connection, and our own Cache-Status (an earlier cache's
  // stays, as the first members of the list: RFC 9211 section 2). Has Via, the client's Cache-Control, the
  // ETag.
  std::string text;
  // Field lines of the upstream's that clients do not get but a 304 may update: tag fields, the Cache-Control
  // and Expires that `downstream` replaced, and of private copies what is said to caches alone
  // (CDN-Cache-Control, Surrogate-Control, the route's targets). Same form as text's lines.
  std::string hidden;
  bool replaced_cache_control = false;  // text's Cache-Control (and absence of Expires) is ours
  bool generated_etag = false;
  bool added_vary = false;   // text's last Vary is ours
  bool sets_cookie = false;  // text has a Set-Cookie

  // Values of text, for conditions; views.
  std::string_view etag() const noexcept { return std::string_view(text).substr(etag_begin, etag_size); }
  std::uint32_t etag_begin = 0;
  std::uint32_t etag_size = 0;
  std::optional<base::WallTime> last_modified;
  std::optional<base::WallTime> date;  // the time of receipt where the response has none
};

struct StoredResponse {
  CacheKey key;
  std::string vary;       // text_of(VarySpec)
  std::string secondary;  // secondary_key() of the request that fetched it
  StoredHead head;
  std::shared_ptr<Body> body;
  Freshness freshness;
  std::uint64_t sequence = 0;          // the purge log's newest before its fetch connected
  std::vector<std::string> tags;       // route tags and response tag fields, without repeats; group labels
  std::vector<std::string> body_tags;  // those of `tags` that its body gave: what renews the head keeps them
  std::vector<std::string> captures;   // "slug:my-post"
  // The purge log's newest sequence at which this was found valid: the hot path's one comparison.
  mutable std::atomic<std::uint64_t> checked_at{0};
  // A soft purge reached it whose line the log may have forgotten since; never cleared.
  mutable std::atomic<bool> is_soft_outdated{false};
  // The purge log has counted it as outdated, once for each mode: bits of its own.
  mutable std::atomic<std::uint8_t> is_counted{0};

  // Bytes of memory it holds, body, allocator waste and index included: what the budget counts.
  std::uint64_t cost() const;
};
using StoredPtr = std::shared_ptr<const StoredResponse>;

// Of two that a request selects, is `candidate` to be used rather than `other` (RFC 9111 sections 4 and 4.1)?
// What was fetched after a later purge goes before what was not, and what is fresh before what is stale; of
// their like one that names a Vary before one that does not, then the more recent by Date.
bool is_preferred(const StoredResponse& candidate, const StoredResponse& other, base::MonoTime now) noexcept;

// A response like `from`, to be given a head or a body of its own: what is stored does not change. It has
// been checked against no purge yet.
std::shared_ptr<StoredResponse> copy_of(const StoredResponse& from);

// The most tags kept from one response; past it the response is not stored, since a purge could miss it.
inline constexpr std::size_t tags_max = 256;
inline constexpr std::size_t tag_size_max = 1024;

// The response's own tags (Surrogate-Key split at spaces, Cache-Tag and Cache-Groups at commas) and the
// route's; nothing when there are more than tags_max or one is longer than tag_size_max.
std::optional<std::vector<std::string>> tags_of(const http::Fields& response,
                                                const std::vector<std::string>& route_tags);

// Adds what the body says; false when there are more tags than are kept.
bool add_body_tags(StoredResponse& response, std::vector<std::string> tags);

// Does private="..." or no-cache="..." name this field as one that is not for those who are answered from the
// store (RFC 9111 sections 3.1, 5.2.2.4, 5.2.2.7)? And does either name any that the response has?
bool is_withheld(http::FieldId id, const http::ResponseCacheControl& control);
bool has_withheld_fields(const http::Fields& response, const http::ResponseCacheControl& control);
void remove_withheld_fields(http::Fields& response, const http::ResponseCacheControl& control);

// Makes the head to keep from an upstream's response (hop-by-hop fields already removed). Adds `Via: 1.1
// larder`, adds Date when missing (from `received`), replaces Cache-Control as `downstream` says, or, where
// the route gave the lifetime and `downstream` says nothing, by "max-age=0, must-revalidate" (a purge cannot
// reach a browser).
// A private copy (`is_private`) says "private, max-age=0, must-revalidate" instead, unless the route's own
// words are as strict; and every copy of a route that has private ones says `Vary: Cookie`.
StoredHead make_head(const http::ResponseHead& response, const RoutePolicy& policy,
                     bool lifetime_given_by_route, base::WallTime received, bool is_private = false);
// The upstream's own fields again: text without what is ours, and hidden.
http::ResponseHead origin_head(const StoredHead& head);
// The stored head freshened by a 304 (RFC 9111 sections 3.2 and 4.3.4): each field of the 304 replaces all of
// its name, except Content-Length, Content-Encoding, Content-Range and connection-specific ones. The result
// has the 304's Age and Date. See renew() in landing.hpp.
http::ResponseHead updated_head(const StoredHead& stored, const http::ResponseHead& not_modified);
// Adds a generated strong entity tag (`downstream.etag: auto`), the hash of a body that landed whole.
void add_etag(StoredHead& head, std::string_view opaque);

}  // namespace larder::cache
