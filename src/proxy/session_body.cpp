// The request body's side of a session, and tunnels.
#include <boost/asio/write.hpp>

#include "proxy/session.hpp"

namespace larder::proxy {
namespace {

namespace asio = net::asio;
constexpr std::size_t body_buffer_size = 32 * 1024;
// An upgraded connection on which nothing moves for this long is given up.
constexpr base::Duration tunnel_idle_max = std::chrono::minutes(10);
// Once one side has ended, the other has this long between its bytes.
constexpr base::Duration tunnel_half_closed_max = std::chrono::seconds(10);

}  // namespace

void Session::begin_body(const http::Framing& framing) {
  framing_ = framing;
  body_remaining_ = framing.length;
  body_received_ = 0;
  is_read_cancelled_ = false;
  const bool has_body = framing.error == http::FramingError::none && framing.has_body();
  is_body_done_ = !has_body && framing.error == http::FramingError::none;
  trailers_.clear();
  if (has_body) {
    decoder_ = http::ChunkedDecoder(limits_);
    // What came behind the head moves over: the head's bytes must stay where its views point.
    body_buffer_.assign(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                        buffer_.begin() + static_cast<std::ptrdiff_t>(end_));
    body_begin_ = 0;
    body_end_ = body_buffer_.size();
    body_buffer_.resize(std::max(body_buffer_.size(), body_buffer_size));
    begin_ = end_;
  }
}

net::Task<Wire::BodyStep> Session::read_body() {
  BodyStep step;
  while (!is_body_done_) {
    if (body_end_ > body_begin_) {
      step = take_body();
      if (!step.data.empty() || step.failure != cache::Reason::none) co_return step;
      if (body_end_ > body_begin_ || is_body_done_) continue;
    }
    body_begin_ = body_end_ = 0;
    net::ErrorCode error;
    set_deadline(worker_.config()->limits.body_timeout);
    body_end_ = co_await net::Receive(socket_, body_buffer_, net::FirstTry::at_once, error);
    clear_deadline();
    if (error || is_read_cancelled_) {
      step = {};
      step.failure = has_timed_out_ ? cache::Reason::request_timeout : cache::Reason::client_gone;
      co_return step;
    }
  }
  step = {};
  step.is_done = true;
  co_return step;
}

Wire::BodyStep Session::take_body() {
  BodyStep step;
  const std::string_view bytes(body_buffer_.data() + body_begin_, body_end_ - body_begin_);
  if (framing_.kind == http::BodyKind::length) {
    step.data = bytes.substr(0, body_remaining_);
    body_remaining_ -= step.data.size();
    body_begin_ += step.data.size();
    is_body_done_ = body_remaining_ == 0;
  } else {
    const http::ChunkedDecoder::Step decoded = decoder_.feed(bytes);
    body_begin_ += decoded.consumed;
    step.data = decoded.data;
    if (decoder_.state() == http::ChunkedDecoder::State::error) {
      step.data = {};
      step.failure = cache::Reason::bad_request;
      return step;
    }
    if (decoder_.state() == http::ChunkedDecoder::State::done) {
      is_body_done_ = true;
      trailers_ = decoder_.trailers();
    }
  }
  body_received_ += step.data.size();
  if (body_received_ > worker_.config()->limits.body_size) {
    step.data = {};
    step.failure = cache::Reason::request_too_large;
    is_body_done_ = false;
  }
  return step;
}

void Session::cancel_read() {
  is_read_cancelled_ = true;
  net::ErrorCode ignored;
  socket_.cancel(ignored);
}

net::Task<void> Session::tunnel(std::shared_ptr<upstream::Exchange> upstream) {
  keeps_alive_ = false;
  const bool was_flushed = co_await flush();
  if (!was_flushed) co_return;
  const std::shared_ptr<Session> self = shared_from_this();
  tunnelled_ = upstream;
  const auto done = std::make_shared<net::Notifier>(worker_.executor());
  set_deadline(tunnel_idle_max);
  net::spawn(worker_.executor(), copy_upstream(self, upstream, done));
  net::ErrorCode error;
  std::vector<char> buffer(body_buffer_size);
  // What the client sent behind its request belongs to the new protocol.
  const asio::const_buffer early = asio::buffer(buffer_.data() + begin_, end_ - begin_);
  co_await asio::async_write(upstream->socket(), early, net::use_task(error));
  begin_ = end_;
  while (!error) {
    set_deadline(tunnel_idle_max);
    const std::size_t size = co_await net::Receive(socket_, buffer, net::FirstTry::at_once, error);
    const asio::const_buffer bytes = asio::buffer(buffer.data(), size);
    if (size > 0) co_await asio::async_write(upstream->socket(), bytes, net::use_task(error));
  }
  // A half-closed direction ends alone; the other one goes on until its own end.
  if (error == asio::error::eof) {
    upstream->socket().shutdown(net::Socket::shutdown_send, error);
    set_deadline(tunnel_half_closed_max);
  } else {
    upstream->abort();
  }
  co_await done->wait();
  tunnelled_.reset();
  clear_deadline();
  is_broken_ = true;
}

// The other direction: from the upstream to the client.
net::Task<void> Session::copy_upstream(std::shared_ptr<Session> self,
                                       std::shared_ptr<upstream::Exchange> upstream,
                                       std::shared_ptr<net::Notifier> done) {
  net::ErrorCode error;
  std::vector<char> buffer(body_buffer_size);
  const asio::const_buffer early = asio::buffer(upstream->unread().data(), upstream->unread().size());
  co_await asio::async_write(self->socket_, early, net::use_task(error));
  while (!error) {
    const std::size_t size = co_await net::Receive(upstream->socket(), buffer, net::FirstTry::at_once, error);
    self->set_deadline(tunnel_idle_max);
    const asio::const_buffer bytes = asio::buffer(buffer.data(), size);
    if (size > 0) co_await asio::async_write(self->socket_, bytes, net::use_task(error));
  }
  net::ErrorCode ignored;
  if (error == asio::error::eof) {
    self->socket_.shutdown(net::Socket::shutdown_send, ignored);
    // The client's half may still be sending; it ends by its own close or by the idle deadline.
    self->set_deadline(tunnel_half_closed_max);
  } else {
    self->socket_.cancel(ignored);
  }
  done->notify();
}

}  // namespace larder::proxy
