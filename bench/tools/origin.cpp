// An upstream whose pages cost it nothing:
//
//   bench_origin [--port N] [--lifetime SECONDS] [--delay-ms N] [--tag-field NAME] [--connections 256]
//
//   GET /pages/NUMBER/SIZE   SIZE bytes that may be kept for --lifetime (an hour), sent after --delay-ms (at
//   once); with
//                            --tag-field that response field names two tags: `every`, and `group-` and 1000 +
//                            NUMBER modulo 1000
//   GET /DIRECTORY/page-NUMBER-SIZE/     the same, with an entity tag
//   GET /DIRECTORY/private-NUMBER-SIZE/  the same, that no shared cache may keep
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
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pages.hpp"

namespace {

std::atomic<std::uint64_t> pages_asked{0};

struct Options {
  std::uint16_t port = 0;
  std::uint64_t lifetime = 3600;
  std::uint64_t delay_ms = 0;
  std::string tag_field;
  // More than the connections of the proxy's pool, or one would wait for a seat for ever.
  std::uint64_t connections = 256;
};

// What a path names.
struct Page {
  std::uint64_t number = 0;
  std::size_t size = 0;
  bool is_private = false;
  bool has_tag = false;  // an entity tag
};

std::string fields_of(const Options& options, const Page& page) {
  std::string fields = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: ";
  fields += page.is_private ? std::string("private") : "max-age=" + std::to_string(options.lifetime);
  fields += "\r\n";
  if (page.has_tag)
    fields += "ETag: \"" + std::to_string(page.number) + "-" + std::to_string(page.size) + "\"\r\n";
  if (!options.tag_field.empty())
    fields += options.tag_field + ": every group-" + std::to_string(1000 + page.number % 1000) + "\r\n";
  return fields;
}

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

// Two numbers with this character between them.
bool read_numbers(std::string_view text, char between, Page& page) {
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, page.number);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != between) return false;
  const auto second = std::from_chars(first.ptr + 1, end, page.size);
  return second.ec == std::errc() && page.size <= bench::page_size_max;
}

bool read_page(std::string_view head, Page& page) {
  constexpr std::string_view plain = "GET /pages/";
  if (head.starts_with(plain)) return read_numbers(head.substr(plain.size()), '/', page);
  if (!head.starts_with("GET /")) return false;
  const std::size_t slash = head.find('/', 5);
  if (slash == std::string_view::npos) return false;
  const std::string_view name = head.substr(slash + 1);
  page.has_tag = true;
  page.is_private = name.starts_with("private-");
  if (!page.is_private && !name.starts_with("page-")) return false;
  return read_numbers(name.substr(name.find('-') + 1), '-', page);
}

bool answer(int socket, std::string_view head, const Options& options, const bench::Bodies& bodies) {
  Page page;
  std::string count;
  std::string_view body;
  std::string fields = "HTTP/1.1 404 Not Found\r\n";
  if (read_page(head, page)) {
    pages_asked.fetch_add(1, std::memory_order_relaxed);
    body = bodies.of(page.number, page.size);
    fields = fields_of(options, page);
    if (options.delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(options.delay_ms));
  } else if (head.starts_with("GET /count ")) {
    count = std::to_string(pages_asked.load(std::memory_order_relaxed));
    body = count;
    fields = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n";
  }
  fields += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return send_all(socket, fields, body);
}

// Requests have no bodies here, so that a head ends where the next one begins.
void serve(int socket, const Options& options, const bench::Bodies& bodies) {
  std::string unread;
  char buffer[16 * 1024];
  for (;;) {
    const std::size_t end = unread.find("\r\n\r\n");
    if (end != std::string::npos) {
      if (!answer(socket, std::string_view(unread).substr(0, end), options, bodies)) return;
      unread.erase(0, end + 4);
      continue;
    }
    const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
    if (size <= 0) return;
    unread.append(buffer, static_cast<std::size_t>(size));
  }
}

void accept_and_serve(int listener, const Options& options, const bench::Bodies& bodies) {
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    serve(socket, options, bodies);
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

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--port") {
      options.port = static_cast<std::uint16_t>(number);
    } else if (name == "--lifetime") {
      options.lifetime = number;
    } else if (name == "--delay-ms") {
      options.delay_ms = number;
    } else if (name == "--tag-field") {
      options.tag_field = argv[i + 1];
    } else if (name == "--connections") {
      options.connections = number;
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs(
        "usage: bench_origin [--port N] [--lifetime SECONDS] [--delay-ms N] [--tag-field NAME]\n"
        "                    [--connections 256]\n",
        stderr);
    return 2;
  }
  const bench::Bodies bodies;
  const int listener = listen_on(options.port);
  std::vector<std::jthread> threads;
  for (std::uint64_t i = 0; i < options.connections; ++i)
    threads.emplace_back(accept_and_serve, listener, std::cref(options), std::cref(bodies));
}
