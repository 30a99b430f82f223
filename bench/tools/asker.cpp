// Asks a cache for pages of bench_origin, and holds what it answers against what they are:
//
//   bench_asker --port N --first NUMBER --pages COUNT --sizes log:MIN:MAX|even:MIN:MAX
//               [--connections 32] [--seconds-max 1800] [--require-hits] [--host NAME] [--blog]
//
// With --blog it asks for /blog/page-NUMBER-SIZE/ instead of /pages/NUMBER/SIZE. Each page is asked for once
// over keep-alive connections, in the order of their numbers. Prints one line of JSON. Exit code 1: an answer
// that is not its page (or, with --require-hits, no hit), a lost connection, or out of time.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
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
  std::uint64_t first = 0;
  std::uint64_t pages = 0;
  bool is_log = true;
  double size_min = 0;
  double size_max = 0;
  int connections = 32;
  int seconds_max = 1800;
  bool requires_hits = false;
  bool is_blog = false;
  std::string host = "bench.example";
};

// What all connections count together.
struct Totals {
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> wrong{0};
};

// Log-uniform: as many pages from 200 to 400 bytes as from 100 to 200 KiB, which is about how web pages are.
std::size_t size_of(std::uint64_t page, const Options& options) {
  const double place = static_cast<double>(bench::mix(page) >> 11) / 9007199254740992.0;  // 2^53
  const double size = options.is_log ? options.size_min * std::pow(options.size_max / options.size_min, place)
                                     : options.size_min + (options.size_max - options.size_min) * place;
  return static_cast<std::size_t>(size);
}

class Connection {
 public:
  explicit Connection(const Options& options)
      : options_(options), socket_(::socket(AF_INET, SOCK_STREAM, 0)), buffer_(buffer_size) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Longer than any answer takes: a cache that hangs is found out.
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_open() const { return is_open_; }
  std::string begin_of_answer() const { return std::string(received().substr(0, 500)); }

  // True: 200 with exactly this body.
  bool ask(std::uint64_t page, std::string_view body, bool& is_hit) {
    const std::string number = std::to_string(page);
    const std::string size = std::to_string(body.size());
    const std::string path =
        options_.is_blog ? "/blog/page-" + number + "-" + size + "/" : "/pages/" + number + "/" + size;
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + options_.host + "\r\n\r\n";
    is_open_ =
        ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
    filled_ = 0;
    std::size_t end = std::string_view::npos;
    while (is_open_ && end == std::string_view::npos) {
      receive();
      end = received().find("\r\n\r\n");
    }
    if (!is_open_) return false;
    const std::string_view head = received().substr(0, end + 2);
    is_hit = head.find("Cache-Status: larder; hit") != std::string_view::npos;
    // The framing decides where the next answer begins: what is wrong here ends the connection.
    is_open_ = bench::content_length_of(head) == body.size();
    const bool is_ok = head.starts_with("HTTP/1.1 200 ");
    return is_open_ && is_body_of(end + 4, body) && is_ok;
  }

 private:
  static constexpr std::size_t buffer_size = 256 * 1024;

  std::string_view received() const { return {buffer_.data(), filled_}; }

  void receive() {
    const ssize_t size = ::recv(socket_, buffer_.data() + filled_, buffer_.size() - filled_, 0);
    is_open_ = size > 0;
    if (is_open_) filled_ += static_cast<std::size_t>(size);
  }

  // Compares piece by piece as it arrives; the rest is read even after a difference.
  bool is_body_of(std::size_t begin, std::string_view body) {
    bool is_same = true;
    std::string_view piece = received().substr(begin);
    for (;;) {
      if (piece.size() > body.size()) return is_open_ = false;
      is_same = is_same && body.starts_with(piece);
      body.remove_prefix(piece.size());
      if (body.empty()) return is_same;
      filled_ = 0;
      receive();
      if (!is_open_) return false;
      piece = received();
    }
  }

