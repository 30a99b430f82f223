// The endpoints of what the sidecar does by itself.
#include "admin/jobs.hpp"
#include "admin/responses.hpp"
#include "larder/admin/handler.hpp"

namespace larder::admin {

Response Handler::api_warm(const Request& request, const net::Peer&) {
  auto result = warm_order_of(request.body, *site_.config());
  if (const auto* error = std::get_if<WarmError>(&result)) return error_response(400, error->message);
  const auto id = site_.jobs->start(job_of(std::move(std::get<WarmOrder>(result)), "the API"));
  if (!id) {
    Response response = error_response(503, "too many jobs or pages wait already, or a drain has begun");
    response.fields.emplace_back("Retry-After", "10");
    return response;
  }
  Response response = json_response(202, {{"job", *id}});
  response.fields.emplace_back("Location", "/api/jobs/" + *id);
  return response;
}

Response Handler::api_jobs(const Request&, const net::Peer&) {
  return json_response(200, json_of(site_.jobs->list()));
}

// DELETE cancels; what is under way and wanted by nobody else ends at once.
Response Handler::api_job(const Request& request, const net::Peer&) {
  const std::string id(job_id_of(request.target.substr(0, request.target.find('?'))));
  auto job = site_.jobs->find(id);
  if (!job) return error_response(404, "no such job");
  if (request.method != "DELETE") return json_response(200, json_of(*job));
  if (!site_.jobs->cancel(id)) return error_response(409, "the job has ended already");
  job = site_.jobs->find(id);
  return json_response(200, json_of(job.value_or(proxy::JobView{})));
}

}  // namespace larder::admin
