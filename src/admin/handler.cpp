#include "larder/admin/handler.hpp"

#include <algorithm>
#include <array>

#include "admin/access.hpp"
#include "admin/hook_ids.hpp"
#include "admin/hot_list.hpp"
#include "admin/jobs.hpp"
#include "admin/query.hpp"
#include "admin/responses.hpp"
#include "admin/stats.hpp"
#include "admin/store_walk.hpp"
#include "admin/upstream_watch.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/base/text.hpp"
#include "larder/obs/log.hpp"
#include "larder/obs/metrics.hpp"

namespace larder::admin {
namespace {

bool is_member(std::string_view list, std::string_view word) noexcept {
  while (const auto member = http::next_member(list)) {
    if (*member == word) return true;
  }
  return false;
}

bool is_json(const http::Fields& fields) {
  const std::string_view value = fields.find("Content-Type").value_or("");
  return base::equals_ignoring_case(base::trim(value.substr(0, value.find(';'))), "application/json");
}

}  // namespace

struct Handler::Endpoint {
  std::string_view path;
  std::string_view methods;  // as Allow lists them
  bool is_open;              // to everyone
  Response (Handler::*answer)(const Request&, const net::Peer&);
};

const Handler::Endpoint* Handler::find_endpoint(std::string_view path) noexcept {
  static constexpr std::string_view get = "GET, HEAD";
  static constexpr std::array<Endpoint, 13> endpoints = {
      {{"/livez", get, true, &Handler::livez},
       {"/readyz", get, true, &Handler::readyz},
       {"/startupz", get, true, &Handler::startupz},
       {"/metrics", get, false, &Handler::metrics},
       {"/api/stats", get, false, &Handler::api_stats},
       {"/api/routes", get, false, &Handler::api_routes},
       {"/api/hot", get, false, &Handler::api_hot},
       {"/api/purges", get, false, &Handler::api_purges},
       {"/api/purge", "POST", false, &Handler::api_purge},
       {"/api/replicas", get, false, &Handler::api_replicas},
       {"/api/warm", "POST", false, &Handler::api_warm},
       {"/api/jobs", get, false, &Handler::api_jobs},
       {"/api/jobs/", "GET, HEAD, DELETE", false, &Handler::api_job}}};
  if (!job_id_of(path).empty()) path = "/api/jobs/";
  const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                  [&](const Endpoint& endpoint) { return endpoint.path == path; });
  return found == endpoints.end() ? nullptr : &*found;
}

Handler::Handler(proxy::Site& site)
    : site_(site),
      started_(site.clock.mono()),
      hook_ids_(std::make_unique<HookIds>()),
      upstream_watch_(std::make_unique<UpstreamWatch>()),
      walks_(std::make_unique<StoreWalks>()) {}

Handler::~Handler() = default;

void Handler::stop() {
  walks_->stop();
}

std::optional<Response> Handler::refuse_endpoint(const Endpoint& endpoint, const Request& request,
                                                 const net::Peer& peer, const config::Config& config) {
  const bool is_post = endpoint.methods == "POST";
  if (!is_member(endpoint.methods, request.method)) return method_not_allowed(endpoint.methods);
  if (endpoint.is_open) return std::nullopt;
  if (auto refusal = refuse_stranger(config.admin_listener, request, peer)) return refusal;
  if (auto refusal = refuse_foreign_page(config.admin_listener, request)) return refusal;
  // A form of another site's page cannot send this type, and its script may not without asking first.
  if (is_post && !is_json(request.fields))
    return error_response(415, "expected Content-Type: application/json");
  return std::nullopt;
}

std::optional<Response> Handler::refuse_early(const Request& request, const net::Peer& peer) {
  const config::ConfigPtr config = site_.config();
  if (request.method == "PURGE") {
    if (auto refusal = refuse_stranger(config->admin_listener, request, peer)) return refusal;
    return refuse_foreign_page(config->admin_listener, request);
  }
  const std::string_view path = path_of(request.target);
  if (const Endpoint* endpoint = find_endpoint(path))
    return refuse_endpoint(*endpoint, request, peer, *config);
  const config::Webhook* hook = find_hook(*config, path);
  if (hook == nullptr) return error_response(404, "no such endpoint");
  if (request.method != "POST") return method_not_allowed("POST");
  return refuse_hook_early(*hook, request, peer, *config);
}