  const Options& options_;
  int socket_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
  bool is_open_ = false;
};

// The first that goes wrong; others often follow from it.
void report(std::uint64_t page, std::size_t size, const Connection& connection) {
  const std::string head = connection.begin_of_answer();
  std::fprintf(stderr, "bench_asker: /pages/%llu/%zu (errno %d), received last:\n%s\n",
               static_cast<unsigned long long>(page), size, errno, head.c_str());
}

void ask_in_turn(const Options& options, const bench::Bodies& bodies, Clock::time_point deadline,
                 Totals& totals) {
  Connection connection(options);
  while (Clock::now() < deadline) {
    const std::uint64_t index = totals.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= options.pages) return;
    const std::uint64_t page = options.first + index;
    const std::string_view body = bodies.of(page, size_of(page, options));
    bool is_hit = false;
    const bool is_right = connection.is_open() && connection.ask(page, body, is_hit);
    totals.answered += is_right ? 1 : 0;
    totals.wrong += is_right ? 0 : 1;
    totals.hits += is_hit ? 1 : 0;
    totals.bytes += body.size();
    if (!is_right && totals.wrong == 1) report(page, body.size(), connection);
    if (!connection.is_open()) return;
  }
}

bool read_sizes(std::string_view text, Options& options) {
  options.is_log = text.starts_with("log:");
  if (!options.is_log && !text.starts_with("even:")) return false;
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (second == std::string_view::npos) return false;
  options.size_min = std::strtod(text.data() + first + 1, nullptr);
  options.size_max = std::strtod(text.data() + second + 1, nullptr);
  return options.size_min >= 1 && options.size_min <= options.size_max &&
         options.size_max <= bench::page_size_max;
}

bool read_options(int argc, char** argv, Options& options) {
  bool has_sizes = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--require-hits") {
      options.requires_hits = true;
      continue;
    }
    if (name == "--blog") {
      options.is_blog = true;
      continue;
    }
    if (++i == argc) return false;
    const char* const value = argv[i];
    const auto number = std::strtoull(value, nullptr, 10);
    if (name == "--port") {
      options.port = static_cast<std::uint16_t>(number);
    } else if (name == "--first") {
      options.first = number;
    } else if (name == "--pages") {
      options.pages = number;
    } else if (name == "--sizes") {
      has_sizes = read_sizes(value, options);
    } else if (name == "--connections") {
      options.connections = static_cast<int>(number);
    } else if (name == "--seconds-max") {
      options.seconds_max = static_cast<int>(number);
    } else if (name == "--host") {
      options.host = value;
    } else {
      return false;
    }
  }
  return options.port != 0 && options.pages != 0 && has_sizes && options.connections > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs(
        "usage: bench_asker --port N --first NUMBER --pages COUNT --sizes log:MIN:MAX|even:MIN:MAX\n"
        "                   [--connections 32] [--seconds-max 1800] [--require-hits] [--host NAME] "
        "[--blog]\n",
        stderr);
    return 2;
  }
  const bench::Bodies bodies;
  Totals totals;
  const auto began = Clock::now();
  const auto deadline = began + std::chrono::seconds(options.seconds_max);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < options.connections; ++i) {
      threads.emplace_back([&] { ask_in_turn(options, bodies, deadline, totals); });
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf(
      "{\"asked\": %llu, \"answered\": %llu, \"hits\": %llu, \"wrong\": %llu, \"mib\": %.0f, \"seconds\": "
      "%.1f}\n",
      static_cast<unsigned long long>(options.pages), static_cast<unsigned long long>(totals.answered.load()),
      static_cast<unsigned long long>(totals.hits.load()),
      static_cast<unsigned long long>(totals.wrong.load()),
      static_cast<double>(totals.bytes.load()) / 1048576.0, seconds);
  const bool is_complete = totals.answered == options.pages && totals.wrong == 0;
  return is_complete && (!options.requires_hits || totals.hits == options.pages) ? 0 : 1;
}
