// Receives where they count: without an allocation, and without a system call for nothing.
//
// Asio's async_read_some() asks the kernel at once whether there is something to read. Behind an answer, or a
// request to the upstream, there hardly ever is, and that call was one of three with each hit
// (docs/decisions/0010-the-cheapest-hit.md). Asio has no way to leave it out, so these are operations of our
// own for its reactor: they are built against Boost 1.81's, which CMakeLists.txt asks for exactly.
//
// What is received so is received so to the end: Asio's own reads do not know that the kernel need not be
// asked, nor that it must be, and would wait for an event that has been.
//
// One thread, the socket's. Socket::cancel() and close() end a receive, as they do Asio's operations. No
// other read may wait at the same time.
#pragma once
#include <boost/asio/detail/reactive_socket_service.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "larder/net/types.hpp"

namespace larder::net {

namespace detail {
class ReceiveOperation;
}

// A socket that is received from as below, beside Asio's other operations.
class ReceivingSocket : public Socket {
 public:
  explicit ReceivingSocket(Socket socket) : Socket(std::move(socket)) {}
  explicit ReceivingSocket(const Executor& executor) : Socket(executor) {}

 private:
  friend class detail::ReceiveOperation;
  asio::detail::reactor::per_descriptor_data& reactor_data() {
    return impl_.get_implementation().reactor_data_;
  }
};

namespace detail {

// Whether the kernel is asked before epoll tells. It need not be where nothing can have come since the last
// receive, which ended because there was no more. What it misses is an end that came together with those
// bytes: that makes no event of its own.
enum class FirstTry : std::uint8_t { at_once, once_told };

// Waits for bytes, and takes as many as there is room for: with none, it only sees that there are some, or
// that the stream has ended. Where the last receive filled its room, or took nothing, the kernel is asked at
// once in any case.
class ReceiveOperation : private asio::detail::reactor_op {
 protected:
  explicit ReceiveOperation(const Executor& executor);
  ~ReceiveOperation() = default;

  void begin(ReceivingSocket& socket, std::span<char> room, FirstTry first_try);
  // While it waits: what it waits for from now on.
  void set_room(std::span<char> room) noexcept { room_ = room; }
  std::span<char> room() const noexcept { return room_; }
  bool has_only_seen() const noexcept { return has_only_seen_; }

  // By the event loop. `size` is 0 with an error, asio::error::eof at the stream's end.
  virtual void end(const ErrorCode& error, std::size_t size) = 0;
  // Instead: the event loop ends. May destroy this.
  virtual void drop() noexcept = 0;

 private:
  using Operation = asio::detail::scheduler_operation;
  static status receive(asio::detail::reactor_op* operation);
  static void complete(void* owner, Operation* operation, const ErrorCode& error, std::size_t size);

  asio::detail::reactor& reactor_;
  int descriptor_ = -1;
  std::span<char> room_;
  bool has_only_seen_ = false;
};

}  // namespace detail

using detail::FirstTry;

// For a coroutine: `size = co_await Receive(socket, room, FirstTry::at_once, error)`.
class Receive : private detail::ReceiveOperation {
 public:
  Receive(ReceivingSocket& socket, std::span<char> room, FirstTry first_try, ErrorCode& error)
      : ReceiveOperation(socket.get_executor()),
        socket_(socket),
        room_(room),
        first_try_(first_try),
        error_(error) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    detail::Run* const run = frame.promise().run;
    run->wait();
    resumption_.emplace(run);
    begin(socket_, room_, first_try_);
  }
  std::size_t await_resume() const noexcept { return size_; }

 private:
  void end(const ErrorCode& error, std::size_t size) override {
    error_ = error;
    size_ = size;
    detail::Resumption resumption = std::move(*resumption_);
    resumption();
  }
  void drop() noexcept override { const detail::Resumption dropped = std::move(*resumption_); }

  ReceivingSocket& socket_;
  std::span<char> room_;
  FirstTry first_try_;
  ErrorCode& error_;
  std::size_t size_ = 0;
  std::optional<detail::Resumption> resumption_;
};

// For a listener, in which it lives and which it keeps alive while it waits: receives one after another, and
// in between a watch for the peer's going away, which costs nothing, since the next receive takes it over.
class Receiver : private detail::ReceiveOperation {
 public:
  explicit Receiver(const Executor& executor) : ReceiveOperation(executor) {}
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // `self` is what was handed in: who lets go of it may end itself.
  class Listener {
   public:
    virtual ~Listener() = default;
    // A receive's end; `size` is 0 with an error, asio::error::eof at the stream's end.
    virtual void on_received(std::shared_ptr<Listener> self, const ErrorCode& error, std::size_t size) = 0;
    // While it is watched, the stream has ended, or broken. Called at most once for each watch().
    virtual void on_gone() = 0;
  };

  // Waits for bytes and takes as many as fit. `self` owns the socket, `room` and this.
  void start(ReceivingSocket& socket, std::span<char> room, std::shared_ptr<Listener> self);
  // Watches until start() or unwatch(). Bytes end the watch, too, and nobody is told of them.
  void watch(ReceivingSocket& socket, std::shared_ptr<Listener> self);
  void unwatch() noexcept { is_watched_ = false; }
  // Looks, once after each receive, for an end that came together with its bytes. Called now and then: a
  // client that has gone is not in a hurry.
  void look_for_end();

 private:
  void end(const ErrorCode& error, std::size_t size) override;
  void drop() noexcept override { const std::shared_ptr<Listener> dropped = std::move(self_); }

  std::shared_ptr<Listener> self_;
  ReceivingSocket* socket_ = nullptr;
  bool is_waiting_ = false;
  bool is_watched_ = false;
  bool has_looked_ = false;
};

}  // namespace larder::net
