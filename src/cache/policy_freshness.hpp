// How long a response is fresh: RFC 9111 section 4.2, and what the route adds to it (route_policy.hpp).
#pragma once
#include <optional>

#include "larder/cache/policy.hpp"

namespace larder::cache {

// RFC 9110 section 15.1.
bool is_heuristically_cacheable(int status) noexcept;

// The lifetime that the response itself gives: s-maxage, else max-age, else Expires (section 4.2.1), which
// beside a targeted field does not count. Zero when the one that counts is unreadable. Nothing when none is
// there.
std::optional<base::Duration> explicit_lifetime(const http::ResponseHead& response,
                                                const http::ResponseCacheControl& control,
                                                const FetchTimes& times);

// corrected_initial_age of section 4.2.3.
base::Duration initial_age(const http::ResponseHead& response, const FetchTimes& times);

struct Lifetime {
  std::optional<base::Duration> value;  // nothing: neither explicit, nor of the route, nor heuristic
  bool is_given_by_route = false;
};
Lifetime lifetime_of(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                     const RoutePolicy& policy, const FetchTimes& times);

Freshness freshness_of(const http::ResponseHead& response, const http::ResponseCacheControl& control,
                       const RoutePolicy& policy, const FetchTimes& times, const Lifetime& lifetime);

}  // namespace larder::cache
