#include "larder/admin/message.hpp"

#include "admin/responses.hpp"

namespace larder::admin {

Response json_response(int status, const nlohmann::ordered_json& body) {
  Response response;
  response.status = status;
  // What the answer quotes may be any bytes.
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

Response error_response(int status, std::string_view message) {
  return json_response(status, {{"error", message}});
}

}  // namespace larder::admin
