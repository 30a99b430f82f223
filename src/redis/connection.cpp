#include "connection.hpp"

#include <algorithm>
#include <utility>

namespace larder::redis {
namespace {

constexpr std::size_t read_size = 64 * 1024;

// The server is no master any more: it refuses a write, or lets go of who waits in it.
bool tells_of_demotion(const Outcome& outcome) {
  if (outcome.failure != Failure::refused) return false;
  return outcome.reply.text.starts_with("READONLY ") || outcome.reply.text.starts_with("UNBLOCKED ");
}

}  // namespace

// Who waits for a call.
struct Connection::Waiting {
  explicit Waiting(const net::Executor& executor) : done(executor) {
    call.on_over = [this] { done.notify(); };
  }
  Call call;
  net::Notifier done;
};

Connection::Connection(const net::Executor& executor, std::shared_ptr<TlsContext> tls,
                       Pipeline::Limits limits)
    : executor_(executor),
      stream_(executor, std::move(tls)),
      pipeline_(limits),
      has_output_(executor),
      end_(executor),
      deadline_(executor) {}

net::Task<std::string> Connection::open(config::Address address, base::Duration within) {
  const Self self = shared_from_this();
  std::string problem = co_await stream_.open(address, within);
  if (!problem.empty()) {
    close();
    co_return problem;
  }
  is_open_ = true;
  net::spawn(executor_, read(self));
  net::spawn(executor_, write(self));
  net::spawn(executor_, watch(self));
  co_return problem;
}

void Connection::close() {
  is_open_ = false;
  stream_.close();
  pipeline_.fail_all();
  deadline_.cancel();
  has_output_.notify();
  end_.cancel();
}

net::Task<void> Connection::wait_for_end(base::Duration within) {
  const Self self = shared_from_this();
  if (!is_open_) co_return;
  end_.expires_after(within);
  net::ErrorCode ignored;
  co_await end_.async_wait(net::use_task(ignored));
}

net::Task<std::vector<Outcome>> Connection::execute_all(std::vector<Command> commands,
                                                        base::Duration within) {
  return run(shared_from_this(), std::move(commands), within);
}

Failure Connection::send(const std::shared_ptr<Waiting>& waiting, const std::vector<Command>& commands,
                         base::Duration within) {
  if (!is_open_) return Failure::down;
  const std::shared_ptr<Call> call(waiting, &waiting->call);
  const Failure failure = pipeline_.send(call, commands, within, now());
  if (failure != Failure::none) return failure;
  has_output_.notify();
  if (pipeline_.next_deadline() < armed_for_) deadline_.cancel();
  return failure;
}

net::Task<std::vector<Outcome>> Connection::run(Self self, std::vector<Command> commands,
                                                base::Duration within) {
  if (commands.empty()) co_return std::vector<Outcome>();
  const auto waiting = std::make_shared<Waiting>(self->executor_);
  const Failure failure = self->send(waiting, commands, within);
  if (failure != Failure::none) co_return std::vector<Outcome>(commands.size(), Outcome{failure, {}});
  co_await waiting->done.wait();
  std::vector<Outcome>& outcomes = waiting->call.outcomes;
  if (std::any_of(outcomes.begin(), outcomes.end(), tells_of_demotion)) self->close();
  co_return std::move(outcomes);
}

net::Task<void> Connection::read(Self self) {
  std::vector<char> buffer(read_size);
  net::ErrorCode error;
  while (self->is_open_) {
    const auto room = net::asio::buffer(buffer);
    const std::size_t size = co_await self->stream_.read_some(room, error);
    if (error || !self->is_open_ || !self->pipeline_.receive({buffer.data(), size}, self->now())) break;
  }
  self->close();
}

net::Task<void> Connection::write(Self self) {
  net::ErrorCode error;
  while (self->is_open_ && !error) {
    co_await self->has_output_.wait();
    while (self->pipeline_.has_output() && !error) {
      const std::string bytes = self->pipeline_.take_output();
      const auto buffer = net::asio::buffer(std::as_const(bytes));
      co_await self->stream_.write(buffer, error);
    }
  }
  self->close();
}

// The deadlines: of each call, and of a server that says nothing.
net::Task<void> Connection::watch(Self self) {
  while (self->is_open_) {
    self->armed_for_ = self->pipeline_.next_deadline().value_or(base::MonoTime::max());
    if (self->armed_for_ == base::MonoTime::max()) {
      self->deadline_.expires_at(net::Timer::time_point::max());
    } else {
      // One more, since a millisecond that has begun counts as none.
      self->deadline_.expires_after(self->armed_for_ - self->now() + base::Duration(1));
    }
    net::ErrorCode ignored;
    co_await self->deadline_.async_wait(net::use_task(ignored));
    self->pipeline_.expire(self->now());
    if (self->pipeline_.is_silent(self->now())) self->close();
  }
}

}  // namespace larder::redis
