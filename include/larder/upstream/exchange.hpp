// One request to the upstream and its response, on one leased connection: connect, send, read the head, read
// the body.
//
//   fetch_head ----------> head -> read_body ... -> done -> finish() (the connection goes back to the pool)
//   send_head -> write_body (a coroutine beside) /            \-> destroyed earlier: closed
//             -> read_head ----------------------
//
// One thread: that of the executor it was made with. Everything that waits has a deadline (`timeouts`). What
// was read is checked by our own strict grammar; a message whose framing is ambiguous or broken is an error,
// never repaired.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "larder/base/text_buffer.hpp"
#include "larder/cache/reason.hpp"
#include "larder/http/framing.hpp"
#include "larder/http/message.hpp"
#include "larder/net/lookup.hpp"
#include "larder/net/receiver.hpp"
#include "larder/net/types.hpp"
#include "larder/net/watchdog.hpp"
#include "larder/upstream/pool.hpp"

namespace larder::upstream {

// A request as it goes on the wire, owned.
struct OutgoingRequest {
  base::TextBuffer head;  // start line, fields, empty line
  http::Method method = http::Method::get;
  bool has_body = false;  // then it is never sent twice
};

class Exchange {
 public:
  Exchange(std::shared_ptr<Pool> pool, const net::Executor& executor, http::HeadLimits limits);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Connects (or reuses), sends the head, and reads the first response head, which may be an interim one. One
  // retry on a fresh connection where a reused one turns out dead, for an idempotent request without a body.
  // Reason::none: head() is there.
  net::Task<cache::Reason> fetch_head(const OutgoingRequest& request);
  // The same in two steps, for a request whose body is sent meanwhile.
  net::Task<cache::Reason> send_head(const OutgoingRequest& request);
  // The next head: after an interim one, the one that follows it. At most interim_max of those.
  net::Task<cache::Reason> read_head();
  // Request body bytes, framed by the caller. Reason::upstream_reset when the upstream reads no more.
  net::Task<cache::Reason> write_body(std::string_view first, std::string_view second = {},
                                      std::string_view third = {});

  const http::ResponseHead& head() const noexcept { return head_; }
  http::ResponseHead& head() noexcept { return head_; }
  bool is_interim() const noexcept { return head_.status < 200; }
  const http::Framing& framing() const noexcept { return framing_; }

  // All of the body, where it has come with the head and its length is known; valid as long as this.
  std::optional<std::string_view> take_whole_body();
  struct BodyStep {
    std::string_view data;  // valid until the next call
    bool is_done = false;
    cache::Reason failure = cache::Reason::none;
  };
  net::Task<BodyStep> read_body();
  // Trailer fields, once done.
  const http::Fields& trailers() const noexcept { return trailers_; }

  // The request's body is through: before that, finish() closes the connection, since the upstream would take
  // the next request for the rest of this one's body.
  void request_sent() noexcept { is_request_sent_ = true; }
  // Gives the connection back when it may be reused; else closes it. Nothing may be called afterwards.
  void finish();
  // Makes whatever waits here return; nothing may be called afterwards but the destructor.
  void abort();

  // For an upgraded connection: the socket.
  net::ReceivingSocket& socket() noexcept { return *socket_; }
  // What was read beyond the head, as it came.
  std::string_view unread() const noexcept;

  static constexpr unsigned interim_max = 16;

 private:
  bool send_at_once(const OutgoingRequest& request);
  net::Task<cache::Reason> connect(bool wants_new);
  net::Task<cache::Reason> write_head(const OutgoingRequest& request);
  net::Task<cache::Reason> connect_to(const config::Server& server);
  std::optional<cache::Reason> take_head();
  std::span<char> make_room();
  cache::Reason note_read(const net::ErrorCode& error, std::size_t size, cache::Reason on_timeout);
  cache::Reason accept_head();
  void cancel() noexcept;
  void close() noexcept;
  void arm(base::Duration within);
  BodyStep step_length();
  BodyStep step_chunked();
  void consume(std::size_t size);

  std::shared_ptr<Pool> pool_;
  net::Executor executor_;
  http::HeadLimits limits_;
  SocketPtr socket_;  // null until one has been leased, and once it is given back
  net::Watchdog watchdog_;
  net::Lookup lookup_;
  Lease lease_;
  std::shared_ptr<Waiter> place_;  // in the pool's queue
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // unread bytes are [begin_, end_)
  std::size_t end_ = 0;
  std::string head_text_;  // what head_ views
  http::ResponseHead head_;
  http::Framing framing_;
  http::ChunkedDecoder decoder_;
  http::Fields trailers_;
  http::Method method_ = http::Method::get;
  std::uint64_t body_remaining_ = 0;
  unsigned interim_count_ = 0;
  net::FirstTry first_try_ = net::FirstTry::once_told;  // nothing comes before the request has been sent
  bool is_body_done_ = false;
  bool is_request_sent_ = true;
  bool is_reusable_ = false;
  bool is_aborted_ = false;
  bool is_awaiting_head_ = false;
  bool got_bytes_ = false;  // of this response
};

}  // namespace larder::upstream
