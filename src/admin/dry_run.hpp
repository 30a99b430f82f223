// What a purge would take, without purging: walks the store, on a thread of its own, so that neither purges
// nor probes wait for it. One at a time; the calls are the control thread's.
#pragma once
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "admin/later_response.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/proxy/site.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::admin {

// Keys that are shown of what would go.
inline constexpr std::size_t keys_shown_max = 100;

// Walks the store at this pace: entries, bytes, entries by the first selector that names each, and the first
// keys. What an earlier purge has outdated already is not counted, nor by a soft one what is stale by one. Of
// a store that changes meanwhile it is near the truth. Nothing once the pace is stopped.
std::optional<nlohmann::ordered_json> preview_of(const proxy::Site& site, const PurgeOrder& order,
                                                 proxy::WalkPace& pace);

class DryRuns {
 public:
  explicit DryRuns(const proxy::Site& site) : site_(site) {}
  ~DryRuns() { stop(); }
  DryRuns(const DryRuns&) = delete;
  DryRuns& operator=(const DryRuns&) = delete;

  // Nothing where one is under way.
  std::shared_ptr<LaterResponse> begin(PurgeOrder order);
  // Ends the one under way, which is then answered with 503. None begins any more.
  void stop();

 private:
  const proxy::Site& site_;
  proxy::WalkPace pace_;
  bool is_stopped_ = false;
  std::atomic<bool> is_busy_{false};
  std::thread thread_;
};

}  // namespace larder::admin
