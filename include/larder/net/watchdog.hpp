// A deadline on whatever a socket is doing: when it passes, the socket's operations are cancelled and
// `has_fired` says why. One thread.
#pragma once
#include <cstdint>
#include <memory>

#include "larder/base/time.hpp"
#include "larder/net/types.hpp"

namespace larder::net {

class Watchdog {
 public:
  explicit Watchdog(const Executor& executor) : timer_(std::make_shared<Timer>(executor)) {}
  ~Watchdog() { disarm(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Replaces a running deadline. `cancel` is called at most once, on this thread, and never after disarm().
  template <typename Cancel>
  void arm(base::Duration within, Cancel cancel) {
    has_fired_ = false;
    timer_->expires_after(within);
    // The timer is kept by its handler; a handler that was already queued when disarm() came finds another
    // round.
    const std::uint64_t round = ++*round_;
    timer_->async_wait([this, timer = timer_, current = round_, round, cancel](ErrorCode error) {
      if (error || *current != round) return;
      has_fired_ = true;
      cancel();
    });
  }
  void disarm() {
    ++*round_;
    timer_->cancel();
  }
  bool has_fired() const noexcept { return has_fired_; }

 private:
  std::shared_ptr<Timer> timer_;
  std::shared_ptr<std::uint64_t> round_ = std::make_shared<std::uint64_t>(0);
  bool has_fired_ = false;
};

}  // namespace larder::net
