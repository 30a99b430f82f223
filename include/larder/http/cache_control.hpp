// Cache-Control of requests and responses (RFC 9111 section 5.2), parsed once into values.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/http/fields.hpp"

namespace larder::http {

// Delta-seconds above this are taken as this (RFC 9111 section 1.2.2).
inline constexpr base::Seconds delta_seconds_max{2'147'483'648};

// A directive's delta-seconds: `present` with no value means it was there and unreadable, which counts as
// stale.
struct DeltaSeconds {
  bool present = false;
  std::optional<base::Seconds> value;
};

struct ResponseCacheControl {
  bool present = false;
  // Out of a field for caches such as this one (targeted_cache_control.hpp): Expires does not count.
  bool is_targeted = false;
  bool is_public = false;
  bool no_store = false;
  bool no_transform = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool immutable = false;
  bool no_cache = false;                     // without field names
  bool is_private = false;                   // without field names
  std::vector<std::string> no_cache_fields;  // lower case
  std::vector<std::string> private_fields;
  DeltaSeconds max_age;
  DeltaSeconds s_maxage;
  DeltaSeconds stale_while_revalidate;  // RFC 5861
  DeltaSeconds stale_if_error;
};

struct RequestCacheControl {
  bool no_store = false;
  bool no_cache = false;  // also Pragma: no-cache without any Cache-Control (RFC 9111 section 5.4)
  bool only_if_cached = false;
  DeltaSeconds max_age;
  DeltaSeconds min_fresh;
  bool max_stale_any = false;  // max-stale without a value
  DeltaSeconds max_stale;
};

// Directive names in any case; a quoted value is read as its content. Of a directive repeated with differing
// values the shortest lifetime wins (RFC 9111 section 4.2.1 lets a cache use the first or call the response
// stale).
ResponseCacheControl parse_response_cache_control(const Fields& response);
RequestCacheControl parse_request_cache_control(const Fields& request);

}  // namespace larder::http
