// `purge:`.
#include <algorithm>

#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

// Repeats of one PURGE, and how long after it the last may come: a transaction that takes longer than this to
// commit holds up more than a cache.
constexpr std::size_t repeats_max = 10;
constexpr Range<base::Duration> settle_range{std::chrono::milliseconds(250), std::chrono::minutes(10)};

void read_settle(const Value& value, std::vector<base::Duration>& settle) {
  const auto items = value.items("a list of durations, such as [2s]");
  if (items.size() > repeats_max)
    value.fail("expected at most " + std::to_string(repeats_max) + " durations");
  for (const Value& item : items) {
    if (const auto after = read_duration(item, settle_range)) settle.push_back(*after);
  }
  std::sort(settle.begin(), settle.end());
}

}  // namespace

void read_purge(const Value& value, Config& config) {
  value.section({{"settle", [&](const Value& settle) { read_settle(settle, config.purge.settle); }},
                 {"refresh", [&](const Value& refresh) { read_refresh(refresh, config); }}});
}

}  // namespace larder::config
