#include "proxy/session.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "larder/base/put.hpp"
#include "larder/obs/log.hpp"

namespace larder::proxy {
namespace {

namespace asio = net::asio;

constexpr std::size_t buffer_size_initial = 4 * 1024;
// Pipelined answers are gathered up to this much before they are written.
constexpr std::uint64_t batch_size_max = 256 * 1024;
// How long, and how much of what a client still sends, is read before a connection is closed behind an
// answer.
constexpr base::Duration linger_max = std::chrono::seconds(2);
// What a new connection has for its first request once a drain has begun.
constexpr base::Duration drained_idle_max = std::chrono::seconds(1);
constexpr std::uint64_t linger_bytes_max = 1024 * 1024;

// A small answer is one part: that needs no message to be described to the kernel.
ssize_t send_parts(int descriptor, std::span<const iovec> parts, int flags) noexcept {
  if (parts.size() == 1) return ::send(descriptor, parts[0].iov_base, parts[0].iov_len, flags);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  return ::sendmsg(descriptor, &message, flags);
}

// What one system call can take of the output's beginning. What stands before a large body waits in the
// kernel for it (MSG_MORE), so as not to leave in a packet of its own. sendfile() knows no MSG_NOSIGNAL: the
// process ignores SIGPIPE.
ssize_t send_beginning(int descriptor, Output& output) {
  const std::span<const iovec> parts = output.parts();
  if (!parts.empty()) {
    return send_parts(descriptor, parts, output.has_more() ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL);
  }
  const Output::FilePart part = output.file_part();
  off_t offset = static_cast<off_t>(part.offset);
  return ::sendfile(descriptor, part.descriptor, &offset, part.size);
}

// RFC 9112 section 9.3.
bool is_kept_alive(const http::RequestHead& request) noexcept {
  if (http::says_keep_alive_alone(request.fields)) return true;
  const auto says = [&request](std::string_view option) {
    return http::has_token(request.fields, http::FieldId::connection, option);
  };
  return request.minor_version >= 1 ? !says("close") : says("keep-alive");
}

}  // namespace

Session::Session(Worker& worker, net::Socket socket)
    : worker_(worker),
      socket_(std::move(socket)),
      receiver_(worker.executor()),
      peer_(net::peer_of(socket_)),
      notifier_(worker.executor()),
      buffer_(buffer_size_initial),
      exchange_(worker, *this) {
  // Who may connect to a unix socket is a matter of its file's permissions.
  is_operator_ = peer_.is_unix || config::contains(worker.config()->admin_listener.allow, peer_.ip);
  is_trusted_ = peer_.is_unix || config::contains(worker.config()->public_listener.trusted_proxies, peer_.ip);
  worker_.enter(*this);
}

Session::~Session() {
  worker_.leave(*this);
}

void Session::start() {
  go_on(shared_from_this());
}

void Session::on_received(std::shared_ptr<net::Receiver::Listener> self, const net::ErrorCode& error,
                          std::size_t size) {
  try {
    note_read(error, size);
  } catch (const std::exception& failure) {
    fail(failure);
    return;
  }
  go_on(std::static_pointer_cast<Session>(std::move(self)));
}

// Serves what has been read, and reads on. The handler of a receive, this and wait_out() are the places that
// catch: an exchange that ends by an exception takes its connection with it, and nothing else.
void Session::go_on(Self self) {
  try {
    const Next next = self->serve_what_is_here();
    if (next == Next::read) {
      read(std::move(self));
    } else if (next == Next::end && self->output_.empty() && self->begin_ == self->end_ &&
               self->is_body_done_) {
      self->close();
    } else {
      const net::Executor executor = self->worker_.executor();
      net::spawn(executor, wait_out(std::move(self), next));
    }
  } catch (const std::exception& error) {
    if (self) self->fail(error);
  }
}

void Session::read(Self self) {
  self->make_room();
  Session& session = *self;
  session.receiver_.start(session.socket_, std::span(session.buffer_).subspan(session.end_), std::move(self));
}

void Session::note_read(const net::ErrorCode& error, std::size_t size) {
  end_ += size;
  const bool was_idle = is_idle_;
  is_idle_ = false;
  if (was_idle) clear_deadline();
  has_ended_ = static_cast<bool>(error);
  if (has_timed_out_ && !was_idle) {
    has_ended_ = true;
    exchange_.refuse_timeout();
  }
  if (!has_ended_) has_timed_out_ = false;
}

// What has to be waited for, one thing after another, until there is nothing left but to read.
net::Task<void> Session::wait_out(Self self, Next next) {
  try {
    while (next != Next::read) {
      co_await self->wait_for(next);
      if (next == Next::end) {
        self->close();
        co_return;
      }
      next = self->serve_what_is_here();
    }
    read(std::move(self));
  } catch (const std::exception& error) {
    if (self) self->fail(error);
  }
}

net::Task<void> Session::wait_for(Next next) {
  return next == Next::exchange ? finish_exchange() : finish_sending(next);
}

net::Task<void> Session::finish_sending(Next next) {
  const bool was_flushed = co_await flush();
  if (next == Next::end && was_flushed) co_await linger();
}

void Session::fail(const std::exception& error) {
  obs::log_error(std::string("a connection ended unexpectedly: ") + error.what());
  worker_.observer().count_event(cache::Reason::internal_error);
  if (is_close_delimited_) reset_connection();
  close();
}

void Session::close() noexcept {
  net::ErrorCode ignored;
  socket_.close(ignored);
}

// Heads that are here whole, answered from memory one after the other.
Session::Next Session::serve_what_is_here() {
  while (keeps_alive_ && !is_broken_ && !has_ended_) {
    if (begin_ == end_) return prepare_read();
    const config::Limits& limits = worker_.config()->limits;
    limits_ = {limits.header_size, limits.headers};
    const http::HeadResult result = http::parse_request_head(unread(), limits_, request_);
    if (result.error == http::HeadError::incomplete) return prepare_read();
    if (result.error != http::HeadError::none) {
      refuse(result.error);
      break;
    }
    clear_deadline();
    if (!begin_exchange(result.size)) return Next::exchange;
    end_exchange();
    if (output_.size() >= batch_size_max && !send()) return Next::flush;
  }
  return Next::end;
}

Session::Next Session::prepare_read() {
  if (!output_.empty() && !send()) return Next::flush;
  const bool is_draining = worker_.site().is_draining.load(std::memory_order_relaxed);
  if (is_broken_ || (is_draining && has_served_ && begin_ == end_)) return Next::end;
  const config::Limits& limits = worker_.config()->limits;
  is_idle_ = begin_ == end_;
  // The first byte of a head starts its time; more bytes do not prolong it.
  if (is_idle_) {
    set_deadline(is_draining ? drained_idle_max : limits.idle_timeout);
  } else if (deadline_tick_ == 0) {
    set_deadline(limits.header_timeout);
  }
  return Next::read;
}

// False: the answer has to be waited for.
bool Session::begin_exchange(std::size_t head_size) {
  begin_ += head_size;
  has_served_ = true;
  const http::Framing framing = http::request_framing(request_);
  keeps_alive_ = is_kept_alive(request_);
  if (worker_.site().is_draining.load(std::memory_order_relaxed)) keeps_alive_ = false;
  begin_body(framing);
  return exchange_.answer(request_, framing);
}

net::Task<void> Session::finish_exchange() {
  // What was answered before must not wait for this one.
  if (!send()) co_await flush();
  if (!is_broken_) {
    co_await exchange_.finish_answer();
  } else {
    exchange_.give_up();
  }
  exchange_.let_go();
  if (!is_broken_ && !send()) co_await flush();
  if (!is_broken_) end_exchange();
}

void Session::end_exchange() {
  // A body that nobody read cannot be told from the next request.
  if (!is_body_done_) keeps_alive_ = false;
  if (body_end_ > body_begin_) {
    // Bytes read beyond the body are the next request's.
    begin_ = 0;
    end_ = body_end_ - body_begin_;
    if (buffer_.size() < end_) buffer_.resize(end_);
    std::memcpy(buffer_.data(), body_buffer_.data() + body_begin_, end_);
    body_begin_ = body_end_ = 0;
  }
}

// For more bytes of a head.
void Session::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ < buffer_.size()) return;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size())
    buffer_.resize(std::min<std::size_t>(buffer_.size() * 2, limits_.size_max + buffer_size_initial));
}

