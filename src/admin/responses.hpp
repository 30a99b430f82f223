// Answers in JSON.
#pragma once
#include <nlohmann/json.hpp>

#include "larder/admin/message.hpp"

namespace larder::admin {

Response json_response(int status, const nlohmann::ordered_json& body);
Response method_not_allowed(std::string_view allowed);

}  // namespace larder::admin
