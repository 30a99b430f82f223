// An upstream whose pages cost it nothing:
//
//   bench_origin [--port N] [--lifetime SECONDS] [--delay-ms N] [--tag-field NAME]
//
//   GET /pages/NUMBER/SIZE   SIZE bytes that may be kept for --lifetime (an hour), sent after --delay-ms (at
//   once); with
//                            --tag-field that response field names two tags: `every`, and `group-` and 1000 +
//                            NUMBER modulo 1000
//   GET /DIRECTORY/page-NUMBER-SIZE/     the same, with an entity tag
//   GET /DIRECTORY/private-NUMBER-SIZE/  the same, that no shared cache may keep
//   GET /count               how many pages were asked for so far
//
// Prints "port N" once it listens on loopback, and serves until it is killed. One thread with an epoll loop:
// a thread for each connection would cost the load's core a change of threads for each request, and keep the
// servers waiting that are measured.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pages.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::uint64_t lifetime = 3600;
  std::uint64_t delay_ms = 0;
  std::string tag_field;
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

// Of one descriptor; the vector of them is indexed by it. Requests have no bodies here, so that a head ends
// where the next one begins.
struct Connection {
  std::uint64_t number = 0;  // 0: closed. A descriptor comes back as another connection.
  std::string unread;
  std::string head;       // of the response under way, what the socket did not take yet
  std::string_view body;  // likewise
  bool is_delayed = false;

  bool is_answering() const { return is_delayed || !head.empty() || !body.empty(); }
};

// A response that is sent later. All wait equally long, so that the first is the next.
struct Delayed {
  Clock::time_point due;
  int socket;
  std::uint64_t connection;
};

class Loop {
 public:
  Loop(const Options& options, int listener)
      : options_(options), listener_(listener), epoll_(::epoll_create1(0)) {
    watch(listener_, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int count =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_left());
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          accept_all();
        } else if ((event.events & over) != 0) {
          close(event.data.fd);  // no server that is measured half-closes
        } else {
          go_on(event.data.fd, (event.events & EPOLLIN) != 0);
        }
      }
      send_delayed();
    }
  }

 private:
  static constexpr std::uint32_t over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

  Connection& of(int socket) { return connections_[static_cast<std::size_t>(socket)]; }

  void watch(int socket, std::uint32_t what) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = socket;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) fail();
  }

  [[noreturn]] static void fail() {
    std::perror("bench_origin");
    std::exit(1);
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (socket < 0 && errno != EAGAIN && errno != ECONNABORTED) fail();
      if (socket < 0) return;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() <= static_cast<std::size_t>(socket))
        connections_.resize(static_cast<std::size_t>(socket) + 1);
      of(socket) = Connection{};
      of(socket).number = ++connections_so_far_;
      watch(socket, EPOLLIN | EPOLLOUT | EPOLLET | over);
    }
  }

  void close(int socket) {
    ::close(socket);
    of(socket) = Connection{};
  }

  void go_on(int socket, bool may_read) {
    if (may_read && !read(socket)) return close(socket);
    if (!send(socket)) return close(socket);
    Connection& connection = of(socket);
    std::size_t end = 0;
    while (!connection.is_answering() && (end = connection.unread.find("\r\n\r\n")) != std::string::npos) {
      answer(socket, std::string_view(connection.unread).substr(0, end));
      connection.unread.erase(0, end + 4);
      if (!send(socket)) return close(socket);
    }
  }

  // All that has come: epoll tells once. False: nothing more will.
  bool read(int socket) {
    for (;;) {
      const ssize_t size = ::recv(socket, buffer_.data(), buffer_.size(), 0);
      if (size < 0) return errno == EAGAIN;
      if (size == 0) return false;
      of(socket).unread.append(buffer_.data(), static_cast<std::size_t>(size));
      if (static_cast<std::size_t>(size) < buffer_.size()) return true;
    }
  }

  void answer(int socket, std::string_view request) {
    Connection& connection = of(socket);
    Page page;
    std::string count;
    if (read_page(request, page)) {
      ++pages_asked_;
      connection.head = fields_of(options_, page);
      connection.body = bodies_.of(page.number, page.size);
      connection.is_delayed = options_.delay_ms > 0;
      if (connection.is_delayed)
        delayed_.push_back(
            {Clock::now() + std::chrono::milliseconds(options_.delay_ms), socket, connection.number});
    } else if (request.starts_with("GET /count ")) {
      count = std::to_string(pages_asked_);
      connection.head = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n";
    } else {
      connection.head = "HTTP/1.1 404 Not Found\r\n";
    }
    const std::size_t length = connection.body.size() + count.size();
    connection.head += "Content-Length: " + std::to_string(length) + "\r\n\r\n" + count;
  }

  // As much as the socket takes. False: it takes nothing more, ever.
  bool send(int socket) {
    Connection& connection = of(socket);
    while (!connection.is_delayed && connection.is_answering()) {
      iovec parts[2] = {{connection.head.data(), connection.head.size()},
                        {const_cast<char*>(connection.body.data()), connection.body.size()}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      const std::size_t of_head = std::min(static_cast<std::size_t>(sent), connection.head.size());
      connection.head.erase(0, of_head);
      connection.body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
    }
    return true;
  }

  void send_delayed() {
    while (!delayed_.empty() && delayed_.front().due <= Clock::now()) {
      const Delayed next = delayed_.front();
      delayed_.pop_front();
      if (of(next.socket).number != next.connection) continue;
      of(next.socket).is_delayed = false;
      go_on(next.socket, false);
    }
  }

  // Until the next delayed response, rounded up; -1: there is none.
  int milliseconds_left() const {
    if (delayed_.empty()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(delayed_.front().due - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }

  const Options& options_;
  const bench::Bodies bodies_;
  int listener_;
  int epoll_;
  std::vector<Connection> connections_;
  std::uint64_t connections_so_far_ = 0;
  std::deque<Delayed> delayed_;
  std::uint64_t pages_asked_ = 0;
  std::array<char, 64 * 1024> buffer_{};
};

int listen_on(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
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
    std::fputs("usage: bench_origin [--port N] [--lifetime SECONDS] [--delay-ms N] [--tag-field NAME]\n",
               stderr);
    return 2;
  }
  // As many connections as the machine allows.
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  Loop(options, listen_on(options.port)).run();
}
