#include "admin/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <exception>

#include "admin/later_response.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr base::Duration idle_timeout = std::chrono::seconds(60);
constexpr base::Duration read_timeout = std::chrono::seconds(10);
constexpr base::Duration write_timeout = std::chrono::seconds(10);
// How long, and how much, is read after a refusal: closing at once would reset the connection under the
// answer.
constexpr base::Duration linger_timeout = std::chrono::seconds(1);
// Together half a second at most: a fetch that holds up the log's forgetting must not hold up purges.
constexpr base::Duration flood_wait = std::chrono::milliseconds(5);
constexpr unsigned flood_waits_max = 100;
constexpr std::size_t linger_size_max = std::size_t{256} * 1024;

Request request_of(const http::request<http::string_body>& message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.fields.add({field.name_string().data(), field.name_string().size()},
                       {field.value().data(), field.value().size()});
  }
  return request;
}

Response refusal_of(net::ErrorCode error) {
  if (error == http::error::header_limit)
    return error_response(431, "the request's head is larger than 16 KiB");
  if (error == http::error::body_limit) return error_response(413, "the body is larger than 1 MiB");
  return error_response(400, "not a valid HTTP request");
}

// What went wrong is the request, not the connection.
bool is_refusable(net::ErrorCode error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

http::response<http::string_body> message_of(const Response& response, bool is_head, bool keeps_alive) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.fields) message.set(name, value);
  message.keep_alive(keeps_alive);
  message.content_length(response.body.size());
  if (!is_head) message.body() = response.body;
  return message;
}

// Gives back what it took.
class BudgetShare {
 public:
  BudgetShare(BodyBudget& budget, std::size_t size) : budget_(budget), size_(budget.take(size) ? size : 0) {}
  ~BudgetShare() { budget_.give_back(size_); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;
  bool holds() const noexcept { return size_ > 0; }

 private:
  BodyBudget& budget_;
  std::size_t size_;
};

}  // namespace

Session::Session(net::Socket socket, Handler& handler, BodyBudget& budget)
    : socket_(std::move(socket)),
      peer_(net::peer_of(socket_)),
      handler_(handler),
      budget_(budget),
      watchdog_(socket_.get_executor()),
      buffer_(header_size_max + body_size_max) {}

void Session::close() noexcept {
  net::ErrorCode ignored;
  socket_.close(ignored);
}

void Session::arm(base::Duration within) {
  watchdog_.arm(within, [self = weak_from_this()] {
    if (const auto session = self.lock()) session->close();
  });
}

net::Task<void> Session::run() {
  try {
    for (;;) {
      const bool has_request = co_await wait_for_request();
      if (!has_request) break;
      const bool goes_on = co_await serve_one();
      if (!goes_on) break;
    }
  } catch (const std::exception& error) {
    obs::log_error(std::string("admin session: ") + error.what());
  }
  watchdog_.disarm();
  close();
}

net::Task<bool> Session::wait_for_request() {
  if (buffer_.size() > 0) co_return true;
  arm(idle_timeout);
  is_idle_ = true;
  net::ErrorCode error;
  const auto space = buffer_.prepare(4096);
  const std::size_t size = co_await socket_.async_read_some(space, net::use_task(error));
  is_idle_ = false;
  buffer_.commit(size);
  co_return !error;
}

net::Task<net::ErrorCode> Session::read_head(Parser& parser) {
  arm(read_timeout);
  parser.header_limit(header_size_max);
  parser.body_limit(body_size_max);
  net::ErrorCode error;
  co_await http::async_read_header(socket_, buffer_, parser, net::use_task(error));
  co_return error;
}

net::Task<net::ErrorCode> Session::read_body(Parser& parser) {
  net::ErrorCode error;
  if (http::token_list(parser.get()[http::field::expect]).exists("100-continue")) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto bytes = asio::buffer(go_on);
    co_await asio::async_write(socket_, bytes, net::use_task(error));
    if (error) co_return error;
  }
  co_await http::async_read(socket_, buffer_, parser, net::use_task(error));
  co_return error;
}

net::Task<bool> Session::serve_one() {
  Parser parser;
  net::ErrorCode error = co_await read_head(parser);
  if (error && !is_refusable(error)) co_return false;
  if (error) {
    Response response = refusal_of(error);
    handler_.note_unread_body(parser.get().target(), response.status);
    co_return co_await refuse_unread(std::move(response), false);
  }
  Request request = request_of(parser.get());
  const bool is_head = request.method == "HEAD";
  std::optional<Response> refusal = handler_.refuse_early(request, peer_);
  const bool has_body = !parser.is_done();
  if (refusal && has_body) co_return co_await refuse_unread(std::move(*refusal), is_head);
  const BudgetShare share(budget_, has_body ? parser.content_length().value_or(body_size_max) : 1);
  if (!refusal && !share.holds()) {
    Response response = error_response(503, "too many bodies at once");
    response.fields.emplace_back("Retry-After", "1");
    co_return co_await refuse_unread(std::move(response), is_head);
  }
  if (has_body) error = co_await read_body(parser);
  if (error && !is_refusable(error)) co_return false;
  if (error) {
    Response response = refusal_of(error);
    handler_.note_unread_body(request.target, response.status);
    co_return co_await refuse_unread(std::move(response), is_head);
  }
  request.body = std::move(parser.get().body());
  const bool keeps_alive = parser.get().keep_alive();
  Response response = refusal ? std::move(*refusal) : handler_.handle(request, peer_);
  const bool may_purge = request.method == "PURGE" || request.method == "POST";
  if (may_purge) co_await wait_out_flood();
  if (const std::shared_ptr<LaterResponse> later = response.later) {
    watchdog_.disarm();  // the one who computes it answers for its time
    response = co_await later->wait(socket_.get_executor());
  }
  const bool is_sent = co_await answer(response, is_head, keeps_alive);
  co_return is_sent&& keeps_alive;
}

// The purge is in force; only its answer waits, so that whoever sends hundreds of thousands of them goes no
// faster than the sweep forgets them, and the log need not purge everything.
net::Task<void> Session::wait_out_flood() {
  net::Timer timer(socket_.get_executor());
  for (unsigned i = 0; i < flood_waits_max && handler_.is_flooded(); ++i) {
    timer.expires_after(flood_wait);
    net::ErrorCode ignored;
    co_await timer.async_wait(net::use_task(ignored));
  }
}

net::Task<bool> Session::refuse_unread(Response response, bool is_head) {
  const bool is_sent = co_await answer(response, is_head, false);
  if (!is_sent) co_return false;
  net::ErrorCode error;
  socket_.shutdown(net::Socket::shutdown_send, error);
  arm(linger_timeout);
  std::array<char, 4096> scratch;
  for (std::size_t size = 0; !error && size < linger_size_max;) {
    const auto space = asio::buffer(scratch);
    size += co_await socket_.async_read_some(space, net::use_task(error));
  }
  co_return false;
}

net::Task<bool> Session::answer(const Response& response, bool is_head, bool keeps_alive) {
  arm(write_timeout);
  http::response<http::string_body> message = message_of(response, is_head, keeps_alive);
  http::response_serializer<http::string_body> serializer(message);
  net::ErrorCode error;
  if (is_head) {
    co_await http::async_write_header(socket_, serializer, net::use_task(error));
  } else {
    co_await http::async_write(socket_, serializer, net::use_task(error));
  }
  co_return !error;
}

}  // namespace larder::admin
