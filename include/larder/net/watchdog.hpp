// A deadline on whatever a socket is doing: when it passes, what waits is cancelled and `has_fired` says why.
// One thread, that of its executor.
//
// Most deadlines are taken back long before they pass. So all of a thread's share one timer, which runs to
// the earliest of those that there were when it was set: to arm and to disarm is a few stores.
#pragma once
#include <boost/intrusive/list.hpp>
#include <functional>

#include "larder/base/time.hpp"
#include "larder/net/types.hpp"

namespace larder::net {

class Watchdog;

namespace detail {

// The armed watchdogs of one event loop.
class WatchedDeadlines : public asio::execution_context::service {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  static asio::execution_context::id id;  // NOLINT(readability-identifier-naming): Asio asks for it
  explicit WatchedDeadlines(asio::execution_context& context);
  void add(Watchdog& watchdog);

 private:
  void shutdown() override { is_over_ = true; }
  void wait_until(Time time);
  void fire_past();

  Timer timer_;
  Time wakes_at_ = Time::max();
  bool is_over_ = false;
  boost::intrusive::list<Watchdog, boost::intrusive::base_hook<Hook>,
                         boost::intrusive::constant_time_size<false>>
      armed_;
};

}  // namespace detail

class Watchdog : public detail::WatchedDeadlines::Hook {
 public:
  explicit Watchdog(const Executor& executor);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Replaces a running deadline. `cancel` is called at most once, by the event loop, and never after
  // disarm(); it may end the watchdog.
  void arm(base::Duration within, std::function<void()> cancel);
  void disarm() noexcept { unlink(); }
  bool has_fired() const noexcept { return has_fired_; }

 private:
  friend class detail::WatchedDeadlines;
  detail::WatchedDeadlines& deadlines_;
  detail::WatchedDeadlines::Time deadline_{};
  std::function<void()> cancel_;
  bool has_fired_ = false;
};

}  // namespace larder::net