void Session::refuse(http::HeadError error) {
  keeps_alive_ = false;
  is_body_done_ = false;
  exchange_.refuse_head(http::status_of(error), http::text_of(error));
}

// RFC 9112 section 9.6: closing at once, with unread bytes in the socket, would reset the connection and
// could take the last answer with it.
net::Task<void> Session::linger() {
  net::ErrorCode error;
  socket_.shutdown(net::Socket::shutdown_send, error);
  if (error || (is_body_done_ && begin_ == end_)) co_return;
  set_deadline(linger_max);
  std::uint64_t discarded = 0;
  while (!error && discarded < linger_bytes_max) {
    discarded += co_await net::Receive(socket_, buffer_, net::FirstTry::at_once, error);
  }
}

void Session::set_deadline(base::Duration within) {
  deadline_tick_ = worker_.tick() + Worker::ticks(within);
}

void Session::tick() {
  receiver_.look_for_end();
  const auto has_passed = [this](std::uint64_t tick) { return tick != 0 && worker_.tick() >= tick; };
  if (!has_passed(deadline_tick_) && !has_passed(write_deadline_tick_)) return;
  deadline_tick_ = write_deadline_tick_ = 0;
  has_timed_out_ = true;
  if (const auto upstream = tunnelled_.lock()) upstream->abort();
  net::ErrorCode ignored;
  socket_.cancel(ignored);
}

