// The query's part of the cache key; see key.hpp.
#pragma once
#include <string>
#include <string_view>

#include "larder/cache/route_policy.hpp"

namespace larder::cache {

// Appends normalise_query(query, rule) to `text`. Allocates nothing but the growth of `text`, up to 32
// parameters.
void append_normalised_query(std::string_view query, const QueryRule& rule, std::string& text);

}  // namespace larder::cache
