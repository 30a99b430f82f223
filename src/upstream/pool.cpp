#include "larder/upstream/pool.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <deque>
#include <mutex>
#include <vector>

#include "larder/net/listener.hpp"
#include "larder/net/receiver.hpp"

namespace larder::upstream {
namespace {

// Open, nothing to read, not closed by the peer. Any thread, while the socket is nobody's.
bool is_usable(int descriptor) {
  char byte = 0;
  const ssize_t size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

struct Idle {
  SocketPtr socket;
  const config::Server* server;
  base::MonoTime since;

  bool is_usable() const { return upstream::is_usable(socket->native_handle()); }
};

// By its own event loop, which first forgets it: with a copy of the descriptor about, closing is not enough.
void close_from_afar(SocketPtr socket) {
  const net::Executor executor = socket->get_executor();
  net::asio::post(executor, [socket = std::move(socket)] {
    net::ErrorCode error;
    const int descriptor = socket->release(error);
    if (!error) ::close(descriptor);
  });
}

// A connection on its way to another event loop: a descriptor that is in none. -1: there is no room for one.
int leave_loop(SocketPtr socket) {
  // Also where the event loop is this thread's: what it has heard of the socket already finds it.
  const int copy = ::fcntl(socket->native_handle(), F_DUPFD_CLOEXEC, 0);
  close_from_afar(std::move(socket));
  return copy;
}

// Null: there is no room in epoll, and the connection is closed.
SocketPtr enter_loop(const net::Executor& executor, int descriptor, const config::Server& server) {
  try {
    return std::make_unique<net::ReceivingSocket>(
        net::adopt_again(executor, descriptor, server.address.is_unix()));
  } catch (const boost::system::system_error&) {
    return nullptr;
  }
}

}  // namespace

// One who waits for a permit. Settled once, under the pool's lock: granted by whoever gives a connection
// back, or given up by its own deadline or its client.
struct Waiter {
  explicit Waiter(const net::Executor& on) : executor(on), timer(on) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    if (descriptor >= 0) ::close(descriptor);
  }
  net::Executor executor;
  net::Timer timer;
  bool is_settled = false;
  bool is_cancelled = false;
  // Granted together with an idle connection of its own event loop, or of another.
  SocketPtr socket;
  int descriptor = -1;
  const config::Server* server = nullptr;
};

struct Pool::State {
  explicit State(const net::Clock& time) : clock(time) {}
  const net::Clock& clock;
  mutable std::mutex mutex;
  std::vector<Idle> idle;  // newest last: the newest is the likeliest to be alive
  std::deque<std::shared_ptr<Waiter>> queue;
  std::size_t next_server = 0;
  PoolStats stats;

  std::shared_ptr<Waiter> pop_waiter();
  void take_own(const net::Executor& executor, Lease& lease);
  void take_over(const net::Executor& executor, Lease& lease);
  void open(Pool& pool, Lease& lease);
};

std::shared_ptr<Waiter> Pool::State::pop_waiter() {
  while (!queue.empty()) {
    std::shared_ptr<Waiter> waiter = std::move(queue.front());
    queue.pop_front();
    if (waiter->is_settled) continue;
    waiter->is_settled = true;
    return waiter;
  }
  return nullptr;
}

void Pool::State::take_own(const net::Executor& executor, Lease& lease) {
  for (std::size_t i = idle.size(); i > 0 && !lease.socket_; --i) {
    if (idle[i - 1].socket->get_executor() != executor) continue;
    Idle newest = std::move(idle[i - 1]);
    idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(i - 1));
    if (!newest.is_usable()) continue;
    lease.socket_ = std::move(newest.socket);
    lease.server_ = newest.server;
  }
}

// Another event loop's, where no more may be opened. One that is of no use makes room.
void Pool::State::take_over(const net::Executor& executor, Lease& lease) {
  Idle newest = std::move(idle.back());
  idle.pop_back();
  if (!newest.is_usable()) {
    close_from_afar(std::move(newest.socket));
    return;
  }
  const int descriptor = leave_loop(std::move(newest.socket));
  if (descriptor < 0) return;
  lease.socket_ = enter_loop(executor, descriptor, *newest.server);
  lease.server_ = newest.server;
}

namespace {

void wake(std::shared_ptr<Waiter> waiter) {
  net::Executor executor = waiter->executor;
  net::asio::post(executor, [waiter = std::move(waiter)] { waiter->timer.cancel(); });
}

}  // namespace

Pool::Pool(config::Upstream upstream, const net::Clock& clock)
    : upstream_(std::move(upstream)), state_(std::make_unique<State>(clock)) {}

Pool::~Pool() = default;

void Pool::abandon() {
  const std::scoped_lock lock(state_->mutex);
  state_->queue.clear();
  state_->idle.clear();
}

Lease Pool::take_idle(const net::Executor& executor) {
  const std::scoped_lock lock(state_->mutex);
  Lease lease;
  state_->take_own(executor, lease);
  if (lease.socket_) {
    ++state_->stats.active;
    state_->open(*this, lease);
  }
  return lease;
}

net::Task<std::variant<Lease, cache::Reason>> Pool::acquire(net::Executor executor, bool wants_new,
                                                            std::shared_ptr<Waiter>& place) {
  auto taken = take(executor, wants_new);
  if (auto* lease = std::get_if<Lease>(&taken)) co_return std::move(*lease);
  if (const auto* refused = std::get_if<cache::Reason>(&taken)) co_return *refused;

  place = std::move(std::get<std::shared_ptr<Waiter>>(taken));
  net::ErrorCode ignored;
  co_await place->timer.async_wait(net::use_task(ignored));
  co_return settle(std::exchange(place, nullptr));
}

