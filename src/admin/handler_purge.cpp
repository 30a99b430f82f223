// Purges: what the handler is asked to purge, and what it tells of earlier ones.
#include <algorithm>

#include "admin/dry_run.hpp"
#include "admin/jobs.hpp"
#include "admin/purge_list.hpp"
#include "admin/query.hpp"
#include "admin/responses.hpp"
#include "larder/admin/handler.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

// One replica in this version: itself.
nlohmann::ordered_json acknowledgement(std::uint64_t sequence) {
  return {{"sequence", sequence}, {"replicas", 1}, {"acknowledged", 1}};
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

Response Handler::carry_out(PurgeOrder order, cache::PurgeOrigin origin) {
  if (order.is_dry_run) return begin_dry_run(std::move(order));
  const std::vector<std::string> purged = texts_of(order.selectors);
  const std::string description = described(origin) + ":" + described(order);
  const bool is_soft = order.mode == cache::PurgeMode::soft;
  RefreshOrder refresh = order_refresh(site_, order);
  const std::uint64_t sequence = site_.purge(std::move(order.selectors), order.mode, std::move(origin));
  obs::log_info(std::string(is_soft ? "soft purge " : "purge ") + std::to_string(sequence) + " by " +
                description);
  nlohmann::ordered_json body = acknowledgement(sequence);
  body["purged"] = purged;
  if (refresh.is_wanted()) body["job"] = begin_refresh(site_, std::move(refresh), sequence);
  return json_response(200, body);
}

Response Handler::handle_purge(const Request& request, const net::Peer& peer) {
  auto result = order_of_purge(request);
  if (const auto* error = std::get_if<PurgeError>(&result)) return error_response(400, error->message);
  return carry_out(std::move(std::get<PurgeOrder>(result)), {cache::PurgeCause::method, {}, peer.text});
}

Response Handler::api_purge(const Request& request, const net::Peer& peer) {
  auto result = order_of_body(request.body);
  if (const auto* error = std::get_if<PurgeError>(&result)) return error_response(400, error->message);
  return carry_out(std::move(std::get<PurgeOrder>(result)), {cache::PurgeCause::api, {}, peer.text});
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
