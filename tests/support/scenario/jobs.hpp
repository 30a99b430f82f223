// The sidecar's own jobs as an operator sees them: asked for and told of by the admin listener.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "support/scenario/larder.hpp"

namespace scenario {

// POST to the admin listener. Throws Failure where the answer is not `status`.
nlohmann::json post_json(const Larder& larder, std::string_view path, const nlohmann::json& body, int status);
nlohmann::json get_json(const Larder& larder, const std::string& path);

// POST /api/warm; the job's id.
std::string warm(const Larder& larder, const nlohmann::json& order);
// "http://www.example.com/a/" for "/a/": the host that scenarios ask for.
std::string url_of(std::string_view path);

nlohmann::json job(const Larder& larder, const std::string& id);
// Until it has ended, whatever became of it; as it is then.
nlohmann::json ended_job(const Larder& larder, const std::string& id);

}  // namespace scenario
