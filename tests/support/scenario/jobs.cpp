#include "support/scenario/jobs.hpp"

namespace scenario {

using nlohmann::json;

json post_json(const Larder& larder, std::string_view path, const json& body, int status) {
  const Response answer =
      ask(larder.admin_port(), "POST", path, {"Content-Type: application/json"}, body.dump());
  if (answer.status != status)
    throw Failure("POST " + std::string(path) + " was answered by " + answer.head.start_line + "\n" +
                  answer.body);
  return json::parse(answer.body);
}

json get_json(const Larder& larder, const std::string& path) {
  const Response answer = get(larder.admin_port(), path);
  if (answer.status != 200)
    throw Failure("GET " + path + " was answered by " + answer.head.start_line + "\n" + answer.body);
  return json::parse(answer.body);
}

std::string warm(const Larder& larder, const json& order) {
  return post_json(larder, "/api/warm", order, 202)["job"];
}

std::string url_of(std::string_view path) {
  return "http://www.example.com" + std::string(path);
}

json job(const Larder& larder, const std::string& id) {
  return get_json(larder, "/api/jobs/" + id);
}

json ended_job(const Larder& larder, const std::string& id) {
  json last;
  wait_until("job " + id + " to end", [&] {
    last = job(larder, id);
    return !last["finished"].is_null();
  });
  return last;
}

}  // namespace scenario
