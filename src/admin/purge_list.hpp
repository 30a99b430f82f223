// The answer to GET /api/purges.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "larder/cache/purge_log.hpp"

namespace larder::admin {

// As the log's lines, the metrics' label and the list have it: "PURGE", "api", "webhook", ...
std::string_view name_of(cache::PurgeCause cause) noexcept;
std::string_view name_of(cache::PurgeMode mode) noexcept;

// `?n=50` of the target; all of them without it; nothing when it is no number from 1 to 1000.
std::optional<std::size_t> lines_wanted(std::string_view target);
nlohmann::ordered_json purge_list_of(const cache::PurgeLog& log, std::size_t most);

}  // namespace larder::admin
