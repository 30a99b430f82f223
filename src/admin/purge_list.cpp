#include "admin/purge_list.hpp"

#include <ctime>

namespace larder::admin {
namespace {

using Json = nlohmann::ordered_json;

// ISO 8601, UTC, milliseconds.
std::string text_of(base::WallTime time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since - seconds);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds.count()).substr(1);
  return std::string(text.data(), size) + "." + fraction + "Z";
}

Json json_of(const cache::PurgeLine& line) {
  Json selectors = Json::array();
  for (const cache::Selector& selector : line.selectors) selectors.push_back(cache::text_of(selector));
  Json json = {
      {"sequence", line.sequence},         {"time", text_of(line.at)},  {"cause", name_of(line.origin.cause)},
      {"detail", line.origin.detail},      {"peer", line.origin.peer},  {"mode", name_of(line.mode)},
      {"selectors", std::move(selectors)}, {"outdated", line.outdated}, {"overtaken", line.overtaken},
      {"counted", line.is_counted}};
  if (line.origin.detail.empty()) json.erase("detail");
  if (line.origin.peer.empty()) json.erase("peer");
  return json;
}

}  // namespace

std::string_view name_of(cache::PurgeCause cause) noexcept {
  switch (cause) {
    case cache::PurgeCause::method:
      return "PURGE";
    case cache::PurgeCause::api:
      return "api";
    case cache::PurgeCause::webhook:
      return "webhook";
    case cache::PurgeCause::unsafe_method:
      return "unsafe_method";
    case cache::PurgeCause::log_out:
      return "log_out";
    case cache::PurgeCause::settle:
      return "settle";
    case cache::PurgeCause::reload:
      return "reload";
    case cache::PurgeCause::epoch:
      return "epoch";
    case cache::PurgeCause::count_:
      break;
  }
  return "";
}

std::string_view name_of(cache::PurgeMode mode) noexcept {
  return mode == cache::PurgeMode::hard ? "hard" : "soft";
}

// Newest first.
Json purge_list_of(const cache::PurgeLog& log, std::size_t most) {
  const std::vector<cache::PurgeLine> lines = log.recent(most);
  Json purges = Json::array();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) purges.push_back(json_of(*line));
  return {{"newest", log.newest()},
          {"swept_through", log.swept_through()},
          {"floor", log.floor()},
          {"purges", std::move(purges)}};
}

}  // namespace larder::admin
