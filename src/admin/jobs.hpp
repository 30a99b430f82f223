// The list of jobs in JSON.
#pragma once
#include <nlohmann/json.hpp>

#include "larder/admin/purge_request.hpp"
#include "larder/admin/warm_request.hpp"
#include "larder/proxy/jobs.hpp"
#include "larder/proxy/site.hpp"

namespace larder::admin {

nlohmann::ordered_json json_of(const proxy::JobView& job);
// {"jobs": [...]}, newest first.
nlohmann::ordered_json json_of(const std::vector<proxy::JobView>& jobs);

proxy::JobOrder job_of(WarmOrder order, std::string cause);

// What a purge that wants its pages fetched again needs: made before the purge is carried out, begun after.
struct RefreshOrder {
  std::shared_ptr<const void> hold;  // of the sweep, which must not take the pages first
  std::vector<cache::Selector> selectors;
  bool is_wanted() const noexcept { return hold != nullptr; }
};
RefreshOrder order_refresh(const proxy::Site& site, const PurgeOrder& purge);
// The job's id; null where there are too many already: the purge stands all the same.
nlohmann::ordered_json begin_refresh(const proxy::Site& site, const RefreshOrder& order,
                                     std::uint64_t sequence);

// The ID of "/api/jobs/ID"; empty for any other path.
std::string_view job_id_of(std::string_view path) noexcept;

}  // namespace larder::admin