std::variant<Lease, std::shared_ptr<Waiter>, cache::Reason> Pool::take(const net::Executor& executor,
                                                                       bool wants_new) {
  const std::scoped_lock lock(state_->mutex);
  State& state = *state_;
  Lease lease;
  if (!wants_new) state.take_own(executor, lease);
  // Idle connections count as open ones.
  const auto is_full = [&] { return state.stats.active + state.idle.size() >= upstream_.connections.max; };
  while (!wants_new && !lease.socket_ && is_full() && !state.idle.empty()) state.take_over(executor, lease);
  if (!lease.socket_ && is_full()) {
    if (!state.idle.empty()) {
      // The oldest makes room for a new one.
      Idle oldest = std::move(state.idle.front());
      state.idle.erase(state.idle.begin());
      ::shutdown(oldest.socket->native_handle(), SHUT_RDWR);
      close_from_afar(std::move(oldest.socket));
    } else if (state.stats.queued >= upstream_.connections.queue) {
      ++state.stats.queue_rejections;
      return cache::Reason::queue_full;
    } else {
      auto place = std::make_shared<Waiter>(executor);
      place->timer.expires_after(upstream_.connections.queue_timeout);
      state.queue.push_back(place);
      ++state.stats.queued;
      return place;
    }
  }
  ++state.stats.active;
  state.open(*this, lease);
  return lease;
}

// A permit that `lease` stands for from here on.
void Pool::State::open(Pool& pool, Lease& lease) {
  lease.pool_ = pool.shared_from_this();
  lease.is_reused_ = lease.socket_ != nullptr;
  ++(lease.is_reused_ ? stats.reused : stats.opened);
  const auto& servers = pool.upstream_.servers;
  if (!lease.is_reused_) lease.server_ = &servers[next_server++ % servers.size()];
}

// After the wait: granted, or nobody came.
std::variant<Lease, cache::Reason> Pool::settle(const std::shared_ptr<Waiter>& place) {
  const std::scoped_lock lock(state_->mutex);
  --state_->stats.queued;
  if (!place->is_settled) {
    place->is_settled = true;
    std::erase(state_->queue, place);
    if (place->is_cancelled) return cache::Reason::client_gone;
    ++state_->stats.queue_timeouts;
    return cache::Reason::queue_timeout;
  }
  Lease lease;
  lease.socket_ = std::move(place->socket);
  lease.server_ = place->server;
  if (place->descriptor >= 0)
    lease.socket_ = enter_loop(place->executor, std::exchange(place->descriptor, -1), *lease.server_);
  state_->open(*this, lease);
  return lease;
}

void Pool::cancel(const std::shared_ptr<Waiter>& place) {
  {
    const std::scoped_lock lock(state_->mutex);
    place->is_cancelled = true;
  }
  place->timer.cancel();
}

void Pool::sweep() {
  const std::scoped_lock lock(state_->mutex);
  const base::MonoTime now = state_->clock.mono();
  std::erase_if(state_->idle, [&](Idle& idle) {
    const bool is_over = now - idle.since >= upstream_.connections.idle || !idle.is_usable();
    if (is_over) close_from_afar(std::move(idle.socket));
    return is_over;
  });
}

PoolStats Pool::stats() const {
  const std::scoped_lock lock(state_->mutex);
  PoolStats stats = state_->stats;
  stats.idle = static_cast<std::uint32_t>(state_->idle.size());
  return stats;
}

Lease::Lease() noexcept = default;
Lease::Lease(Lease&& other) noexcept = default;

SocketPtr Lease::take_socket() noexcept {
  return std::move(socket_);
}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::move(other.pool_);
    server_ = other.server_;
    socket_ = std::move(other.socket_);
    is_reused_ = other.is_reused_;
  }
  return *this;
}

Lease::~Lease() {
  release();
}

void Lease::keep(SocketPtr socket) {
  const std::shared_ptr<Pool> pool = std::move(pool_);
  std::shared_ptr<Waiter> waiter;
  {
    const std::scoped_lock lock(pool->state_->mutex);
    waiter = pool->state_->pop_waiter();
    if (!waiter) {
      // What arrives unasked meanwhile is seen when it is taken.
      --pool->state_->stats.active;
      pool->state_->idle.push_back({std::move(socket), server_, pool->state_->clock.mono()});
      return;
    }
    // The permit passes on, and with it the connection, if bytes that nobody asked for would not be taken for
    // the next response.
    if (is_usable(socket->native_handle())) {
      waiter->server = server_;
      if (socket->get_executor() == waiter->executor) {
        waiter->socket = std::move(socket);
      } else {
        waiter->descriptor = leave_loop(std::move(socket));
      }
    }
  }
  wake(std::move(waiter));
}

void Lease::release() noexcept {
  socket_.reset();
  const std::shared_ptr<Pool> pool = std::move(pool_);
  if (!pool) return;
  std::shared_ptr<Waiter> waiter;
  {
    const std::scoped_lock lock(pool->state_->mutex);
    waiter = pool->state_->pop_waiter();
    if (!waiter) --pool->state_->stats.active;
  }
  if (waiter) wake(std::move(waiter));
}

}  // namespace larder::upstream
