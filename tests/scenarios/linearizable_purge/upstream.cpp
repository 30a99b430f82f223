// The upstream of the purge checker: a body is the version that was read when the request came, sent later.
// later.
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <iostream>
#include <optional>

#include "chance.hpp"
#include "history.hpp"
#include "pages.hpp"
#include "roles.hpp"

namespace linearizable {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Task = asio::awaitable<bool>;  // false: the connection has ended
using Request = http::request<http::empty_body>;

// What goes wrong with an answer. Percent, of all.
constexpr int broken_before_head = 2;
constexpr int broken_in_body = 2;
constexpr int failing = 3;
constexpr int slow = 1;

class Upstream {
 public:
  Upstream(const Role& role, asio::io_context& context)
      : context_(context),
        acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), role.port)),
        chance_(role.seed),
        history_(role.history),
        versions_(pages().size(), 1) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  asio::awaitable<void> accept();

 private:
  struct Answer {
    std::string head;
    std::string body;
    bool is_chunked = false;
    bool breaks = false;
  };

  asio::awaitable<void> serve(tcp::socket socket);
  Task answer(tcp::socket& socket, const Request& request);
  Task publish(tcp::socket& socket, std::size_t page);
  Task take_form(tcp::socket& socket);
  Task fetch(tcp::socket& socket, const Request& request, std::size_t page);
  Task send(tcp::socket& socket, const Answer& answer);
  asio::awaitable<void> pause(std::size_t microseconds_max);
  Answer compose(const Request& request, Fetch& fetch);

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  Chance chance_;
  HistoryWriter history_;
  std::vector<std::uint64_t> versions_;
  std::uint64_t fetches_ = 0;
};

std::string_view text(const Request& request, http::field field) {
  const auto value = request[field];
  return {value.data(), value.size()};
}

// "bytes=16-47" of a body of so many bytes.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::optional<Range> range_of(std::string_view value, std::size_t size) {
  Range range;
  if (!value.starts_with("bytes=")) return std::nullopt;
  value.remove_prefix(6);
  const char* const end = value.data() + value.size();
  const auto first = std::from_chars(value.data(), end, range.first);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, range.last);
  if (second.ec != std::errc() || second.ptr != end || range.last < range.first || range.last >= size)
    return std::nullopt;
  return range;
}

std::string lifetime_of(const Page& page) {
  if (page.manner == Manner::brief) return "max-age=1";
  return page.manner == Manner::checked ? "max-age=60, no-cache" : "max-age=60";
}

asio::awaitable<void> Upstream::pause(std::size_t microseconds_max) {
  asio::steady_timer timer(context_, std::chrono::microseconds(chance_.below(microseconds_max)));
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Whatever it says, the version is the one that was read before.
Upstream::Answer Upstream::compose(const Request& request, Fetch& fetch) {
  const Page& page = pages()[fetch.page];
  const std::string language(language_of(page, text(request, http::field::accept_language)));
  const std::string etag = etag_of(fetch.version, language);
  std::string fields = "ETag: " + etag + "\r\nX-Fetch: " + std::to_string(fetch.id) +
                       "\r\nCache-Control: " + lifetime_of(page) + "\r\nSurrogate-Key: " + page.tags + "\r\n";
  if (page.has_variants) fields += "Vary: Accept-Language\r\n";
  if (chance_.percent(failing)) {
    fetch.outcome = chance_.percent(50) ? "500" : "503";
    return {"HTTP/1.1 " + fetch.outcome + " Failed\r\nContent-Length: 0\r\n\r\n", "", false, false};
  }
  if (text(request, http::field::if_none_match).find(etag) != std::string_view::npos) {
    fetch.outcome = "304";
    return {"HTTP/1.1 304 Not Modified\r\n" + fields + "\r\n", "", false, false};
  }
  Answer answer;
  for (std::size_t i = 0; i < records_of(page); ++i) answer.body += record_of(fetch.version, language);
  answer.breaks = chance_.percent(broken_in_body);
  fetch.outcome = "200";
  std::string status = "200 OK";
  if (const auto range = range_of(text(request, http::field::range), answer.body.size())) {
    fields += "Content-Range: bytes " + std::to_string(range->first) + "-" + std::to_string(range->last) +
              "/" + std::to_string(answer.body.size()) + "\r\n";
    answer.body = answer.body.substr(range->first, range->last - range->first + 1);
    status = "206 Partial Content";
    fetch.outcome = "206";
  } else {
    answer.is_chunked = chance_.percent(30);
  }
  const bool has_no_body = request.method() == http::verb::head;
  if (has_no_body) answer.is_chunked = answer.breaks = false;
  if (answer.breaks) fetch.outcome += "-broken";
  fields += answer.is_chunked ? "Transfer-Encoding: chunked\r\n"
                              : "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  answer.head = "HTTP/1.1 " + status + "\r\n" + fields + "\r\n";
  if (has_no_body) answer.body.clear();
  return answer;
}

std::string chunk(std::string_view data) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16).ptr;
  return std::string(size.data(), end) + "\r\n" + std::string(data) + "\r\n";
}

