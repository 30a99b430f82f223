#include "larder/proxy/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include "proxy/session.hpp"

namespace larder::proxy {

namespace asio = net::asio;

struct Worker::Listener {
  Listener(const net::Executor& executor, int fd, std::vector<Worker*> to)
      : descriptor(executor, fd), dealers(std::move(to)) {}
  asio::posix::basic_stream_descriptor<net::Executor> descriptor;
  std::vector<Worker*> dealers;
  std::size_t next = 0;
};

Worker::Worker(Site& site, config::ConfigPtr config, obs::Observer& observer)
    : site_(site), config_(std::move(config)), observer_(observer) {}

Worker::~Worker() {
  listeners_.clear();
}

void Worker::run() {
  const auto work = asio::make_work_guard(context_);
  net::spawn(context_, beat());
  context_.run();
}

void Worker::stop() {
  context_.stop();
}

net::Task<void> Worker::beat() {
  net::Timer timer(executor());
  for (;;) {
    timer.expires_after(tick_period);
    net::ErrorCode error;
    co_await timer.async_wait(net::use_task(error));
    if (error) co_return;
    ++tick_;
    for (auto next = sessions_.begin(); next != sessions_.end();) (next++)->tick();
  }
}

void Worker::enter(Session& session) {
  sessions_.push_back(session);
  session_count_.fetch_add(1, std::memory_order_relaxed);
  observer_.count_connection_opened();
}

void Worker::leave(Session&) {
  session_count_.fetch_sub(1, std::memory_order_relaxed);
  site_.connections.fetch_sub(1, std::memory_order_relaxed);
  observer_.count_connection_closed();
}

void Worker::adopt(int descriptor) {
  // Counted before it is served, by whoever accepts: the bound holds for all workers together.
  if (site_.connections.fetch_add(1, std::memory_order_relaxed) >= site_.connections_max()) {
    site_.connections.fetch_sub(1, std::memory_order_relaxed);
    observer_.count_event(cache::Reason::connection_limit);
    ::close(descriptor);
    return;
  }
  asio::post(context_, [this, descriptor] {
    std::shared_ptr<Session> session;
    try {
      session = std::make_shared<Session>(*this, net::adopt(executor(), descriptor));
    } catch (const std::exception&) {
      // No room in epoll, or no memory: this connection is lost, the others go on.
      site_.connections.fetch_sub(1, std::memory_order_relaxed);
      observer_.count_event(cache::Reason::connection_limit);
      return;
    }
    session->start();
  });
}

void Worker::listen(int descriptor, std::vector<Worker*> dealers) {
  auto listener = std::make_shared<Listener>(executor(), descriptor, std::move(dealers));
  listeners_.push_back(listener);
  net::spawn(context_, accept_from(listener));
}

net::Task<void> Worker::accept_from(std::shared_ptr<Listener> listener) {
  net::Timer pause(executor());
  for (;;) {
    net::ErrorCode error;
    co_await listener->descriptor.async_wait(asio::posix::descriptor_base::wait_read, net::use_task(error));
    if (error) co_return;
    if (accept_all(*listener) == Accepted::no_room) {
      // Out of descriptors or memory: the queue keeps the others until some are free again.
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(net::use_task(error));
    }
  }
}

// Takes what waits in the queue, a batch at most: then the sessions have their turn.
Worker::Accepted Worker::accept_all(Listener& listener) {
  constexpr int batch_max = 64;
  for (int i = 0; i < batch_max; ++i) {
    int error = 0;
    const int descriptor = net::accept_on(listener.descriptor.native_handle(), error);
    if (descriptor < 0) {
      if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        observer_.count_event(cache::Reason::connection_limit);
        return Accepted::no_room;
      }
      if (error == 0) return Accepted::all;
      continue;  // a connection that was gone before it was taken
    }
    Worker* worker =
        listener.dealers.empty() ? this : listener.dealers[listener.next++ % listener.dealers.size()];
    worker->adopt(descriptor);
  }
  return Accepted::more;
}

void Worker::drain() {
  asio::post(context_, [this] {
    for (const auto& listener : listeners_) {
      // Closing a listener resets the connections in its queue.
      while (accept_all(*listener) == Accepted::more) {
      }
      listener->descriptor.close();
    }
    listeners_.clear();
    // After the connections just accepted have begun.
    asio::post(context_, [this] {
      for (auto next = sessions_.begin(); next != sessions_.end();) (next++)->drain();
    });
  });
}

void Worker::set_config(config::ConfigPtr config) {
  asio::post(context_, [this, config = std::move(config)]() mutable {
    observer_.use_routes(*config);
    config_ = std::move(config);
  });
}

}  // namespace larder::proxy
