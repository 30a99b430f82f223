// Purges: what the handler is asked to purge, and what it tells of earlier ones.
#include <algorithm>

#include "admin/dry_run.hpp"
#include "admin/jobs.hpp"
#include "admin/later_response.hpp"
#include "admin/purge_list.hpp"
#include "admin/query.hpp"
#include "admin/responses.hpp"
#include "larder/admin/handler.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

nlohmann::ordered_json json_of(const fleet::Publication& outcome) {
  nlohmann::ordered_json json = {
      {"sequence", outcome.sequence}, {"replicas", outcome.replicas}, {"acknowledged", outcome.acknowledged}};
  if (outcome.is_acknowledged) return json;
  json["error"] = outcome.error;
  json["laggards"] = outcome.laggards;
  return json;
}

std::string described(const PurgeOrder& order) {
  constexpr std::size_t shown_max = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(order.selectors.size(), shown_max); ++i) {
    text += " " + cache::text_of(order.selectors[i]).substr(0, 200);
  }
  if (order.selectors.size() > shown_max)
    text += " and " + std::to_string(order.selectors.size() - shown_max) + " more";
  return text;
}

std::vector<std::string> texts_of(const std::vector<cache::Selector>& selectors) {
  std::vector<std::string> texts;
  texts.reserve(selectors.size());
  for (const cache::Selector& selector : selectors) texts.push_back(cache::text_of(selector));
  return texts;
}

std::string described(const cache::PurgeOrigin& origin) {
  std::string text(name_of(origin.cause));
  if (!origin.detail.empty()) text += " " + origin.detail;
  return text + " from " + origin.peer;
}

// What is told of a purge once it is over.
struct Carried {
  std::vector<std::string> purged;
  std::string kind;
  std::string description;
  RefreshOrder refresh;
};

Response answer_of(const proxy::Site& site, const Carried& carried, const fleet::Publication& outcome) {
  const std::string name = carried.kind + std::to_string(outcome.sequence);
  obs::log_info(name + " by " + carried.description);
  nlohmann::ordered_json body = json_of(outcome);
  body["purged"] = carried.purged;
  if (carried.refresh.is_wanted()) body["job"] = begin_refresh(site, carried.refresh, outcome.sequence);
  if (outcome.is_acknowledged) return json_response(200, body);
  obs::log_warning(name + ": " + outcome.error);
  Response response = json_response(503, body);
  response.fields.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

bool Handler::is_flooded() const {
  const cache::PurgeLog& log = site_.purge_log;
  return log.is_filling() && log.line_count() > cache::PurgeLog::selectors_max / 2;
}

Response Handler::begin_dry_run(PurgeOrder order) {
  return begin_walk([&site = site_, order = std::move(order)](proxy::WalkPace& pace) {
    return preview_of(site, order, pace);
  });
}

// Where there are other replicas, the answer comes later: `done` is then called on another thread.
Response Handler::carry_out(PurgeOrder order, cache::PurgeOrigin origin, PurgeDone done) {
  if (order.is_dry_run) return begin_dry_run(std::move(order));
  const auto carried = std::make_shared<Carried>();
  carried->purged = texts_of(order.selectors);
  carried->kind = order.mode == cache::PurgeMode::soft ? "soft purge " : "purge ";
  carried->description = described(origin) + ":" + described(order);
  carried->refresh = order_refresh(site_, order);
  const auto later = std::make_shared<LaterResponse>();
  const auto told = [&site = site_, later, carried,
                     done = std::move(done)](const fleet::Publication& outcome) {
    later->set(answer_of(site, *carried, outcome));
    if (done) done(outcome.is_acknowledged);
  };
  site_.purge_everywhere(std::move(order.selectors), order.mode, std::move(origin), told);
  if (auto answer = later->take()) return std::move(*answer);
  Response response;
  response.later = later;
  return response;
}

Response Handler::handle_purge(const Request& request, const net::Peer& peer) {
  auto result = order_of_purge(request);
  if (const auto* error = std::get_if<PurgeError>(&result)) return error_response(400, error->message);
  return carry_out(std::move(std::get<PurgeOrder>(result)), {cache::PurgeCause::method, {}, peer.text}, {});
}

Response Handler::api_purge(const Request& request, const net::Peer& peer) {
  auto result = order_of_body(request.body);
  if (const auto* error = std::get_if<PurgeError>(&result)) return error_response(400, error->message);
  return carry_out(std::move(std::get<PurgeOrder>(result)), {cache::PurgeCause::api, {}, peer.text}, {});
}

Response Handler::api_purges(const Request& request, const net::Peer&) {
  const auto wanted = number_wanted(request.target, cache::PurgeLog::recent_max, cache::PurgeLog::recent_max);
  if (!wanted) {
    return error_response(400,
                          "'n' expects a number from 1 to " + std::to_string(cache::PurgeLog::recent_max));
  }
  return json_response(200, purge_list_of(site_.purge_log, *wanted));
}

}  // namespace larder::admin
