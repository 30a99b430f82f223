// An upstream whose pages cost it nothing: bench_origin [--port N]
//
//   GET /pages/NUMBER/SIZE   SIZE bytes that may be kept for an hour
//   GET /count               how many pages were asked for so far
//
// Prints "port N" once it listens on loopback, and serves until it is killed. A thread serves one connection
// at a time: blocking calls are the shortest code, and enough for the connections that a proxy's pool keeps.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pages.hpp"

namespace {

// More than the connections of the proxy's pool, or one would wait for a seat for ever.
constexpr int connections_max = 256;

std::atomic<std::uint64_t> pages_asked{0};

bool send_all(int socket, std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                      {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    const auto size = static_cast<std::size_t>(sent);
    const std::size_t of_head = std::min(size, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(size - of_head);
  }
  return true;
}

// The numbers of "GET /pages/NUMBER/SIZE ".
bool read_page(std::string_view head, std::uint64_t& page, std::size_t& size) {
  constexpr std::string_view start = "GET /pages/";
  if (!head.starts_with(start)) return false;
  const char* const end = head.data() + head.size();
  const auto first = std::from_chars(head.data() + start.size(), end, page);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return false;
  const auto second = std::from_chars(first.ptr + 1, end, size);
  return second.ec == std::errc() && size <= bench::page_size_max;
}

bool answer(int socket, std::string_view head, const bench::Bodies& bodies) {
  std::uint64_t page = 0;
  std::size_t size = 0;
  std::string count;
  std::string_view body;
  std::string fields = "HTTP/1.1 404 Not Found\r\n";
  if (read_page(head, page, size)) {
    pages_asked.fetch_add(1, std::memory_order_relaxed);
    body = bodies.of(page, size);
    fields = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: max-age=3600\r\n";
  } else if (head.starts_with("GET /count ")) {
    count = std::to_string(pages_asked.load(std::memory_order_relaxed));
    body = count;
    fields = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n";
  }
  fields += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return send_all(socket, fields, body);
}

// Requests have no bodies here, so that a head ends where the next one begins.
void serve(int socket, const bench::Bodies& bodies) {
  std::string unread;
  char buffer[16 * 1024];
  for (;;) {
    const std::size_t end = unread.find("\r\n\r\n");
    if (end != std::string::npos) {
      if (!answer(socket, std::string_view(unread).substr(0, end), bodies)) return;
      unread.erase(0, end + 4);
      continue;
    }
    const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
    if (size <= 0) return;
    unread.append(buffer, static_cast<std::size_t>(size));
  }
}

void accept_and_serve(int listener, const bench::Bodies& bodies) {
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    serve(socket, bodies);
    ::close(socket);
  }
}

int listen_on(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener, generic, length) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &length) != 0) {
    std::perror("bench_origin");
    std::exit(1);
  }
  std::printf("port %u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  std::fflush(stdout);
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  if (argc == 3 && std::string_view(argv[1]) == "--port") {
    port = static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10));
  } else if (argc != 1) {
    std::fputs("usage: bench_origin [--port N]\n", stderr);
    return 2;
  }
  const bench::Bodies bodies;
  const int listener = listen_on(port);
  std::vector<std::jthread> threads;
  for (int i = 0; i < connections_max; ++i)
    threads.emplace_back(accept_and_serve, listener, std::cref(bodies));
}
