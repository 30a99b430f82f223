// An event loop that a test turns by hand, and connected pairs of sockets.
#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "larder/net/listener.hpp"
#include "larder/net/receiver.hpp"

namespace larder::net::test {

class Loop {
 public:
  Executor executor() { return context_.get_executor(); }
  asio::io_context& context() { return context_; }
  // All that can go on without anybody's doing.
  void turn() {
    context_.restart();
    while (context_.poll() > 0) context_.restart();
  }
  // Until it holds; fails the test after a long while.
  void run_until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(20));
    }
    REQUIRE(holds());
  }

 private:
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
};

// The other end of a socket.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  Peer& operator=(Peer&&) = delete;
  ~Peer() { close(); }
  void send(std::string_view bytes) const {
    REQUIRE(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  // Has the socket that this is the other end of been closed?
  bool is_left() const {
    char byte = 0;
    return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

 private:
  int descriptor_;
};

struct Pair {
  std::unique_ptr<ReceivingSocket> socket;
  Peer peer;
};

inline Pair connected_pair(Loop& loop) {
  int descriptors[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, descriptors) == 0);
  return {std::make_unique<ReceivingSocket>(adopt(loop.executor(), descriptors[0])), Peer(descriptors[1])};
}

}  // namespace larder::net::test
