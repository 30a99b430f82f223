#include "larder/net/notifier.hpp"

namespace larder::net {

Task<void> Notifier::wait() {
  while (!is_set_) {
    ErrorCode ignored;
    co_await timer_.async_wait(use_task(ignored));
  }
  is_set_ = false;
}

}  // namespace larder::net
