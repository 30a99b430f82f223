#include "larder/net/task.hpp"

#include <string>

#include "larder/obs/log.hpp"

namespace larder::net::detail {

void note_unhandled(const std::exception_ptr& failure) noexcept {
  try {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      obs::log_error(std::string("a task ended unexpectedly: ") + error.what());
    }
  } catch (...) {
    obs::log_error("a task ended unexpectedly");  // not even memory for more
  }
}

}  // namespace larder::net::detail
