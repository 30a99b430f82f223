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

std::string_view path_of(std::string_view target) noexcept {
  if (!target.starts_with('/')) {
    const std::size_t authority = target.find("://");
    if (authority == std::string_view::npos) return target;
    const std::size_t path = target.find('/', authority + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target.substr(0, target.find('?'));
}

Response method_not_allowed(std::string_view allowed) {
  Response response = error_response(405, "expected " + std::string(allowed));
  response.fields.emplace_back("Allow", allowed);
  return response;
}

}  // namespace larder::admin
