#include "larder/proxy/site.hpp"

#include <algorithm>

#include "larder/http/target.hpp"
#include "larder/proxy/jobs.hpp"

namespace larder::proxy {
namespace {

// A walk over a full store takes a while, and somebody may ask for more queries than there are places all
// day.
constexpr base::Duration freeing_period = std::chrono::seconds(10);
// After which a use counts half: long enough to tell the pages of this hour from those of the night.
constexpr base::Duration use_period = std::chrono::minutes(10);
// A thousand appended lines take a millisecond or two.
constexpr std::size_t repeats_at_once_max = 1000;

// Aliases and their name share entries, so a purge of one names all.
void canonicalise_host(const config::Config& config, std::string& host) {
  if (host.empty()) return;
  if (const auto name = config.canonical_host(host)) host.assign(*name);
}

// The key of a `url:` selector is made as a request's would be.
void canonicalise_url(const config::Config& config, cache::Selector& selector) {
  http::Target target;
  const bool is_any_host = selector.value.starts_with('/');
  const std::string url = (is_any_host ? "http://any" : "http://") + selector.value;
  if (http::parse_url(url, target) != http::TargetError::none) return;
  canonicalise_host(config, target.host);
  const cache::RoutePolicy& policy = config::policy_for(config, target.path);
  cache::CacheKey key;
  cache::make_key(target, {}, policy, key);
  const std::string_view canonical = key.url();
  selector.value.assign(is_any_host ? canonical.substr(canonical.find('/')) : canonical);
}

}  // namespace

std::uint64_t PurgeCounts::total() const noexcept {
  std::uint64_t total = 0;
  for (const auto& modes : counts) {
    for (const std::atomic<std::uint64_t>& count : modes) total += count.load(std::memory_order_relaxed);
  }
  return total;
}

Site::Site(config::ConfigPtr config)
    : store(config->memory_size),
      fleet(config->redis ? std::make_unique<fleet::Fleet>(*config->redis, purge_log, clock,
                                                           [this] { sweep_if_filling(); })
                          : nullptr),
      second_level(config->redis ? std::make_unique<store::RedisStore>(*config->redis, clock) : nullptr),
      pool(std::make_shared<upstream::Pool>(config->upstreams.front(), clock)),
      jobs(std::make_unique<Jobs>(*this)),
      config_(std::move(config)),
      connections_max_(config_->limits.connections) {}

Site::~Site() = default;

config::ConfigPtr Site::config() const {
  const std::scoped_lock lock(config_mutex_);
  return config_;
}

bool Site::has_tags_of(const config::Config& config) const {
  const config::ConfigPtr current = this->config();
  return current.get() == &config || config::has_same_tags(*current, config);
}

void Site::set_config(config::ConfigPtr config) {
  connections_max_.store(config->limits.connections, std::memory_order_relaxed);
  warnings.forget();
  const std::scoped_lock lock(config_mutex_);
  config_ = std::move(config);
}

std::vector<cache::Selector> Site::canonical(std::vector<cache::Selector> selectors) const {
  const config::ConfigPtr current = config();
  for (cache::Selector& selector : selectors) {
    canonicalise_host(*current, selector.host);
    if (selector.kind == cache::SelectorKind::host) canonicalise_host(*current, selector.value);
    if (selector.kind == cache::SelectorKind::url) canonicalise_url(*current, selector);
  }
  return selectors;
}

void Site::sweep_if_filling() {
  if (purge_log.is_filling() && wake_sweeper) wake_sweeper();
}

std::uint64_t Site::purge(std::vector<cache::Selector> selectors, cache::PurgeMode mode,
                          cache::PurgeOrigin origin) {
  purges.of(origin.cause, mode).fetch_add(1, std::memory_order_relaxed);
  fleet::Line line{canonical(std::move(selectors)), mode, clock.wall(), std::move(origin)};
  const std::uint64_t sequence =
      fleet ? fleet->append(std::move(line))
            : purge_log.append(std::move(line.selectors), line.mode, line.at, std::move(line.origin));
  sweep_if_filling();
  return sequence;
}

void Site::purge_everywhere(std::vector<cache::Selector> selectors, cache::PurgeMode mode,
                            cache::PurgeOrigin origin, PurgeDone done) {
  purges.of(origin.cause, mode).fetch_add(1, std::memory_order_relaxed);
  fleet::Line line{canonical(std::move(selectors)), mode, clock.wall(), std::move(origin)};
  auto repeat = repeats_of(line.selectors, mode, line.origin);
  const auto told = [repeat = std::move(repeat), done = std::move(done)](const fleet::Publication& outcome) {
    if (repeat) repeat(outcome.sequence);
    done(outcome);
  };
  if (fleet) {
    fleet->publish(std::move(line), told);
    return;
  }
  fleet::Publication outcome;
  outcome.is_acknowledged = true;
  outcome.sequence = purge_log.append(std::move(line.selectors), line.mode, line.at, std::move(line.origin));
  outcome.replicas = outcome.acknowledged = 1;
  sweep_if_filling();
  told(outcome);
}

// Notes a PURGE for its repeats, once its sequence is known; null where there are none.
std::function<void(std::uint64_t)> Site::repeats_of(const std::vector<cache::Selector>& selectors,
                                                    cache::PurgeMode mode, const cache::PurgeOrigin& origin) {
  if (origin.cause != cache::PurgeCause::method) return {};
  std::vector<base::Duration> settle = config()->purge.settle;
  if (settle.empty()) return {};
  PurgeRepeat repeat{selectors, mode, {cache::PurgeCause::settle, {}, origin.peer}};
  return [this, settle = std::move(settle), repeat = std::move(repeat)](std::uint64_t sequence) mutable {
    repeat.origin.detail = "of " + std::to_string(sequence);
    const base::MonoTime now = clock.mono();
    for (const base::Duration after : settle) repeats_.add(repeat, now + after);
  };
}

bool Site::repeat_due() {
  if (is_draining) return false;
  std::vector<PurgeRepeat> due = repeats_.take_due(clock.mono(), repeats_at_once_max);
  for (PurgeRepeat& repeat : due) {
    purge(std::move(repeat.selectors), repeat.mode, std::move(repeat.origin));
  }
  return due.size() == repeats_at_once_max;
}

void Site::sweep(const std::function<bool()>& may_go_on) {
  const base::MonoTime now = clock.mono();
  if (now >= next_freeing_ && store.free_places(now)) next_freeing_ = now + freeing_period;
  if (now >= next_period_) {
    next_period_ = now + use_period;
    store.end_period();
  }
  const std::uint64_t newest = purge_log.begin_sweep();
  // Once `newest` has been read: what is to be fetched again is found before it is taken out.
  bool goes_on = true;
  const auto ask = [&] {
    goes_on = goes_on && (!may_go_on || may_go_on());
    return goes_on;
  };
  if (!jobs->search(ask)) return;
  // Read before the sweep begins: what lands behind it began no earlier than this.
  const std::uint64_t floor = std::min(newest, flights.oldest_sequence(newest));
  // Nothing has been outdated since, and while the same flight is under way nothing more can be forgotten.
  const bool is_forgotten = fleet || floor <= purge_log.floor();
  if (newest == purge_log.swept_through() && is_forgotten) return;
  // A line that came after `newest` counts too. Its purge was announced before it was appended: whoever sees
  // the line sees that. What is spared stays outdated, and the next sweep takes it.
  const auto is_dead = [&](const cache::StoredResponse& response) {
    return purge_log.validity(response, newest) == cache::Validity::outdated && !jobs->is_search_announced();
  };
  const auto is_mark_dead = [&](const cache::CacheKey& key, const store::HitForMiss& mark) {
    // A mark knows no captures; one that a capture's purge should have taken lives on for its two minutes at
    // most.
    return mark.expires_at <= now || purge_log.is_outdated({key, {}}, mark.sequence);
  };
  for (std::size_t shard = 0; shard < store.shard_count() && goes_on; ++shard) {
    store.sweep_shard(shard, is_dead, is_mark_dead, ask);
  }
  if (!goes_on) return;
  purge_log.end_sweep(newest);
  if (fleet) {
    // What stands in Redis no sweep removes: the lines tell whether it is valid.
    purge_log.forget_beyond(floor, cache::PurgeLog::selectors_max / 2);
  } else {
    purge_log.forget_through(floor);
  }
}

}  // namespace larder::proxy
