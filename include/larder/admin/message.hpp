// A request to the admin listener and its answer, as values: what handles them needs no socket.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "larder/http/fields.hpp"

namespace larder::admin {

inline constexpr std::size_t header_size_max = std::size_t{16} * 1024;
inline constexpr std::size_t body_size_max = std::size_t{1024} * 1024;  // a webhook's event; more is 413

struct Request {
  std::string method;
  std::string target;  // as received
  http::Fields fields;
  std::string body;
};

class LaterResponse;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // beside Content-Type and Content-Length
  std::shared_ptr<LaterResponse> later;  // another thread computes the answer, and this is not it
};

// "http://host/path?query" and "/path?query" -> "/path"
std::string_view path_of(std::string_view target) noexcept;

// {"error": "..."}: what is wrong, for whoever reads the answer.
Response error_response(int status, std::string_view message);

}  // namespace larder::admin
