#include "admin/later_response.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "larder/net/notifier.hpp"

namespace larder::admin {

void LaterResponse::set(Response response) {
  const std::scoped_lock lock(mutex_);
  response_ = std::move(response);
  if (wake_) wake_();
}

std::optional<Response> LaterResponse::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(response_, std::nullopt);
}

net::Task<Response> LaterResponse::wait(net::Executor executor) {
  const auto notifier = std::make_shared<net::Notifier>(executor);
  bool is_there = false;
  {
    const std::scoped_lock lock(mutex_);
    is_there = response_.has_value();
    wake_ = [executor, notifier] { net::asio::post(executor, [notifier] { notifier->notify(); }); };
  }
  if (!is_there) co_await notifier->wait();
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
  co_return std::move(*response_);
}

}  // namespace larder::admin
