// What no server can beat: a bare epoll loop that parses nothing.
//
//   bench_ceiling [--size N] [--status 200|304] [--close 1] [--upstream PORT]
//
// One thread. For each request (the end of a head is all that it looks for) it sends one response that was
// made beforehand:
// --size bytes of body (1024), or a 304 without one; with --close it then closes the connection. With
// --upstream it relays instead: what a client sends goes to that client's own connection to the upstream, and
// what comes from there goes back.
//
// Prints "port N" once it listens on loopback, and serves until it is killed.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Options {
  std::size_t size = 1024;
  unsigned long status = 200;
  bool closes = false;
  std::uint16_t upstream = 0;
};

// Of one descriptor; the vector of them is indexed by it.
struct Connection {
  std::string unread;    // of a head whose end has not come yet
  std::size_t owed = 0;  // bytes of responses that the socket did not take yet
  bool waits = false;    // for the socket to take more
  int other = -1;        // a relay's other side
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address = loopback(0);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener, generic, length) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &length) != 0)
    fail("bench_ceiling");
  std::printf("port %u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  std::fflush(stdout);
  return listener;
}

std::string response_of(const Options& options) {
  const std::string end = options.closes ? "Connection: close\r\n\r\n" : "\r\n";
  if (options.status == 304) return "HTTP/1.1 304 Not Modified\r\nETag: \"1-1024\"\r\n" + end;
  return "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " +
         std::to_string(options.size) + "\r\n" + end + std::string(options.size, 'a');
}

class Loop {
 public:
  explicit Loop(const Options& options)
      : options_(options),
        response_(response_of(options)),
        listener_(listen_on_loopback()),
        epoll_(::epoll_create1(0)) {
    watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_) {
          accept_all();
        } else if (options_.upstream != 0) {
          relay(socket);
        } else if (of(socket).owed > 0) {
          send_owed(socket);
        } else {
          answer(socket);
        }
      }
    }
  }

 private:
  Connection& of(int socket) { return connections_[static_cast<std::size_t>(socket)]; }

  void watch(int socket, int operation, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = socket;
    if (::epoll_ctl(epoll_, operation, socket, &event) != 0) fail("epoll_ctl");
  }

  void add(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connections_.size() <= static_cast<std::size_t>(socket))
      connections_.resize(static_cast<std::size_t>(socket) + 1);
    of(socket) = Connection{};
    watch(socket, EPOLL_CTL_ADD, EPOLLIN);
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (socket < 0) return;
      add(socket);
      if (options_.upstream == 0) continue;
      const int other = ::socket(AF_INET, SOCK_STREAM, 0);
      const sockaddr_in address = loopback(options_.upstream);
      if (::connect(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
      add(other);
      of(other).other = socket;
      of(socket).other = other;
    }
  }

  void close(int socket) {
    ::close(socket);
    of(socket) = Connection{};
  }

  // The number of heads that end in what was read.
  static std::size_t heads_in(Connection& connection, std::string_view piece) {
    constexpr std::string_view mark = "\r\n\r\n";
    std::string whole;
    if (!connection.unread.empty()) {
      whole = std::exchange(connection.unread, {});
      whole += piece;
      piece = whole;
    }
    std::size_t count = 0;
    for (std::size_t end = piece.find(mark); end != std::string_view::npos; end = piece.find(mark)) {
      ++count;
      piece.remove_prefix(end + mark.size());
    }
    connection.unread = piece;
    return count;
  }

  void answer(int socket) {
    const ssize_t size = ::read(socket, buffer_.data(), buffer_.size());
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return close(socket);
    of(socket).owed +=
        response_.size() * heads_in(of(socket), {buffer_.data(), static_cast<std::size_t>(size)});
    if (of(socket).owed > 0) send_owed(socket);
  }

  void send_owed(int socket) {
    Connection& connection = of(socket);
    while (connection.owed > 0) {
      const std::size_t of_this = (connection.owed - 1) % response_.size() + 1;
      const ssize_t sent =
          ::send(socket, response_.data() + response_.size() - of_this, of_this, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return close(socket);
      if (sent < 0) return wait_for(socket, true);
      connection.owed -= static_cast<std::size_t>(sent);
    }
    if (options_.closes) return close(socket);
    wait_for(socket, false);
  }

  // For room, or for the next request.
  void wait_for(int socket, bool room) {
    if (of(socket).waits == room) return;
    of(socket).waits = room;
    watch(socket, EPOLL_CTL_MOD, room ? EPOLLOUT : EPOLLIN);
  }

  void relay(int socket) {
    const int other = of(socket).other;
    if (other < 0) return;  // closed by an earlier event of the same turn
    const ssize_t size = ::recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0 || !send_all(other, {buffer_.data(), static_cast<std::size_t>(size)})) {
      close(other);
      close(socket);
    }
  }

  // Waits where the socket is full: with the small pages that are relayed it never is.
  static bool send_all(int socket, std::string_view piece) {
    while (!piece.empty()) {
      const ssize_t sent = ::send(socket, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        pollfd room{socket, POLLOUT, 0};
        ::poll(&room, 1, -1);
        continue;
      }
      if (sent < 0) return false;
      piece.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  const Options options_;
  const std::string response_;
  const int listener_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::array<char, 16 * 1024> buffer_{};
};

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--size") {
      options.size = number;
    } else if (name == "--status") {
      options.status = number;
    } else if (name == "--close") {
      options.closes = number != 0;
    } else if (name == "--upstream") {
      options.upstream = static_cast<std::uint16_t>(number);
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && (options.status == 200 || options.status == 304);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs("usage: bench_ceiling [--size N] [--status 200|304] [--close 1] [--upstream PORT]\n", stderr);
    return 2;
  }
  Loop(options).run();
}
