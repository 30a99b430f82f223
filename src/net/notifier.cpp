#include "larder/net/notifier.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace larder::net {
namespace detail {

asio::execution_context::id WaitingNotifiers::id;

void WaitingNotifiers::add(Notifier& notifier) {
  waiting_.push_back(notifier);
}

void WaitingNotifiers::shutdown() {
  while (!waiting_.empty()) {
    Notifier& next = waiting_.front();
    next.unlink();
    std::exchange(next.waiting_, nullptr)->abandon();
  }
}

}  // namespace detail

Notifier::Notifier(const Executor& executor)
    : executor_(executor),
      all_(asio::use_service<detail::WaitingNotifiers>(asio::query(executor, asio::execution::context))) {}

Notifier::~Notifier() {
  if (waiting_) std::exchange(waiting_, nullptr)->abandon();
}

void Notifier::notify() {
  is_set_ = true;
  if (!waiting_) return;
  unlink();
  asio::post(executor_, detail::Resumption(std::exchange(waiting_, nullptr)));
}

void Notifier::start_waiting(detail::Run* run) {
  run->wait();
  waiting_ = run;
  all_.add(*this);
}

}  // namespace larder::net
