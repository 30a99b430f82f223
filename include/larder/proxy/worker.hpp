// One thread's share of the proxy: its io_context, its sessions, its copy of the configuration's pointer.
// Everything but the constructor and post() is called on its own thread.
#pragma once
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/net/types.hpp"
#include "larder/obs/observer.hpp"
#include "larder/proxy/site.hpp"

namespace larder::proxy {

class Session;

using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class Worker {
 public:
  // Deadlines of sessions are counted in ticks, so that a request costs no timer operation.
  static constexpr base::Duration tick_period = std::chrono::milliseconds(250);

  Worker(Site& site, config::ConfigPtr config, obs::Observer& observer);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Runs until stop(). The calling thread is the worker's.
  void run();
  void stop();  // any thread

  net::Executor executor() noexcept { return context_.get_executor(); }
  // Takes a connected descriptor over. Any thread.
  void adopt(int descriptor);
  // Accepts on a listening descriptor until close_listeners(). Connections go to `dealers` in turn when it is
  // not empty (a unix socket has one acceptor).
  void listen(int descriptor, std::vector<Worker*> dealers);
  // Accepts what waits in the queues, then closes the listeners; idle connections are closed, busy ones after
  // their exchange. Any thread.
  void drain();
  void set_config(config::ConfigPtr config);  // any thread; for exchanges that begin afterwards
  std::size_t session_count() const noexcept { return session_count_.load(std::memory_order_relaxed); }

  // For sessions, on the worker's thread.
  Site& site() noexcept { return site_; }
  obs::Observer& observer() noexcept { return observer_; }
  const config::ConfigPtr& config() const noexcept { return config_; }
  std::uint64_t tick() const noexcept { return tick_; }
  static std::uint64_t ticks(base::Duration duration) noexcept {
    return static_cast<std::uint64_t>((duration + tick_period - base::Duration(1)) / tick_period) + 1;
  }
  void enter(Session& session);
  void leave(Session& session);

 private:
  struct Listener;
  net::Task<void> accept_from(std::shared_ptr<Listener> listener);
  enum class Accepted : std::uint8_t { all, more, no_room };
  Accepted accept_all(Listener& listener);
  net::Task<void> beat();

  Site& site_;
  config::ConfigPtr config_;
  obs::Observer& observer_;
  boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                         boost::intrusive::constant_time_size<false>>
      sessions_;
  std::atomic<std::size_t> session_count_{0};
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::uint64_t tick_ = 0;
  // One thread runs it and touches its sockets; others only post: no lock for each read and write. Last: it
  // destroys the coroutines, which use the rest.
  net::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
};

}  // namespace larder::proxy
