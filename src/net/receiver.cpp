#include "larder/net/receiver.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <utility>

namespace larder::net {
namespace detail {

ReceiveOperation::ReceiveOperation(const Executor& executor)
    : reactor_op(ErrorCode(), &ReceiveOperation::receive, &ReceiveOperation::complete),
      reactor_(asio::use_service<asio::detail::reactor>(asio::query(executor, asio::execution::context))) {}

void ReceiveOperation::begin(ReceivingSocket& socket, std::span<char> room, FirstTry first_try) {
  ec_.clear();
  bytes_transferred_ = 0;
  descriptor_ = socket.native_handle();
  room_ = room;
  has_only_seen_ = false;
  constexpr bool is_continuation = true;
  if (first_try == FirstTry::at_once && descriptor_ >= 0 && receive(this) != not_done) {
    reactor_.post_immediate_completion(this, is_continuation);
    return;
  }
  constexpr bool may_try_at_once = true;  // only where the last one left something in the kernel
  reactor_.start_op(asio::detail::reactor::read_op, descriptor_, socket.reactor_data(), this, is_continuation,
                    may_try_at_once);
}

// Less than there was room for: the kernel has nothing more, and tells when it has.
ReceiveOperation::status ReceiveOperation::receive(asio::detail::reactor_op* operation) {
  auto* const self = static_cast<ReceiveOperation*>(operation);
  const bool only_sees = self->room_.empty();
  char seen = 0;
  const std::span<char> room = only_sees ? std::span(&seen, 1) : self->room_;
  const int flags = MSG_DONTWAIT | (only_sees ? MSG_PEEK : 0);
  ssize_t size = -1;
  do {
    size = ::recv(self->descriptor_, room.data(), room.size(), flags);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return not_done;
  self->has_only_seen_ = only_sees;
  if (size == 0) self->ec_ = asio::error::eof;
  if (size < 0) self->ec_ = ErrorCode(errno, boost::system::system_category());
  if (only_sees) return done;
  self->bytes_transferred_ = size < 0 ? 0 : static_cast<std::size_t>(size);
  return self->bytes_transferred_ < room.size() ? done_and_exhausted : done;
}

void ReceiveOperation::complete(void* owner, Operation* operation, const ErrorCode&, std::size_t) {
  auto* const self = static_cast<ReceiveOperation*>(operation);
  if (owner == nullptr) {
    self->drop();
  } else {
    self->end(self->ec_, self->bytes_transferred_);
  }
}

}  // namespace detail

void Receiver::start(ReceivingSocket& socket, std::span<char> room, std::shared_ptr<Listener> self) {
  self_ = std::move(self);
  socket_ = &socket;
  is_watched_ = false;
  if (is_waiting_) {
    set_room(room);
  } else {
    is_waiting_ = true;
    begin(socket, room, FirstTry::once_told);
  }
}

void Receiver::watch(ReceivingSocket& socket, std::shared_ptr<Listener> self) {
  is_watched_ = true;
  if (is_waiting_) return;
  self_ = std::move(self);
  socket_ = &socket;
  is_waiting_ = true;
  begin(socket, {}, FirstTry::once_told);
}

void Receiver::look_for_end() {
  if (!is_waiting_ || has_looked_) return;
  has_looked_ = true;
  char seen = 0;
  const ssize_t size = ::recv(socket_->native_handle(), &seen, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool is_open = size > 0 || (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
  if (is_open) return;
  if (!room().empty()) {
    ErrorCode ignored;
    socket_->cancel(ignored);  // tells of it as of any end
  } else if (is_watched_) {
    is_watched_ = false;
    const std::shared_ptr<Listener> listener = self_;
    listener->on_gone();
  }
}

void Receiver::end(const ErrorCode& error, std::size_t size) {
  is_waiting_ = has_looked_ = false;
  std::shared_ptr<Listener> self = std::move(self_);
  Listener& listener = *self;
  if (!room().empty() && has_only_seen()) {
    // What was seen while it was a watch is to be received by now.
    start(*socket_, room(), std::move(self));
  } else if (!room().empty()) {
    listener.on_received(std::move(self), error, size);
  } else if (is_watched_ && has_only_seen() && error) {
    is_watched_ = false;
    listener.on_gone();
  }
}

}  // namespace larder::net
