// The head as it is kept: made from an upstream's, read back, freshened, ready to be sent.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/fields.hpp"
#include "larder/http/message.hpp"

namespace larder::cache {

// What is known of a head beside its text.
struct HeadFacts {
  int status = 0;
  bool replaced_cache_control = false;  // text's Cache-Control (and absence of Expires) is ours
  bool generated_etag = false;
  bool added_vary = false;   // text's last Vary is ours
  bool sets_cookie = false;  // text has a Set-Cookie
  // Where text has the ETag's value.
  std::uint32_t etag_begin = 0;
  std::uint32_t etag_size = 0;
  std::optional<base::WallTime> last_modified;
  std::optional<base::WallTime> date;  // the time of receipt where the response has none
};

// A head whose texts stand elsewhere, as those of a stored response do.
struct HeadView : HeadFacts {
  std::string_view text;
  std::string_view hidden;

  std::string_view etag() const noexcept { return text.substr(etag_begin, etag_size); }
};

struct StoredHead : HeadFacts {
  // Status line and field lines, ready to send, without the empty line and without the fields that delivery
  // adds: Content-Length, Transfer-Encoding, Age, Connection, and our own Cache-Status (an earlier cache's
  // stays, as the first members of the list: RFC 9211 section 2). Has Via, the client's Cache-Control, the
  // ETag.
  std::string text;
  // Field lines of the upstream's that clients do not get but a 304 may update: tag fields, the Cache-Control
  // and Expires that `downstream` replaced, and of private copies what is said to caches alone
  // (CDN-Cache-Control, Surrogate-Control, the route's targets). Same form as text's lines.
  std::string hidden;

  StoredHead() = default;
  explicit StoredHead(const HeadView& head) : HeadFacts(head), text(head.text), hidden(head.hidden) {}
  HeadView view() const noexcept { return {*this, text, hidden}; }
  operator HeadView() const noexcept { return view(); }
  std::string_view etag() const noexcept { return view().etag(); }
};

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
http::ResponseHead origin_head(const HeadView& head);
// The stored head freshened by a 304 (RFC 9111 sections 3.2 and 4.3.4): each field of the 304 replaces all of
// its name, except Content-Length, Content-Encoding, Content-Range and connection-specific ones. The result
// has the 304's Age and Date. See renew() in landing.hpp.
http::ResponseHead updated_head(const HeadView& stored, const http::ResponseHead& not_modified);
// Adds a generated strong entity tag (`downstream.etag: auto`), the hash of a body that landed whole.
void add_etag(StoredHead& head, std::string_view opaque);

}  // namespace larder::cache
