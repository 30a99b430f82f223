#include "larder/upstream/pool.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <mutex>
#include <vector>

namespace larder::upstream {
namespace {

// Open, nothing to read, not closed by the peer.
bool is_usable(int descriptor) {
  char byte = 0;
  const ssize_t size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

struct Idle {
  int descriptor;
  const config::Server* server;
  base::MonoTime since;
};

// One who waits for a permit. Settled once, under the pool's lock: granted by whoever gives a connection
// back, or abandoned by its own deadline.
struct Waiter {
  explicit Waiter(net::Executor on) : executor(on), timer(on) {}
  net::Executor executor;
  net::Timer timer;
  bool is_settled = false;
  int descriptor = -1;  // granted together with an idle connection
  const config::Server* server = nullptr;
};

}  // namespace

struct Pool::State {
  explicit State(const net::Clock& time) : clock(time) {}
  const net::Clock& clock;
  mutable std::mutex mutex;
  std::vector<Idle> idle;  // newest last: the newest is the likeliest to be alive
  std::deque<std::shared_ptr<Waiter>> queue;
  std::size_t next_server = 0;
  PoolStats stats;

  std::shared_ptr<Waiter> pop_waiter();
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

namespace {

void wake(std::shared_ptr<Waiter> waiter) {
  net::Executor executor = waiter->executor;
  net::asio::post(executor, [waiter = std::move(waiter)] { waiter->timer.cancel(); });
}

}  // namespace

Pool::Pool(config::Upstream upstream, const net::Clock& clock)
    : upstream_(std::move(upstream)), state_(std::make_unique<State>(clock)) {}

Pool::~Pool() {
  for (const Idle& idle : state_->idle) ::close(idle.descriptor);
}

net::Task<std::variant<Lease, cache::Reason>> Pool::acquire(bool wants_new) {
  const net::Executor executor = co_await net::asio::this_coro::executor;
  Lease lease;
  std::shared_ptr<Waiter> waiter;
  std::vector<int> dead;
  {
    const std::scoped_lock lock(state_->mutex);
    State& state = *state_;
    while (!wants_new && !state.idle.empty() && lease.descriptor_ < 0) {
      const Idle newest = state.idle.back();
      state.idle.pop_back();
      if (is_usable(newest.descriptor)) {
        lease.descriptor_ = newest.descriptor;
        lease.server_ = newest.server;
        lease.is_reused_ = true;
        ++state.stats.reused;
      } else {
        dead.push_back(newest.descriptor);
      }
    }
    if (lease.descriptor_ < 0) {
      // Idle connections count as open ones: the oldest makes room for a new one.
      const bool is_full = state.stats.active + state.idle.size() >= upstream_.connections.max;
      if (is_full && !state.idle.empty()) {
        dead.push_back(state.idle.front().descriptor);
        state.idle.erase(state.idle.begin());
      } else if (is_full && state.stats.queued >= upstream_.connections.queue) {
        ++state.stats.queue_rejections;
        co_return cache::Reason::queue_full;
      } else if (is_full) {
        waiter = std::make_shared<Waiter>(executor);
        waiter->timer.expires_after(upstream_.connections.queue_timeout);
        state.queue.push_back(waiter);
        ++state.stats.queued;
      }
    }
    if (!waiter) {
      lease.pool_ = shared_from_this();
      ++state.stats.active;
      if (!lease.server_) lease.server_ = &upstream_.servers[state.next_server++ % upstream_.servers.size()];
      if (!lease.is_reused_) ++state.stats.opened;
    }
  }
  for (const int descriptor : dead) ::close(descriptor);
  if (!waiter) co_return lease;

  net::ErrorCode ignored;
  co_await waiter->timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
  const std::scoped_lock lock(state_->mutex);
  --state_->stats.queued;
  if (!waiter->is_settled) {
    waiter->is_settled = true;
    std::erase(state_->queue, waiter);
    ++state_->stats.queue_timeouts;
    co_return cache::Reason::queue_timeout;
  }
  lease.pool_ = shared_from_this();
  lease.server_ = waiter->server;
  lease.descriptor_ = waiter->descriptor;
  lease.is_reused_ = waiter->descriptor >= 0;
  if (lease.is_reused_) {
    ++state_->stats.reused;
  } else {
    ++state_->stats.opened;
    lease.server_ = &upstream_.servers[state_->next_server++ % upstream_.servers.size()];
  }
  co_return lease;
}

void Pool::sweep() {
  std::vector<int> closed;
  {
    const std::scoped_lock lock(state_->mutex);
    const base::MonoTime now = state_->clock.now().mono;
    std::erase_if(state_->idle, [&](const Idle& idle) {
      const bool is_old = now - idle.since >= upstream_.connections.idle || !is_usable(idle.descriptor);
      if (is_old) closed.push_back(idle.descriptor);
      return is_old;
    });
  }
  for (const int descriptor : closed) ::close(descriptor);
}

PoolStats Pool::stats() const {
  const std::scoped_lock lock(state_->mutex);
  PoolStats stats = state_->stats;
  stats.idle = static_cast<std::uint32_t>(state_->idle.size());
  return stats;
}

Lease::Lease(Lease&& other) noexcept
    : pool_(std::move(other.pool_)),
      server_(other.server_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_reused_(other.is_reused_) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::move(other.pool_);
    server_ = other.server_;
    descriptor_ = std::exchange(other.descriptor_, -1);
    is_reused_ = other.is_reused_;
  }
  return *this;
}

Lease::~Lease() {
  release();
}

int Lease::take_descriptor() noexcept {
  return std::exchange(descriptor_, -1);
}

void Lease::keep(int descriptor) {
  const std::shared_ptr<Pool> pool = std::move(pool_);
  std::shared_ptr<Waiter> waiter;
  {
    const std::scoped_lock lock(pool->state_->mutex);
    waiter = pool->state_->pop_waiter();
    if (waiter) {
      // The permit passes on with the connection.
      waiter->descriptor = descriptor;
      waiter->server = server_;
    } else {
      --pool->state_->stats.active;
      pool->state_->idle.push_back({descriptor, server_, pool->state_->clock.now().mono});
    }
  }
  if (waiter) wake(std::move(waiter));
}

void Lease::release() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
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
