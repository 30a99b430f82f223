// Cache directives for some caches only: targeted fields (RFC 9213), which are structured fields, and the
// older Surrogate-Control.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/http/cache_control.hpp"

namespace larder::http {

// What the lines of that name say. Nothing when there are none, when they are empty or break the grammar of
// RFC 9651, or when a directive that is known here has a value of another type than its own: the field is
// then to be ignored whole (RFC 9213 section 2.1, RFC 9651 section 2.2).
//
// Surrogate-Control has the grammar of "Edge Architecture Specification 1.0" (W3C Note, 2001): max-age=N, or
// N+M with M the seconds past N for which it may be served stale, no-store, and the restrictions of
// Cache-Control. A directive aimed at another surrogate (";name") is ignored; one aimed at ";larder" goes
// before one that is aimed at all. Nothing too when it says nothing about storing.
std::optional<ResponseCacheControl> parse_targeted_cache_control(const Fields& response,
                                                                 std::string_view name);

// What counts for this cache: the first of `targets` that gives something, else Cache-Control (RFC 9213
// section 2.2).
ResponseCacheControl effective_cache_control(const Fields& response, const std::vector<std::string>& targets);

}  // namespace larder::http
