#include "larder/net/watchdog.hpp"

#include <algorithm>
#include <utility>

namespace larder::net {
namespace detail {

asio::execution_context::id WatchedDeadlines::id;

WatchedDeadlines::WatchedDeadlines(asio::execution_context& context)
    : service(context), timer_(static_cast<asio::io_context&>(context).get_executor()) {}

void WatchedDeadlines::add(Watchdog& watchdog) {
  armed_.push_back(watchdog);
  if (watchdog.deadline_ < wakes_at_) wait_until(watchdog.deadline_);
}

void WatchedDeadlines::wait_until(Time time) {
  if (is_over_) return;
  wakes_at_ = time;
  timer_.expires_at(time);
  timer_.async_wait([this](ErrorCode error) {
    if (!error) fire_past();
  });
}

void WatchedDeadlines::fire_past() {
  const Time now = std::chrono::steady_clock::now();
  if (now < wakes_at_) return;  // the wait that was replaced had ended already
  wakes_at_ = Time::max();
  const auto is_earlier = [](const Watchdog& a, const Watchdog& b) { return a.deadline_ < b.deadline_; };
  for (;;) {
    const auto next = std::min_element(armed_.begin(), armed_.end(), is_earlier);
    if (next == armed_.end()) return;
    if (next->deadline_ > now) {
      if (next->deadline_ < wakes_at_) wait_until(next->deadline_);
      return;
    }
    // It leaves the list before it is told, since that may change the list.
    next->unlink();
    next->has_fired_ = true;
    const std::function<void()> cancel = std::exchange(next->cancel_, nullptr);
    cancel();
  }
}

}  // namespace detail

Watchdog::Watchdog(const Executor& executor)
    : deadlines_(
          asio::use_service<detail::WatchedDeadlines>(asio::query(executor, asio::execution::context))) {}

void Watchdog::arm(base::Duration within, std::function<void()> cancel) {
  disarm();
  has_fired_ = false;
  cancel_ = std::move(cancel);
  deadline_ = std::chrono::steady_clock::now() + within;
  deadlines_.add(*this);
}

}  // namespace larder::net
