// The answer to GET /api/hot.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>

#include "larder/proxy/site.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::admin {

inline constexpr std::size_t hot_shown_max = 1000;
inline constexpr std::size_t hot_shown_default = 50;

// Walks the store at this pace for so many of the responses that were given out most often lately, the
// hottest first: those that `larder warm --hot` would have fetched again. Without private copies, parts, what
// nobody has used and what a purge has outdated. Nothing once the pace is stopped.
std::optional<nlohmann::ordered_json> hot_list_of(const proxy::Site& site, std::size_t most,
                                                  proxy::WalkPace& pace);

}  // namespace larder::admin
