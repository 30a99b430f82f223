#include "larder/upstream/exchange.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "larder/net/listener.hpp"

namespace larder::upstream {
namespace {

namespace asio = net::asio;

constexpr std::size_t read_size_min = 16 * 1024;
constexpr std::size_t read_size_max = 64 * 1024;

// A closed or reset connection before the first byte of a response: what a keep-alive connection looks like
// that the upstream gave up while our request was on its way.
bool looks_dead(cache::Reason reason) {
  return reason == cache::Reason::upstream_closed_early || reason == cache::Reason::upstream_reset;
}

// How many of the bytes the socket takes without waiting.
std::size_t send_now(net::Socket& socket, std::string_view bytes) {
  const ssize_t sent =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

bool allows_reuse(const http::ResponseHead& head, const http::Framing& framing) {
  if (framing.kind == http::BodyKind::until_close || head.status == 101) return false;
  if (http::has_token(head.fields, http::FieldId::connection, "close")) return false;
  return head.minor_version >= 1 || http::has_token(head.fields, http::FieldId::connection, "keep-alive");
}

}  // namespace

Exchange::Exchange(std::shared_ptr<Pool> pool, const net::Executor& executor, http::HeadLimits limits)
    : pool_(std::move(pool)),
      executor_(executor),
      limits_(limits),
      watchdog_(executor),
      lookup_(executor),
      decoder_(limits) {}

Exchange::~Exchange() {
  abort();
}

void Exchange::abort() {
  is_aborted_ = true;
  watchdog_.disarm();
  close();
  lease_.release();
  if (place_) pool_->cancel(place_);
  lookup_.abandon();
}

void Exchange::arm(base::Duration within) {
  watchdog_.arm(within, [this] { cancel(); });
}

void Exchange::cancel() noexcept {
  net::ErrorCode ignored;
  if (socket_) socket_->cancel(ignored);
}

// Whoever waits for the socket is resumed by the event loop, and needs it until then.
void Exchange::close() noexcept {
  net::ErrorCode ignored;
  if (socket_) socket_->close(ignored);
}

net::Task<cache::Reason> Exchange::fetch_head(const OutgoingRequest& request) {
  cache::Reason reason = cache::Reason::none;
  if (!send_at_once(request)) reason = co_await send_head(request);
  const bool was_reused = lease_.is_reused();
  if (reason == cache::Reason::none) reason = co_await read_head();
  const auto& retries = pool_->upstream().retries;
  const bool may_retry = was_reused && !got_bytes_ && looks_dead(reason) && retries.attempts > 0 &&
                         retries.on_reset_idle && http::is_idempotent(request.method) && !request.has_body;
  if (!may_retry || is_aborted_) co_return reason;
  close();
  lease_.release();
  begin_ = end_ = 0;
  reason = co_await connect(true);
  if (reason == cache::Reason::none) reason = co_await write_head(request);
  if (reason == cache::Reason::none) reason = co_await read_head();
  co_return reason;
}

// False: nothing is sent, or too little to be a request.
bool Exchange::send_at_once(const OutgoingRequest& request) {
  Lease idle = pool_->take_idle(executor_);
  if (!idle.holds_permit()) return false;
  SocketPtr socket = idle.take_socket();
  if (send_now(*socket, request.head.view()) < request.head.size()) return false;
  lease_ = std::move(idle);
  socket_ = std::move(socket);
  method_ = request.method;
  is_request_sent_ = !request.has_body;
  return true;
}

net::Task<cache::Reason> Exchange::send_head(const OutgoingRequest& request) {
  method_ = request.method;
  is_request_sent_ = !request.has_body;
  const cache::Reason reason = co_await connect(false);
  if (reason != cache::Reason::none) co_return reason;
  co_return co_await write_head(request);
}

net::Task<cache::Reason> Exchange::write_head(const OutgoingRequest& request) {
  const std::string_view head = request.head.view();
  const std::size_t sent = send_now(*socket_, head);
  if (sent == head.size()) co_return cache::Reason::none;
  arm(pool_->upstream().timeouts.between_bytes);
  const cache::Reason reason = co_await write_body(head.substr(sent));
  const bool timed_out = watchdog_.has_fired();
  watchdog_.disarm();
  co_return timed_out ? cache::Reason::between_bytes_timeout : reason;
}

net::Task<cache::Reason> Exchange::connect(bool wants_new) {
  const auto& retries = pool_->upstream().retries;
  for (unsigned attempt = 0;; ++attempt) {
    auto acquired = co_await pool_->acquire(executor_, wants_new, place_);
    if (const auto* refused = std::get_if<cache::Reason>(&acquired)) co_return *refused;
    if (is_aborted_) co_return cache::Reason::client_gone;
    lease_ = std::move(std::get<Lease>(acquired));
    socket_ = lease_.take_socket();
    if (socket_) co_return cache::Reason::none;
    const cache::Reason reason = co_await connect_to(lease_.server());
    if (is_aborted_) co_return cache::Reason::client_gone;
    if (reason == cache::Reason::none) co_return reason;
    lease_.release();
    // Nothing has been sent yet, so that any request may try the next server.
    if (reason != cache::Reason::connect_failed || !retries.on_connect || attempt >= retries.attempts)
      co_return reason;
  }
}

// One deadline for the look-up and all that it finds.
net::Task<cache::Reason> Exchange::connect_to(const config::Server& server) {
  socket_ = std::make_unique<net::ReceivingSocket>(executor_);
  watchdog_.arm(pool_->upstream().timeouts.connect, [this] {
    lookup_.abandon();
    close();
  });
  std::vector<net::Lookup::Endpoint> targets;
  net::ErrorCode error = co_await lookup_.find(server.address, targets);
  for (const net::Lookup::Endpoint& target : targets) {
    if (watchdog_.has_fired() || is_aborted_) break;
    close();  // of the target tried before
    error = {};
    co_await socket_->async_connect(target, net::use_task(error));
    if (!error) break;
  }
  const bool timed_out = watchdog_.has_fired();
  watchdog_.disarm();
  if (timed_out) co_return cache::Reason::connect_timeout;
  if (error || is_aborted_) co_return cache::Reason::connect_failed;
  socket_->native_non_blocking(true, error);
  if (!server.address.is_unix()) socket_->set_option(asio::ip::tcp::no_delay(true), error);
  co_return cache::Reason::none;
}

net::Task<cache::Reason> Exchange::write_body(std::string_view first, std::string_view second,
                                              std::string_view third) {
  net::ErrorCode error;
  const std::array<asio::const_buffer, 3> buffers{asio::buffer(first), asio::buffer(second),
                                                  asio::buffer(third)};
  co_await asio::async_write(*socket_, buffers, net::use_task(error));
  if (is_aborted_) co_return cache::Reason::client_gone;
  // A long upload is not a slow answer.
  if (is_awaiting_head_ && !error) arm(pool_->upstream().timeouts.first_byte);
  co_return error ? cache::Reason::upstream_reset : cache::Reason::none;
}

// One deadline for the whole head, so that it cannot trickle in for ever.
net::Task<cache::Reason> Exchange::read_head() {
  got_bytes_ = end_ > begin_;
  std::optional<cache::Reason> outcome = take_head();
  if (outcome) co_return *outcome;
  is_awaiting_head_ = true;
  arm(pool_->upstream().timeouts.first_byte);
  while (!outcome) {
    net::ErrorCode error;
    const std::size_t size = co_await net::Receive(*socket_, make_room(), first_try_, error);
    const cache::Reason reason = note_read(error, size, cache::Reason::first_byte_timeout);
    if (reason == cache::Reason::none) {
      got_bytes_ = true;
      outcome = take_head();
    } else {
      const bool is_cut_off = reason == cache::Reason::upstream_closed_early && got_bytes_;
      outcome = is_cut_off ? cache::Reason::upstream_bad_head : reason;
    }
  }
  watchdog_.disarm();
  is_awaiting_head_ = false;
  co_return *outcome;
}

// Nothing: it is not all here.
std::optional<cache::Reason> Exchange::take_head() {
  // What is copied stays where it is while the body goes through the buffer.
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t found = unread().find(end);
  if (found != std::string_view::npos) head_text_.assign(unread().substr(0, found + end.size()));
  const std::string_view text = found == std::string_view::npos ? unread() : head_text_;
  const http::HeadResult result = http::parse_response_head(text, limits_, head_);
  if (result.error == http::HeadError::incomplete) return std::nullopt;
  if (result.error != http::HeadError::none) return cache::Reason::upstream_bad_head;
  consume(result.size);
  return accept_head();
}

cache::Reason Exchange::accept_head() {
  if (head_.status < 200) {
    if (head_.status == 101) return cache::Reason::none;
    return ++interim_count_ > interim_max ? cache::Reason::upstream_bad_head : cache::Reason::none;
  }
  framing_ = http::response_framing(head_, method_);
  if (framing_.error != http::FramingError::none) return cache::Reason::upstream_bad_framing;
  is_reusable_ = allows_reuse(head_, framing_);
  body_remaining_ = framing_.length;
  is_body_done_ = framing_.kind == http::BodyKind::none ||
                  (framing_.kind == http::BodyKind::length && framing_.length == 0);
  return cache::Reason::none;
}

std::optional<std::string_view> Exchange::take_whole_body() {
  const bool is_here = framing_.kind == http::BodyKind::length && end_ - begin_ >= body_remaining_;
  if (!is_here) return std::nullopt;
  return step_length().data;
}

net::Task<Exchange::BodyStep> Exchange::read_body() {
  BodyStep step;
  while (!is_body_done_) {
    if (end_ > begin_) {
      step = framing_.kind == http::BodyKind::chunked ? step_chunked() : step_length();
      if (!step.data.empty() || step.failure != cache::Reason::none) co_return step;
      if (step.is_done || end_ > begin_) continue;
    }
    arm(pool_->upstream().timeouts.between_bytes);
    net::ErrorCode error;
    const std::size_t size = co_await net::Receive(*socket_, make_room(), first_try_, error);
    const cache::Reason reason = note_read(error, size, cache::Reason::between_bytes_timeout);
    watchdog_.disarm();
    if (reason == cache::Reason::upstream_closed_early && framing_.kind == http::BodyKind::until_close) {
      is_body_done_ = true;
    } else if (reason != cache::Reason::none) {
      step = {};
      step.failure = reason;
      co_return step;
    }
  }
  step = {};
  step.is_done = true;
  co_return step;
}

Exchange::BodyStep Exchange::step_length() {
  BodyStep step;
  step.data = unread();
  if (framing_.kind == http::BodyKind::length) {
    step.data = step.data.substr(0, body_remaining_);
    body_remaining_ -= step.data.size();
    is_body_done_ = body_remaining_ == 0;
  }
  consume(step.data.size());
  return step;
}

Exchange::BodyStep Exchange::step_chunked() {
  const http::ChunkedDecoder::Step decoded = decoder_.feed(unread());
  consume(decoded.consumed);
  BodyStep step;
  step.data = decoded.data;
  if (decoder_.state() == http::ChunkedDecoder::State::error) {
    step.failure = cache::Reason::upstream_bad_framing;
  } else if (decoder_.state() == http::ChunkedDecoder::State::done) {
    is_body_done_ = true;
    step.is_done = step.data.empty();
    trailers_ = decoder_.trailers();
  }
  return step;
}

void Exchange::finish() {
  watchdog_.disarm();
  // Bytes beyond the response answer a request that was never made.
  const bool may_keep = is_request_sent_ && is_reusable_ && is_body_done_ && end_ == begin_ &&
                        lease_.holds_permit() && socket_ && socket_->is_open();
  if (may_keep) {
    lease_.keep(std::move(socket_));
  } else {
    abort();
  }
}

std::span<char> Exchange::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (capacity_ - end_ < read_size_min / 2) {
    // Room for a whole head while one is awaited; full buffers while a body streams.
    const std::size_t size = end_ - begin_ + (capacity_ == 0 ? read_size_min : read_size_max);
    if (size > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(size);
      if (buffer_) std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
      buffer_ = std::move(larger);
      capacity_ = size;
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    }
    end_ -= begin_;
    begin_ = 0;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

// Of a receive's end: none, or why nothing more can be read.
cache::Reason Exchange::note_read(const net::ErrorCode& error, std::size_t size, cache::Reason on_timeout) {
  if (is_aborted_) return cache::Reason::client_gone;
  first_try_ = net::FirstTry::at_once;
  end_ += size;
  if (!error) return cache::Reason::none;
  if (watchdog_.has_fired()) return on_timeout;
  return error == asio::error::eof ? cache::Reason::upstream_closed_early : cache::Reason::upstream_reset;
}

std::string_view Exchange::unread() const noexcept {
  return {buffer_.get() + begin_, end_ - begin_};
}

void Exchange::consume(std::size_t size) {
  begin_ += size;
}

}  // namespace larder::upstream