void Session::drain() {
  net::ErrorCode ignored;
  if (!is_idle_) return;
  // A connection that was just accepted may have its first request on the way.
  if (has_served_) {
    socket_.cancel(ignored);
  } else {
    set_deadline(drained_idle_max);
  }
}

std::function<void()> Session::wake() {
  return [executor = worker_.executor(), self = weak_from_this()] {
    asio::post(executor, [self] {
      if (const auto session = self.lock()) session->notifier_.notify();
    });
  };
}

bool Session::send() {
  while (!output_.empty() && !is_broken_) {
    const ssize_t sent = send_beginning(socket_.native_handle(), output_);
    if (sent > 0) {
      output_.consume(static_cast<std::uint64_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    } else if (errno != EINTR) {
      is_broken_ = true;
    }
  }
  if (is_broken_) output_.clear();
  return true;
}

net::Task<bool> Session::flush() {
  while (!send()) {
    net::ErrorCode error;
    // A deadline of its own: a body may be read meanwhile.
    write_deadline_tick_ = worker_.tick() + Worker::ticks(worker_.config()->limits.body_timeout);
    co_await socket_.async_wait(net::Socket::wait_write, net::use_task(error));
    write_deadline_tick_ = 0;
    if (error) is_broken_ = true;
  }
  co_return !is_broken_;
}

void Session::write_interim(std::string_view head) {
  output_.copy(head);
}

void Session::begin(std::string_view head, std::string_view more, BodySize size, Owner owner) {
  is_headless_body_ = request_.method == http::Method::head;
  is_chunking_ = false;
  is_close_delimited_ = false;
  body_bytes_ = 0;
  output_.view(head, owner);
  constexpr std::size_t lines_max = 128;
  char* end = base::put(output_.room(more.size() + lines_max), more);
  // What says where the body ends and whether the connection does, and the empty line.
  if (size.kind == BodySize::Kind::known) {
    end = base::put_number(base::put(end, "Content-Length: "), size.bytes);
    end = base::put(end, "\r\n");
  } else if (size.kind == BodySize::Kind::unknown && !is_headless_body_) {
    is_chunking_ = request_.minor_version >= 1;
    if (is_chunking_) {
      end = base::put(end, "Transfer-Encoding: chunked\r\n");
    } else {
      is_close_delimited_ = true;
      keeps_alive_ = false;
    }
  }
  if (!is_body_done_) keeps_alive_ = false;
  if (!keeps_alive_) {
    end = base::put(end, "Connection: close\r\n");
  } else if (request_.minor_version == 0) {
    end = base::put(end, "Connection: keep-alive\r\n");
  }
  output_.extend_to(base::put(end, "\r\n"));
}

void Session::body(std::string_view bytes, Owner owner) {
  if (bytes.empty() || is_headless_body_) return;
  body_bytes_ += bytes.size();
  if (is_chunking_) {
    char line[18];
    output_.copy({line, http::write_chunk_size(bytes.size(), line)});
  }
  output_.view(bytes, owner);
  if (is_chunking_) output_.copy("\r\n");
}

void Session::end(const http::Fields& trailers) {
  if (!is_chunking_) return;
  output_.copy("0\r\n");
  for (const http::Field& field : trailers) {
    output_.copy(field.name);
    output_.copy(": ");
    output_.copy(field.value);
    output_.copy("\r\n");
  }
  output_.copy("\r\n");
}

void Session::break_off() {
  keeps_alive_ = false;
  is_broken_ = true;
  output_.clear();
  // A body delimited by the connection's end would look whole after an orderly close.
  if (is_close_delimited_) reset_connection();
}

void Session::reset_connection() {
  const ::linger at_once{1, 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Session::watch(std::function<void()> gone) {
  if (!is_body_done_) return;  // the body's reader will notice
  gone_ = std::move(gone);
  receiver_.watch(socket_, shared_from_this());
}

void Session::unwatch() {
  receiver_.unwatch();
  gone_ = nullptr;
}

// Not of a pipelined request: what comes behind that is seen when it is read.
void Session::on_gone() {
  is_broken_ = true;
  const std::function<void()> gone = std::exchange(gone_, nullptr);
  if (gone) gone();
}

}  // namespace larder::proxy
