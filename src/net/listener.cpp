#include "larder/net/listener.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace larder::net {
namespace {

constexpr int listen_backlog = 4096;  // the kernel caps it at net.core.somaxconn

[[noreturn]] void fail(const config::Address& address, const std::string& what) {
  throw std::runtime_error("cannot listen on " + text_of(address) + ": " + what);
}

// A descriptor that closes itself unless it is released.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

int listen_on_unix(const config::Address& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.unix_path.size() >= sizeof name.sun_path) fail(address, "the path is too long");
  std::memcpy(name.sun_path, address.unix_path.c_str(), address.unix_path.size() + 1);
  const auto* socket_name = reinterpret_cast<const sockaddr*>(&name);
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), socket_name, sizeof name) == 0) fail(address, "another process listens there");
  if (errno == ECONNREFUSED) ::unlink(address.unix_path.c_str());
  Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::bind(descriptor.get(), socket_name, sizeof name) != 0) fail(address, std::strerror(errno));
  if (::listen(descriptor.get(), listen_backlog) != 0) fail(address, std::strerror(errno));
  return descriptor.release();
}

int listen_on_info(const addrinfo& info, bool is_every_interface, bool shares_port) {
  Descriptor descriptor(::socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (descriptor.get() < 0) return -1;
  set_option(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (shares_port) set_option(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (info.ai_family == AF_INET6)
    set_option(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, is_every_interface ? 0 : 1);
  if (::bind(descriptor.get(), info.ai_addr, info.ai_addrlen) != 0) return -1;
  if (::listen(descriptor.get(), listen_backlog) != 0) return -1;
  return descriptor.release();
}

}  // namespace

int listen_on(const config::Address& address, bool shares_port) {
  if (address.is_unix()) return listen_on_unix(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const bool is_every_interface = address.host.empty();
  const std::string port = std::to_string(address.port);
  addrinfo* found = nullptr;
  // "::" takes IPv4 as well; a machine without IPv6 has only "0.0.0.0".
  const char* host = is_every_interface ? "::" : address.host.c_str();
  if (const int error = ::getaddrinfo(host, port.c_str(), &hints, &found))
    fail(address, ::gai_strerror(error));
  int descriptor = listen_on_info(*found, is_every_interface, shares_port);
  int reason = errno;
  ::freeaddrinfo(found);
  if (descriptor < 0 && is_every_interface && reason == EAFNOSUPPORT) {
    config::Address any = address;
    any.host = "0.0.0.0";
    return listen_on(any, shares_port);
  }
  if (descriptor < 0) fail(address, std::strerror(reason));
  return descriptor;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(name).sin_port);
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(name).sin6_port);
  return 0;
}

int accept_on(int listener, int& error) {
  const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  error = descriptor < 0 ? errno : 0;
  if (error == EAGAIN || error == EWOULDBLOCK) error = 0;
  return descriptor;
}

Socket adopt(const Executor& executor, int descriptor) {
  int family = AF_UNIX;
  socklen_t size = sizeof family;
  ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size);
  if (family != AF_UNIX) set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  return adopt_again(executor, descriptor, family == AF_UNIX);
}

Socket adopt_again(const Executor& executor, int descriptor, bool is_unix) {
  Socket socket(executor);
  // Asio asks the family for nothing but the size of addresses, of which a connected socket needs none.
  const int family = is_unix ? AF_UNIX : AF_INET6;
  const int protocol = is_unix ? 0 : IPPROTO_TCP;
  ErrorCode error;
  socket.assign(asio::generic::stream_protocol(family, protocol), descriptor, error);
  if (error) {
    ::close(descriptor);
    throw boost::system::system_error(error);
  }
  socket.native_non_blocking(true);
  return socket;
}

Peer peer_of(const Socket& socket) {
  Peer peer;
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  auto& handle = const_cast<Socket&>(socket);  // native_handle() is not const in Asio
  char text[INET6_ADDRSTRLEN] = "";
  if (::getpeername(handle.native_handle(), reinterpret_cast<sockaddr*>(&name), &size) != 0)
    name.ss_family = AF_UNIX;
  if (name.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(name).sin_addr;
    peer.ip[10] = peer.ip[11] = 0xff;
    std::memcpy(peer.ip.data() + 12, &address, 4);
    ::inet_ntop(AF_INET, &address, text, sizeof text);
  } else if (name.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(name).sin6_addr;
    std::memcpy(peer.ip.data(), &address, 16);
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
      ::inet_ntop(AF_INET, peer.ip.data() + 12, text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &address, text, sizeof text);
    }
  } else {
    peer.is_unix = true;
  }
  peer.text = peer.is_unix ? "unix" : text;
  return peer;
}

}  // namespace larder::net
