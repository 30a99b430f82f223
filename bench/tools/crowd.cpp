// Many who ask for one thing at the same moment:
//
//   bench_crowd --port N --host NAME --path PATH [--connections 1000] [--seconds-max 60]
//
// Opens all connections, gives the server a moment to take them, sends one request on each, and reads the
// answers. Prints one line of JSON: how many 200s of told length came, how many others, and when the first
// and the last answer was complete, in ms since the first request was sent. Exit code 1: a connection broke,
// or time ran out.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pages.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::string host;
  std::string path;
  int connections = 1000;
  int seconds_max = 60;
};

struct Asker {
  int socket = -1;
  std::string received;
};

struct Seen {
  int answered = 0;
  int others = 0;  // answers that are no 200, or do not say their length
  int broken = 0;
  double first_ms = 0;
  double last_ms = 0;
};

bool connect_to(std::uint16_t port, Asker& asker) {
  asker.socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(asker.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(asker.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// True once the whole answer is there.
bool is_complete(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  return end != std::string_view::npos &&
         received.size() >= end + 4 + bench::content_length_of(received.substr(0, end + 2));
}

void read_answers(std::vector<Asker>& askers, int epoll, Clock::time_point began, Clock::time_point deadline,
                  Seen& seen) {
  std::array<epoll_event, 256> events{};
  std::array<char, 64 * 1024> buffer{};
  for (std::size_t left = askers.size(); left > 0 && Clock::now() < deadline;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      Asker& asker = askers[events[static_cast<std::size_t>(i)].data.u32];
      const ssize_t size = ::recv(asker.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size > 0) asker.received.append(buffer.data(), static_cast<std::size_t>(size));
      if (size > 0 && !is_complete(asker.received)) continue;
      ::epoll_ctl(epoll, EPOLL_CTL_DEL, asker.socket, nullptr);
      --left;
      if (size <= 0) {
        ++seen.broken;
        continue;
      }
      // A head without the length would have looked complete before its body came.
      const bool is_right =
          asker.received.starts_with("HTTP/1.1 200") && bench::content_length_of(asker.received) > 0;
      ++(is_right ? seen.answered : seen.others);
      seen.last_ms = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
      if (seen.first_ms == 0) seen.first_ms = seen.last_ms;
    }
  }
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* const value = argv[i + 1];
    const auto number = std::strtoull(value, nullptr, 10);
    if (name == "--port") {
      options.port = static_cast<std::uint16_t>(number);
    } else if (name == "--host") {
      options.host = value;
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--connections") {
      options.connections = static_cast<int>(number);
    } else if (name == "--seconds-max") {
      options.seconds_max = static_cast<int>(number);
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && options.port != 0 && options.connections > 0 && options.path.starts_with('/');
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs(
        "usage: bench_crowd --port N --host NAME --path PATH [--connections 1000] [--seconds-max 60]\n",
        stderr);
    return 2;
  }
  const int epoll = ::epoll_create1(0);
  std::vector<Asker> askers(static_cast<std::size_t>(options.connections));
  for (std::size_t i = 0; i < askers.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u32 = static_cast<std::uint32_t>(i);
    if (!connect_to(options.port, askers[i]) ||
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].socket, &event) != 0) {
      std::perror("bench_crowd");
      return 1;
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));

  const std::string request = "GET " + options.path + " HTTP/1.1\r\nHost: " + options.host + "\r\n\r\n";
  Seen seen;
  const auto began = Clock::now();
  for (const Asker& asker : askers) {
    if (::send(asker.socket, request.data(), request.size(), MSG_NOSIGNAL) < 0)
      std::perror("bench_crowd: send");
  }
  read_answers(askers, epoll, began, began + std::chrono::seconds(options.seconds_max), seen);
  std::printf("{\"answered\": %d, \"others\": %d, \"first_ms\": %.2f, \"last_ms\": %.2f}\n", seen.answered,
              seen.others, seen.first_ms, seen.last_ms);
  return seen.answered + seen.others == options.connections ? 0 : 1;
}
