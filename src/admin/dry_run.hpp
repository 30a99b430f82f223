// What a purge would take, without purging.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>

#include "larder/admin/purge_request.hpp"
#include "larder/proxy/site.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::admin {

// Keys that are shown of what would go.
inline constexpr std::size_t keys_shown_max = 100;

// Walks the store at this pace: entries, bytes, entries by the first selector that names each, and the first
// keys. What an earlier purge has outdated already is not counted, nor by a soft one what is stale by one. Of
// a store that changes meanwhile it is near the truth. Nothing once the pace is stopped.
std::optional<nlohmann::ordered_json> preview_of(const proxy::Site& site, const PurgeOrder& order,
                                                 proxy::WalkPace& pace);

}  // namespace larder::admin
