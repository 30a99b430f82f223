// What is answered by looking through the whole store (a purge's dry run, the hottest responses): on a thread
// of its own, at a pace, so that neither purges nor probes nor visitors wait for it. One at a time; the calls
// are the control thread's.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "admin/later_response.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::admin {

class StoreWalks {
 public:
  // Looks, and asks the pace at each response; the answer, or nothing once the pace is stopped. On the walk's
  // thread.
  using Look = std::function<std::optional<nlohmann::ordered_json>(proxy::WalkPace& pace)>;

  StoreWalks() = default;
  ~StoreWalks() { stop(); }
  StoreWalks(const StoreWalks&) = delete;
  StoreWalks& operator=(const StoreWalks&) = delete;

  // Nothing where one is under way.
  std::shared_ptr<LaterResponse> begin(Look look);
  // Ends the one under way, which is then answered with 503. None begins any more.
  void stop();

 private:
  proxy::WalkPace pace_;
  bool is_stopped_ = false;
  std::atomic<bool> is_busy_{false};
  std::thread thread_;
};

}  // namespace larder::admin
