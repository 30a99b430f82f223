// What `larder purge` and `larder stats` speak to a running sidecar with. Blocking; one request a connection.
#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "larder/base/time.hpp"

namespace larder::admin {

struct Answer {
  int status = 0;
  std::string body;
};
struct ClientError {
  std::string message;  // "cannot reach http://127.0.0.1:8081: Connection refused"
};

class Client {
 public:
  // `url`: http://host:port or unix:/path. `token` may be empty. A bad URL is an error of the first call.
  Client(std::string url, std::string token, base::Duration timeout = std::chrono::seconds(30));

  std::variant<Answer, ClientError> get(std::string_view path) const;
  std::variant<Answer, ClientError> post(std::string_view path, std::string_view json) const;

 private:
  std::variant<Answer, ClientError> call(std::string_view method, std::string_view path,
                                         std::string_view body) const;

  std::string url_;
  std::string token_;
  base::Duration timeout_;
};

}  // namespace larder::admin
