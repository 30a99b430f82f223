// The list of jobs in JSON.
#pragma once
#include <nlohmann/json.hpp>

#include "larder/admin/warm_request.hpp"
#include "larder/proxy/jobs.hpp"

namespace larder::admin {

nlohmann::ordered_json json_of(const proxy::JobView& job);
// {"jobs": [...]}, newest first.
nlohmann::ordered_json json_of(const std::vector<proxy::JobView>& jobs);

proxy::JobOrder job_of(WarmOrder order, std::string cause);

// The ID of "/api/jobs/ID"; empty for any other path.
std::string_view job_id_of(std::string_view path) noexcept;

}  // namespace larder::admin
