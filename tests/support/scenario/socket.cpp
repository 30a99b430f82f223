#include "support/scenario/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace scenario {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Failure(what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    throw Failure("the path of a unix socket is too long: " + path);
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

Socket new_socket(int family) {
  Socket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) fail("socket");
  return socket;
}

template <typename Address>
void connect_to(const Socket& socket, const Address& address) {
  if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    fail("connect");
  }
}

template <typename Address>
void listen_at(const Socket& socket, const Address& address) {
  if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    fail("bind");
  if (::listen(socket.descriptor(), SOMAXCONN) != 0) fail("listen");
}

void set_option(const Socket& socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket.descriptor(), level, name, &on, sizeof(on));
}

bool wait_for(int descriptor, short events, int milliseconds) {
  pollfd waiting{descriptor, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, milliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Socket::reset_on_close() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void Socket::finish_sending() noexcept {
  ::shutdown(descriptor_, SHUT_WR);
}

void Socket::shut_down() noexcept {
  ::shutdown(descriptor_, SHUT_RDWR);
}

bool Socket::send(std::string_view bytes) const {
  const SteadyTime deadline = deadline_from_now();
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(descriptor_, POLLOUT, milliseconds_left(deadline))) {
        throw Failure("waited for the peer to take " + std::to_string(bytes.size()) + " more bytes");
      }
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

Arrival Socket::receive(std::string& into, SteadyTime deadline) const {
  std::array<char, 64 * 1024> buffer;
  while (true) {
    if (!wait_for(descriptor_, POLLIN, milliseconds_left(deadline))) {
      throw Failure("waited for the peer to send something, or to close");
    }
    const ssize_t received = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received == 0) return Arrival::end;
    if (received > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(received));
      return Arrival::data;
    }
    if (errno != EINTR && errno != EAGAIN) return Arrival::reset;
  }
}

bool Socket::is_readable_within(int milliseconds) const {
  return wait_for(descriptor_, POLLIN, milliseconds);
}

Socket connect_tcp(std::uint16_t port) {
  Socket socket = new_socket(AF_INET);
  connect_to(socket, loopback(port));
  set_option(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

Socket connect_unix(const std::string& path) {
  Socket socket = new_socket(AF_UNIX);
  connect_to(socket, unix_address(path));
  return socket;
}

Socket listen_tcp(std::uint16_t port) {
  Socket socket = new_socket(AF_INET);
  set_option(socket, SOL_SOCKET, SO_REUSEADDR);
  listen_at(socket, loopback(port));
  return socket;
}

Socket listen_unix(const std::string& path) {
  Socket socket = new_socket(AF_UNIX);
  ::unlink(path.c_str());
  listen_at(socket, unix_address(path));
  return socket;
}

std::uint16_t port_of(const Socket& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("getsockname");
  return ntohs(address.sin_port);
}

void allow_descriptors(std::size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  if (limit.rlim_cur >= count) return;
  if (limit.rlim_max < count) throw Failure("the hard limit of open files is below " + std::to_string(count));
  limit.rlim_cur = count;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

}  // namespace scenario