Response Handler::handle(const Request& request, const net::Peer& peer) {
  if (auto refusal = refuse_early(request, peer)) return std::move(*refusal);
  if (request.method == "PURGE") return handle_purge(request, peer);
  const std::string_view path = path_of(request.target);
  if (const Endpoint* endpoint = find_endpoint(path)) return (this->*endpoint->answer)(request, peer);
  const config::ConfigPtr config = site_.config();
  const config::Webhook* hook = find_hook(*config, path);
  // A reload may have taken it away since.
  return hook == nullptr ? error_response(404, "no such endpoint") : handle_hook(*hook, request, peer);
}

Response Handler::api_stats(const Request&, const net::Peer&) {
  const obs::Totals totals = obs::totals_of(site_.observers, *site_.config());
  const base::Duration uptime = site_.clock.mono() - started_;
  return json_response(200, stats_of(site_, totals, upstream_watch_->state(totals), uptime));
}

Response Handler::api_routes(const Request&, const net::Peer&) {
  const obs::Totals totals = obs::totals_of(site_.observers, *site_.config());
  return json_response(200, {{"routes", routes_of(totals)}});
}

Response Handler::api_hot(const Request& request, const net::Peer&) {
  const auto wanted = number_wanted(request.target, hot_shown_default, hot_shown_max);
  if (!wanted) return error_response(400, "'n' expects a number from 1 to " + std::to_string(hot_shown_max));
  return begin_walk(
      [&site = site_, most = *wanted](proxy::WalkPace& pace) { return hot_list_of(site, most, pace); });
}

Response Handler::begin_walk(std::function<std::optional<nlohmann::ordered_json>(proxy::WalkPace&)> look) {
  Response response;
  response.later = walks_->begin(std::move(look));
  if (response.later) return response;
  response = error_response(503, "the store is being looked through for another request");
  response.fields.emplace_back("Retry-After", "1");
  return response;
}

Response Handler::api_replicas(const Request&, const net::Peer&) {
  if (!site_.fleet) return error_response(404, "this is the only replica: store.redis is not configured");
  return json_response(200, replicas_of(*site_.fleet));
}

Response Handler::metrics(const Request&, const net::Peer&) {
  const obs::Totals totals = obs::totals_of(site_.observers, *site_.config());
  Response response;
  response.content_type = obs::MetricPage::content_type;
  response.body = metrics_of(site_, totals, run_state_, hooks_);
  return response;
}

Response Handler::livez(const Request&, const net::Peer&) {
  return json_response(200, {{"status", "alive"}});
}

// A dead upstream is a field and no 503: stale pages are still worth serving. So is a Redis that is lost
// later: on_loss says what is served then.
Response Handler::readyz(const Request&, const net::Peer&) {
  const bool is_draining = site_.is_draining;
  const bool has_log = !site_.fleet || site_.fleet->has_joined();
  const bool is_ready = run_state_.is_started && has_log && !is_draining;
  const std::string_view status = is_draining ? "draining" : is_ready ? "ready" : "starting";
  const obs::Totals totals = obs::totals_of(site_.observers, *site_.config());
  const std::string_view upstream_state = upstream_watch_->state(totals);
  nlohmann::ordered_json upstream = {{"state", upstream_state}};
  if (site_.pool) upstream["name"] = site_.pool->upstream().name;
  nlohmann::ordered_json body = {{"status", status}, {"upstream", std::move(upstream)}};
  if (site_.fleet) body["redis"] = {{"lease", site_.fleet->view().holds_lease}};
  return json_response(is_ready ? 200 : 503, body);
}

Response Handler::startupz(const Request&, const net::Peer&) {
  const bool is_started = run_state_.is_started;
  return json_response(is_started ? 200 : 503, {{"status", is_started ? "started" : "starting"}});
}

}  // namespace larder::admin
