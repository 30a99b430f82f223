// Connections to one upstream: at most `connections.max` at once, idle ones kept for reuse, and a bounded
// queue of those who wait for one, served in order.
//
//   acquire -> an idle connection that is still alive -> Lease (reused)
//           -> fewer than max: a permit to connect     -> Lease (new: the caller connects)
//           -> the queue has room: wait                -> one of the above, or queue_timeout
//           -> queue_full
//   Lease   -> keep()    back to the idle ones (or straight to the first in the queue)
//           -> destroyed without keep(): closed, and its permit goes to the first in the queue
//
// Shared by all threads. An idle connection stays with the event loop that used it, which takes it again
// without a call to the kernel; another takes it over only where no new one may be opened. One that the peer
// has closed, or that has unexpected bytes, is recognised when it is taken (MSG_PEEK) and dropped.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "larder/cache/reason.hpp"
#include "larder/config/config.hpp"
#include "larder/net/clock.hpp"
#include "larder/net/types.hpp"

namespace larder::net {
class ReceivingSocket;
}

namespace larder::upstream {

struct PoolStats {
  std::uint32_t active = 0;  // permits out
  std::uint32_t idle = 0;
  std::uint32_t queued = 0;
  std::uint64_t opened = 0;  // connections, ever
  std::uint64_t reused = 0;
  std::uint64_t queue_rejections = 0;
  std::uint64_t queue_timeouts = 0;
};

class Pool;
struct Waiter;  // a place in the queue

// A connection of one event loop.
using SocketPtr = std::unique_ptr<net::ReceivingSocket>;

// The right to use one connection. Move-only; its end without keep() gives the right back.
class Lease {
 public:
  Lease() noexcept;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  bool holds_permit() const noexcept { return pool_ != nullptr; }
  // A connected socket (reused), or null: the caller connects to `server`.
  SocketPtr take_socket() noexcept;
  bool is_reused() const noexcept { return is_reused_; }
  const config::Server& server() const noexcept { return *server_; }
  // Gives the connection back for reuse. It must be connected, and nothing may wait for it.
  void keep(SocketPtr socket);
  void release() noexcept;

 private:
  friend class Pool;
  std::shared_ptr<Pool> pool_;
  const config::Server* server_ = nullptr;
  SocketPtr socket_;
  bool is_reused_ = false;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(config::Upstream upstream, const net::Clock& clock);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A lease of an idle connection of the caller's event loop; without a permit: there is none.
  Lease take_idle(const net::Executor& executor);
  // A lease, or queue_full, or queue_timeout. `executor` is the caller's. `wants_new` never takes an idle
  // connection: for the one retry after a reused connection turned out dead. `place` is set while the caller
  // waits, for cancel().
  net::Task<std::variant<Lease, cache::Reason>> acquire(net::Executor executor, bool wants_new,
                                                        std::shared_ptr<Waiter>& place);
  // Gives a place in the queue up: its acquire() returns client_gone. On the thread that acquires.
  void cancel(const std::shared_ptr<Waiter>& place);
  // Lets go of those who wait, and of idle connections, before the workers' io_contexts go. Only once no
  // worker runs any more; has to be called before the end.
  void abandon();
  // Closes idle connections that have been so for longer than `connections.idle`. Called about once a second.
  void sweep();
  PoolStats stats() const;
  const config::Upstream& upstream() const noexcept { return upstream_; }

 private:
  friend class Lease;
  struct State;
  // A lease, a place in the queue, or the refusal.
  std::variant<Lease, std::shared_ptr<Waiter>, cache::Reason> take(const net::Executor& executor,
                                                                   bool wants_new);
  std::variant<Lease, cache::Reason> settle(const std::shared_ptr<Waiter>& place);
  config::Upstream upstream_;
  std::unique_ptr<State> state_;
};

}  // namespace larder::upstream
