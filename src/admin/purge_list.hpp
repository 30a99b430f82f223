// The answer to GET /api/purges.
#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "larder/cache/purge_log.hpp"

namespace larder::admin {

// As the log's lines, the metrics' label and the list have it: "PURGE", "api", "webhook", ...
std::string_view name_of(cache::PurgeCause cause) noexcept;
std::string_view name_of(cache::PurgeMode mode) noexcept;

nlohmann::ordered_json purge_list_of(const cache::PurgeLog& log, std::size_t most);

}  // namespace larder::admin
