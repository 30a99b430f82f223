#include "admin/store_walk.hpp"

#include <exception>
#include <utility>

#include "admin/responses.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {

std::shared_ptr<LaterResponse> StoreWalks::begin(Look look) {
  if (is_stopped_ || is_busy_) return nullptr;
  if (thread_.joinable()) thread_.join();
  is_busy_ = true;
  auto later = std::make_shared<LaterResponse>();
  thread_ = std::thread([this, later, look = std::move(look)] {
    Response response = error_response(503, "the sidecar is stopping");
    try {
      if (const auto found = look(pace_)) response = json_response(200, *found);
    } catch (const std::exception& error) {
      obs::log_error(std::string("looking through the store: ") + error.what());
      response = error_response(500, "looking through the store failed");
    }
    is_busy_ = false;
    later->set(std::move(response));
  });
  return later;
}

void StoreWalks::stop() {
  is_stopped_ = true;
  pace_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace larder::admin
