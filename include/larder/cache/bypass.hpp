// What in a request speaks against the cache: parameters that the route names, and fields that ask the
// upstream to take the request for another than the one that the key knows.
#pragma once
#include <string_view>

#include "larder/cache/route_policy.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// True when a parameter of the query, as it was sent, is on the route's bypass list. Names are compared as a
// server may read them: unescaped, '+' as a space, also behind ';', without what stands around them or in
// brackets behind them ("token[]").
bool has_bypass_parameter(std::string_view query, const QueryRule& rule);

// True when a field asks for another method (X-HTTP-Method-Override and its kin).
bool has_method_override(const http::Fields& request) noexcept;

}  // namespace larder::cache
