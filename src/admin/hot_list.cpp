#include "admin/hot_list.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/proxy/hottest.hpp"

namespace larder::admin {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t seconds_of(base::Duration duration) {
  return std::chrono::floor<std::chrono::seconds>(duration).count();
}

Json json_of(const proxy::HotPage& page, const config::Config& config, base::MonoTime now) {
  const cache::StoredResponse& response = *page.response;
  const cache::KeyView key = response.key();
  // The key's URL, without the cookies that it may have behind it.
  return {{"url", key.text.substr(0, key.url_end)},
          {"route", config::policy_for(config, key.path()).name},
          {"status", response.status()},
          {"uses", page.uses},
          {"bytes", response.cost()},
          {"age", seconds_of(response.freshness.age(now))},
          {"ttl", seconds_of(response.freshness.remaining(now))}};
}

}  // namespace

std::optional<Json> hot_list_of(const proxy::Site& site, std::size_t most, proxy::WalkPace& pace) {
  std::vector<proxy::Hottest> seekers;
  seekers.emplace_back(most);
  const bool is_whole =
      proxy::look_through(site.store, site.purge_log, seekers, [&pace] { return pace.may_go_on(); });
  if (!is_whole) return std::nullopt;
  const config::ConfigPtr config = site.config();
  const base::MonoTime now = site.clock.mono();
  Json list = Json::array();
  for (const proxy::HotPage& page : seekers.front().take()) list.push_back(json_of(page, *config, now));
  return Json{{"hot", std::move(list)}};
}

}  // namespace larder::admin
