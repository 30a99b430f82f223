// Wakes one waiting coroutine. Both sides on the same thread; another thread posts to the executor first.
#pragma once
#include "larder/net/types.hpp"

namespace larder::net {

class Notifier {
 public:
  explicit Notifier(const Executor& executor) : timer_(executor) {
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  // Remembered when nobody waits yet.
  void notify() {
    is_set_ = true;
    timer_.cancel();
  }
  // Returns once notified since the last wait. One waiter at a time; whoever waits has given everything that
  // could wake it a deadline of its own.
  Task<void> wait();

 private:
  Timer timer_;
  bool is_set_ = false;
};

}  // namespace larder::net