Task Upstream::send(tcp::socket& socket, const Answer& answer) {
  boost::system::error_code error;
  std::string out = answer.head;
  if (chance_.percent(30)) {
    co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    out.clear();
    co_await pause(8'000);
  }
  std::string_view rest = answer.body;
  if (answer.breaks) rest = rest.substr(0, rest.size() / 2);
  const std::size_t pieces = chance_.percent(30) ? 1 + chance_.below(4) : 1;
  const std::size_t piece_size = rest.size() / pieces + 1;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, piece_size);
    rest.remove_prefix(piece.size());
    out += answer.is_chunked ? chunk(piece) : std::string(piece);
    if (rest.empty() && answer.is_chunked && !answer.breaks) out += "0\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    out.clear();
    if (!rest.empty()) co_await pause(3'000);
  }
  if (!out.empty())
    co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
  co_return !error && !answer.breaks;
}

Task Upstream::fetch(tcp::socket& socket, const Request& request, std::size_t page) {
  Fetch event;
  event.id = ++fetches_;
  event.page = page;
  event.arrival = now();
  co_await pause(4'000);
  event.read_at = now();
  event.version = versions_[page];
  co_await pause(chance_.percent(slow) ? 200'000 : 10'000);
  bool lives = false;
  if (chance_.percent(broken_before_head)) {
    event.outcome = "broken-before-head";
  } else {
    const Answer answer = compose(request, event);
    lives = co_await send(socket, answer);
  }
  event.end = now();
  history_.add(event);
  co_return lives;
}

Task Upstream::publish(tcp::socket& socket, std::size_t page) {
  const std::string body = std::to_string(++versions_[page]);
  const std::string out =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  boost::system::error_code error;
  co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

// Of no page: what it outdates, nobody reads.
Task Upstream::take_form(tcp::socket& socket) {
  constexpr std::string_view out = "HTTP/1.1 204 No Content\r\n\r\n";
  boost::system::error_code error;
  co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

Task Upstream::answer(tcp::socket& socket, const Request& request) {
  const std::string target(request.target());
  constexpr std::string_view publishing = "/-/publish/";
  bool lives = false;
  if (target.starts_with(publishing)) {
    lives = co_await publish(socket, std::stoul(target.substr(publishing.size())));
  } else if (request.method() == http::verb::post) {
    lives = co_await take_form(socket);
  } else {
    const std::size_t page = page_of(text(request, http::field::host), target);
    if (page == pages().size()) {
      std::cerr << "upstream: no page " << text(request, http::field::host) << target << "\n";
      co_return false;
    }
    lives = co_await fetch(socket, request, page);
  }
  co_return lives;
}

asio::awaitable<void> Upstream::serve(tcp::socket socket) {
  socket.set_option(tcp::no_delay(true));
  boost::beast::flat_buffer buffer;
  for (;;) {
    Request request;
    boost::system::error_code error;
    co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const bool lives = co_await answer(socket, request);
    if (!lives) co_return;
  }
}

asio::awaitable<void> Upstream::accept() {
  for (;;) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int run_upstream(const Role& role) {
  asio::io_context context(1);
  Upstream upstream(role, context);
  std::cout << "port " << upstream.port() << std::endl;
  asio::co_spawn(context, upstream.accept(), asio::detached);
  asio::signal_set signals(context, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
  context.run();
  return 0;
}

}  // namespace linearizable
