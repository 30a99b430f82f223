// Requests at a steady rate, and how long their answers take:
//
//   bench_pacer --port N --request FILE [--request FILE...] --from N --to N [--random SEED] [--group-min N]
//               [--rate PER_SECOND] [--seconds S] [--count N] [--connections 8] [--hit-mark TEXT]
//
// A `%` in a request stands for a number: from, from + 1, ... to - 1 and again, or random ones of these; with
// --group-min only those whose last three digits are at least that. Several requests take turns. Ends after
// --seconds or --count requests. Prints one line of JSON: counts, and the quantiles in ms of the answers
// whose head holds
// --hit-mark (of all 200s without one). Exit code 1: a connection broke.
//
// wrk knows no rate: it asks as fast as it is answered, so that a server's pause delays one request a
// connection and is lost among those that were never sent (coordinated omission). Here a request that is late
// because the one before it was is counted from when it was due; that the sender itself woke late is not
// counted.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pages.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::vector<std::string> requests;
  std::uint64_t from = 0;
  std::uint64_t to = 1;
  bool is_random = false;
  std::uint64_t seed = 0;
  std::uint64_t group_min = 0;
  double rate = 0;  // 0: as fast as the answers come
  double seconds = 1e9;
  std::uint64_t count = ~std::uint64_t{0};
  int connections = 8;
  std::string hit_mark;
};

// What one connection saw.
struct Seen {
  std::vector<std::uint32_t> hits_us;
  std::uint64_t answered = 0;
  std::uint64_t others = 0;  // no hit, or no 200
  bool is_broken = false;
};

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The head of the answer, once its body has been read too; empty when the connection broke.
  std::string_view ask(std::string_view request) {
    unread_.clear();
    is_open_ = is_open_ && ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
                               static_cast<ssize_t>(request.size());
    std::size_t end = std::string::npos;
    while (is_open_ && (end = unread_.find("\r\n\r\n")) == std::string::npos) receive();
    if (!is_open_) return {};
    const std::size_t size = end + 4 + bench::content_length_of(std::string_view(unread_).substr(0, end + 2));
    while (is_open_ && unread_.size() < size) receive();
    return is_open_ ? std::string_view(unread_).substr(0, end) : std::string_view();
  }

 private:
  void receive() {
    char buffer[16 * 1024];
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
    is_open_ = size > 0;
    if (is_open_) unread_.append(buffer, static_cast<std::size_t>(size));
  }

  int socket_;
  bool is_open_ = false;
  std::string unread_;
};

std::uint64_t number_of(const Options& options, std::uint64_t index) {
  const std::uint64_t span = options.to - options.from;
  if (!options.is_random) return options.from + index % span;
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::uint64_t number = options.from + bench::mix(options.seed + index * 1'000 + attempt) % span;
    if (number % 1'000 >= options.group_min) return number;
  }
}

std::string request_of(const Options& options, std::uint64_t index) {
  const std::string& pattern = options.requests[index % options.requests.size()];
  const std::string number = std::to_string(number_of(options, index));
  std::string text;
  text.reserve(pattern.size() + number.size());
  for (const char c : pattern) {
    if (c == '%') {
      text += number;
    } else {
      text += c;
    }
  }
  return text;
}

void pace(const Options& options, std::atomic<std::uint64_t>& next, Clock::time_point began, Seen& seen) {
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  Connection connection(options.port);
  const auto deadline = began + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(std::min(options.seconds, 1e6)));
  while (true) {
    const std::uint64_t index = next.fetch_add(1);
    if (index >= options.count) return;
    const std::string request = request_of(options, index);
    auto due = Clock::now();
    if (options.rate > 0) {
      const auto planned = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                       static_cast<double>(index) / options.rate));
      if (planned > due) {
        std::this_thread::sleep_until(planned);
        due = Clock::now();
      } else {
        due = planned;
      }
    }
    if (due >= deadline) return;
    const std::string_view head = connection.ask(request);
    const auto took = Clock::now() - due;
    if (head.empty()) {
      seen.is_broken = true;
      return;
    }
    ++seen.answered;
    const bool is_hit =
        head.starts_with("HTTP/1.1 200") && head.find(options.hit_mark) != std::string_view::npos;
    if (is_hit) {
      seen.hits_us.push_back(
          static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    } else {
      ++seen.others;
    }
  }
}

std::string text_of_file(const char* name) {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* const value = argv[i + 1];
    const auto number = std::strtoull(value, nullptr, 10);
    if (name == "--port")
      options.port = static_cast<std::uint16_t>(number);
    else if (name == "--request")
      options.requests.push_back(text_of_file(value));
    else if (name == "--from")
      options.from = number;
    else if (name == "--to")
      options.to = number;
    else if (name == "--random")
      options.is_random = true, options.seed = number;
    else if (name == "--group-min")
      options.group_min = number;
    else if (name == "--rate")
      options.rate = std::strtod(value, nullptr);
    else if (name == "--seconds")
      options.seconds = std::strtod(value, nullptr);
    else if (name == "--count")
      options.count = number;
    else if (name == "--connections")
      options.connections = static_cast<int>(number);
    else if (name == "--hit-mark")
      options.hit_mark = value;
    else
      return false;
  }
  return argc % 2 == 1 && options.port != 0 && !options.requests.empty() && options.from < options.to &&
         options.connections > 0 && options.group_min < 1'000;
}

double quantile_ms(const std::vector<std::uint32_t>& sorted_us, double share) {
  if (sorted_us.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted_us.size()));
  return sorted_us[std::min(at, sorted_us.size() - 1)] / 1000.0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs(
        "usage: bench_pacer --port N --request FILE [--request FILE...] --from N --to N [--random SEED]\n"
        "                   [--group-min N] [--rate PER_SECOND] [--seconds S] [--count N] [--connections 8]\n"
        "                   [--hit-mark TEXT]\n",
        stderr);
    return 2;
  }
  std::vector<Seen> seen(static_cast<std::size_t>(options.connections));
  std::atomic<std::uint64_t> next{0};
  const auto began = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (Seen& each : seen) threads.emplace_back([&] { pace(options, next, began, each); });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  Seen all;
  for (const Seen& each : seen) {
    all.hits_us.insert(all.hits_us.end(), each.hits_us.begin(), each.hits_us.end());
    all.answered += each.answered;
    all.others += each.others;
    all.is_broken = all.is_broken || each.is_broken;
  }
  std::sort(all.hits_us.begin(), all.hits_us.end());
  std::printf(
      "{\"answered\": %llu, \"hits\": %zu, \"others\": %llu, \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": "
      "%.3f, "
      "\"max_ms\": %.3f, \"seconds\": %.2f}\n",
      static_cast<unsigned long long>(all.answered), all.hits_us.size(),
      static_cast<unsigned long long>(all.others), quantile_ms(all.hits_us, 0.5),
      quantile_ms(all.hits_us, 0.9), quantile_ms(all.hits_us, 0.99), quantile_ms(all.hits_us, 1), seconds);
  return all.is_broken ? 1 : 0;
}
