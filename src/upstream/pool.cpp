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

}  // namespace

// One who waits for a permit. Settled once, under the pool's lock: granted by whoever gives a connection
// back, or given up by its own deadline or its client.
struct Waiter {
  explicit Waiter(const net::Executor& on) : executor(on), timer(on) {}
  net::Executor executor;
  net::Timer timer;
  bool is_settled = false;
  bool is_cancelled = false;
  int descriptor = -1;  // granted together with an idle connection
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

void Pool::abandon() {
  const std::scoped_lock lock(state_->mutex);
  state_->queue.clear();
}

net::Task<std::variant<Lease, cache::Reason>> Pool::acquire(bool wants_new, std::shared_ptr<Waiter>& place) {
  const net::Executor executor = co_await net::asio::this_coro::executor;
  std::vector<int> dead;
  auto taken = take(executor, wants_new, dead);
  for (const int descriptor : dead) ::close(descriptor);
  if (auto* lease = std::get_if<Lease>(&taken)) co_return std::move(*lease);
  if (const auto* refused = std::get_if<cache::Reason>(&taken)) co_return *refused;

  place = std::move(std::get<std::shared_ptr<Waiter>>(taken));
  net::ErrorCode ignored;
  co_await place->timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
  co_return settle(std::exchange(place, nullptr));
}

std::variant<Lease, std::shared_ptr<Waiter>, cache::Reason> Pool::take(const net::Executor& executor,
                                                                       bool wants_new,
                                                                       std::vector<int>& dead) {
  const std::scoped_lock lock(state_->mutex);
  State& state = *state_;
  Lease lease;
  while (!wants_new && !state.idle.empty() && lease.descriptor_ < 0) {
    const Idle newest = state.idle.back();
    state.idle.pop_back();
    if (is_usable(newest.descriptor)) {
      lease.descriptor_ = newest.descriptor;
      lease.server_ = newest.server;
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
      return cache::Reason::queue_full;
    } else if (is_full) {
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
  lease.is_reused_ = lease.descriptor_ >= 0;
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
  lease.descriptor_ = place->descriptor;
  lease.server_ = place->server;
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
  // Bytes that nobody asked for would be taken for the next response.
  if (!is_usable(descriptor)) {
    ::close(descriptor);
    release();
    return;
  }
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
