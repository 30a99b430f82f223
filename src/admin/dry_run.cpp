#include "admin/dry_run.hpp"

#include <set>

#include "admin/purge_list.hpp"
#include "larder/cache/selector_set.hpp"

namespace larder::admin {
namespace {

using Json = nlohmann::ordered_json;

struct Preview {
  explicit Preview(std::size_t selectors) : by_selector(selectors) {}

  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::vector<std::uint64_t> by_selector;
  std::set<std::string, std::less<>> keys;

  void add(const cache::StoredResponse& response, std::size_t selector) {
    ++entries;
    bytes += response.cost();
    ++by_selector[selector];
    // Without the cookies that a key may have behind its URL.
    if (keys.size() < keys_shown_max) keys.emplace(response.key().text.substr(0, response.key().url_end));
  }
};

Json json_of(const Preview& preview, const PurgeOrder& order, std::uint64_t sequence) {
  Json selectors = Json::array();
  for (std::size_t i = 0; i < order.selectors.size(); ++i) {
    selectors.push_back(
        {{"selector", cache::text_of(order.selectors[i])}, {"entries", preview.by_selector[i]}});
  }
  return {{"dry_run", true},
          {"sequence", sequence},
          {"mode", name_of(order.mode)},
          {"entries", preview.entries},
          {"bytes", preview.bytes},
          {"by_selector", std::move(selectors)},
          {"keys", preview.keys}};
}

}  // namespace

std::optional<Json> preview_of(const proxy::Site& site, const PurgeOrder& order, proxy::WalkPace& pace) {
  const std::vector<cache::Selector> selectors = site.canonical(order.selectors);
  const cache::SelectorSet set(selectors);
  const std::uint64_t newest = site.purge_log.newest();
  const bool is_soft = order.mode == cache::PurgeMode::soft;
  Preview preview(selectors.size());
  bool goes_on = true;
  const auto visit = [&](const cache::StoredPtr& response, std::uint32_t) {
    const auto selector = set.first_match(*response);
    if (selector) {
      const cache::Validity validity = site.purge_log.validity(*response, newest);
      const bool has_gone =
          is_soft ? validity != cache::Validity::valid : validity == cache::Validity::outdated;
      if (!has_gone) preview.add(*response, *selector);
    }
    goes_on = pace.may_go_on();
    return goes_on;
  };
  for (std::size_t shard = 0; shard < site.store.shard_count() && goes_on; ++shard) {
    site.store.walk_shard(shard, visit);
  }
  if (!goes_on) return std::nullopt;
  return json_of(preview, order, newest);
}

}  // namespace larder::admin
