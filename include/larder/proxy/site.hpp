// What all threads share: the store, the purge log, the flights, the way upstream, the clock. One per
// process.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "larder/cache/purge_log.hpp"
#include "larder/config/config.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/net/clock.hpp"
#include "larder/net/listener.hpp"
#include "larder/obs/observer.hpp"
#include "larder/obs/route_warnings.hpp"
#include "larder/proxy/flight_table.hpp"
#include "larder/proxy/purge_repeats.hpp"
#include "larder/store/memory_store.hpp"
#include "larder/store/redis_store.hpp"
#include "larder/upstream/pool.hpp"

namespace larder::proxy {

class Jobs;

// Purges carried out, by their cause and mode.
struct PurgeCounts {
  static constexpr std::size_t cause_count = static_cast<std::size_t>(cache::PurgeCause::count_);
  std::array<std::array<std::atomic<std::uint64_t>, 2>, cause_count> counts{};

  std::atomic<std::uint64_t>& of(cache::PurgeCause cause, cache::PurgeMode mode) noexcept {
    return counts[static_cast<std::size_t>(cause)][static_cast<std::size_t>(mode)];
  }
  std::uint64_t of(cache::PurgeCause cause, cache::PurgeMode mode) const noexcept {
    return counts[static_cast<std::size_t>(cause)][static_cast<std::size_t>(mode)].load(
        std::memory_order_relaxed);
  }
  std::uint64_t total() const noexcept;
};

class Site {
 public:
  explicit Site(config::ConfigPtr config);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  net::Clock clock;
  store::MemoryStore store;
  cache::PurgeLog purge_log;
  const std::unique_ptr<fleet::Fleet> fleet;  // null: this is the only replica (no store.redis)
  // Of stored responses; null where `fleet` is.
  const std::unique_ptr<store::RedisStore> second_level;
  FlightTable flights;
  std::shared_ptr<upstream::Pool> pool;
  const std::unique_ptr<Jobs> jobs;
  obs::RouteWarnings warnings;
  std::atomic<bool> is_draining{false};
  std::atomic<std::uint64_t> connections{0};  // of clients, in all workers
  // One for each worker, in order; made before the workers start, read by the admin.
  std::vector<std::unique_ptr<obs::Observer>> observers;
  PurgeCounts purges;
  // Successful answers to unsafe requests (RFC 9111 section 4.4), whether or not they outdated anything.
  std::atomic<std::uint64_t> unsafe_answers{0};

  std::uint64_t connections_max() const noexcept { return connections_max_.load(std::memory_order_relaxed); }

  // What may be used of what is stored. Read at a time that is read after the request's head, and before
  // purge_log.newest(). Any thread.
  fleet::Standing standing(base::MonoTime now) const noexcept {
    return fleet ? fleet->standing(now) : fleet::Standing::member;
  }

  // Answers a POST to an exposed webhook (`expose: public`), to a coroutine of that executor; set by who
  // serves the admin listener, before the workers start. Any thread; must not block.
  struct HookAnswer {
    int status = 404;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  std::function<net::Task<HookAnswer>(net::Executor executor, std::string target, http::Fields fields,
                                      std::string body, net::Peer peer)>
      answer_hook;

  // The configuration now in force, for threads that do not keep their own pointer. Takes a lock.
  config::ConfigPtr config() const;
  // True while a response gets the same tags by `config` as by the configuration now in force. Takes a lock.
  bool has_tags_of(const config::Config& config) const;
  void set_config(config::ConfigPtr config);

  // The selectors as the purge log knows them: host aliases resolved, the query of `url:` normalised as the
  // route's keys are. Any thread.
  std::vector<cache::Selector> canonical(std::vector<cache::Selector> selectors) const;
  // Appends to the purge log and returns the sequence: when it returns, nobody who asks this replica is
  // served what it replaced; other replicas learn of it soon. Makes the selectors canonical. Any thread;
  // never waits.
  std::uint64_t purge(std::vector<cache::Selector> selectors, cache::PurgeMode mode,
                      cache::PurgeOrigin origin);
  // The same for every replica: once `done` is told of an acknowledged one, nobody who asks any of them is
  // served what it replaced. A PURGE is noted for its repeats (`purge.settle`). `done` is called once, on the
  // caller's thread or another, within the lease and a second; it must not block. Never waits for the
  // upstream.
  using PurgeDone = std::function<void(const fleet::Publication& outcome)>;
  void purge_everywhere(std::vector<cache::Selector> selectors, cache::PurgeMode mode,
                        cache::PurgeOrigin origin, PurgeDone done);
  // Carries out the repeats that are due, at most so many that the caller's thread is free again within
  // milliseconds; true when more are due. None once a drain has begun.
  bool repeat_due();
  const PurgeRepeats& repeats() const noexcept { return repeats_; }

  // Removes what purges outdated, and what holds a place that `query.max_variants` has run out of and is past
  // its lifetime; lets the log forget what nothing can need any more. `may_go_on` is asked often: it may take
  // a rest, and false ends the sweep before its end. One at a time; the Sweeper's, about once a second.
  void sweep(const std::function<bool()>& may_go_on = {});
  // Called by purge() when the log should be swept before its time; set by who sweeps, before the workers
  // start. Any thread; must not block.
  std::function<void()> wake_sweeper;

 private:
  mutable std::mutex config_mutex_;
  config::ConfigPtr config_;
  std::atomic<std::uint64_t> connections_max_;
  void sweep_if_filling();
  std::function<void(std::uint64_t sequence)> repeats_of(const std::vector<cache::Selector>& selectors,
                                                         cache::PurgeMode mode,
                                                         const cache::PurgeOrigin& origin);
  // Of the sweep.
  base::MonoTime next_freeing_{};
  base::MonoTime next_period_{};  // of MemoryStore::end_period
  PurgeRepeats repeats_;
};

}  // namespace larder::proxy
