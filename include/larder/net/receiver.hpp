// A socket's receives on the hot path: one at a time, into the caller's memory, without an allocation and
// without a system call for nothing.
//
// Asio's async_read_some() asks the kernel at once whether there is something to read. Behind an answer there
// hardly ever is, and that call was one of three with each hit (docs/decisions/0010-the-cheapest-hit.md).
// Asio has no way to leave it out, so this is an operation of our own for its reactor: it is built against
// Boost 1.81's, which CMakeLists.txt asks for exactly.
#pragma once
#include <boost/asio/detail/reactive_socket_service.hpp>
#include <cstddef>
#include <memory>
#include <span>

#include "larder/net/types.hpp"

namespace larder::net {

class Receiver;

// A socket that a Receiver may use beside Asio's own operations.
class ReceivingSocket : public Socket {
 public:
  explicit ReceivingSocket(Socket socket) : Socket(std::move(socket)) {}

 private:
  friend class Receiver;
  asio::detail::reactor::per_descriptor_data& reactor_data() {
    return impl_.get_implementation().reactor_data_;
  }
};

// Lives in its owner, which it keeps alive while it waits. One thread, the socket's.
class Receiver : private asio::detail::reactor_op {
 public:
  explicit Receiver(const Executor& executor);
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // Told of a receive's end, by the event loop; `size` is 0 with an error, asio::error::eof at the stream's
  // end. `self` is what was handed in: who lets go of it may end itself.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_received(std::shared_ptr<Listener> self, const ErrorCode& error, std::size_t size) = 0;
  };

  // Waits for bytes and takes as many as fit. Socket::cancel() and close() end it, as they do Asio's
  // operations. No other read may wait at the same time. `self` owns the socket, `room` and this.
  void start(ReceivingSocket& socket, std::span<char> room, std::shared_ptr<Listener> self);

 private:
  using Operation = asio::detail::scheduler_operation;
  static status receive(asio::detail::reactor_op* operation);
  static void complete(void* owner, Operation* operation, const ErrorCode& error, std::size_t size);

  asio::detail::reactor& reactor_;
  int descriptor_ = -1;
  std::span<char> room_;
  std::shared_ptr<Listener> self_;
};

}  // namespace larder::net
