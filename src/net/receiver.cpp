#include "larder/net/receiver.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <utility>

namespace larder::net {

Receiver::Receiver(const Executor& executor)
    : reactor_op(ErrorCode(), &Receiver::receive, &Receiver::complete),
      reactor_(asio::use_service<asio::detail::reactor>(asio::query(executor, asio::execution::context))) {}

void Receiver::start(ReceivingSocket& socket, std::span<char> room, std::shared_ptr<Listener> self) {
  ec_.clear();
  bytes_transferred_ = 0;
  descriptor_ = socket.native_handle();
  room_ = room;
  self_ = std::move(self);
  constexpr bool is_continuation = true;
  constexpr bool may_try_at_once = true;  // only where the last receive filled its room
  reactor_.start_op(asio::detail::reactor::read_op, descriptor_, socket.reactor_data(), this, is_continuation,
                    may_try_at_once);
}

// Less than there was room for: the kernel has nothing more, and tells when it has.
Receiver::status Receiver::receive(asio::detail::reactor_op* operation) {
  auto* const self = static_cast<Receiver*>(operation);
  ssize_t size = -1;
  do {
    size = ::recv(self->descriptor_, self->room_.data(), self->room_.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return not_done;
  if (size < 0) {
    self->ec_ = ErrorCode(errno, boost::system::system_category());
    return done_and_exhausted;
  }
  if (size == 0) self->ec_ = asio::error::eof;
  self->bytes_transferred_ = static_cast<std::size_t>(size);
  return self->bytes_transferred_ < self->room_.size() ? done_and_exhausted : done;
}

void Receiver::complete(void* owner, Operation* operation, const ErrorCode&, std::size_t) {
  auto* const receiver = static_cast<Receiver*>(operation);
  std::shared_ptr<Listener> self = std::move(receiver->self_);
  if (owner == nullptr) return;  // the event loop ends: with `self` goes the listener, and this
  Listener& listener = *self;
  listener.on_received(std::move(self), receiver->ec_, receiver->bytes_transferred_);
}

}  // namespace larder::net
