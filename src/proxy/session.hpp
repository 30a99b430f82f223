// One client connection speaking HTTP/1: reads heads, lets the exchange answer, keeps the order of pipelined
// requests.
//
//   read head -> exchange (from memory: appended to the output; else the exchange waits on its own) -> next
//   head already here? go on : flush in one write -> read head ... error, close asked for, or drain -> flush
//   -> linger (so that the answer is not lost to a reset) -> closed
//
// Requests that are answered from memory are served from one read's handler to the next, without a coroutine.
// Whatever has to wait in between runs as one (see wait_out), which then goes back to reading. Whoever waits,
// the handler or the coroutine, owns the session: `self` goes from hand to hand.
//
// Lives on its worker's thread. Its deadlines are ticks of the worker: no timer operation per request.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "larder/http/framing.hpp"
#include "larder/http/message.hpp"
#include "larder/net/receiver.hpp"
#include "larder/proxy/worker.hpp"
#include "proxy/exchange.hpp"
#include "proxy/output.hpp"
#include "proxy/wire.hpp"

namespace larder::proxy {

class Session : public std::enable_shared_from_this<Session>,
                public SessionHook,
                public net::Receiver::Listener,
                private Wire {
 public:
  Session(Worker& worker, net::Socket socket);
  ~Session() override;

  void start();
  // Called by the worker at each tick, and when it drains.
  void tick();
  void drain();

 private:
  // What a session does once it has served what it can without waiting.
  enum class Next : std::uint8_t {
    read,      // the rest of a head, or a new one
    flush,     // the client does not take what was written
    exchange,  // an answer that is not in memory
    end,
  };
  using Self = std::shared_ptr<Session>;
  static void go_on(Self self);
  static void read(Self self);
  void on_received(std::shared_ptr<net::Receiver::Listener> self, const net::ErrorCode& error,
                   std::size_t size) override;
  void on_gone() override;
  void note_read(const net::ErrorCode& error, std::size_t size);
  static net::Task<void> wait_out(Self self, Next next);
  net::Task<void> wait_for(Next next);
  net::Task<void> finish_sending(Next next);
  net::Task<void> finish_exchange();
  void fail(const std::exception& error);
  void close() noexcept;
  Next serve_what_is_here();
  Next prepare_read();
  bool begin_exchange(std::size_t head_size);
  void end_exchange();
  void make_room();
  void refuse(http::HeadError error);
  // False: some of the output could not be sent yet.
  bool send();
  net::Task<void> linger();
  void set_deadline(base::Duration within);
  void clear_deadline() noexcept { deadline_tick_ = 0; }
  void begin_body(const http::Framing& framing);
  BodyStep take_body();
  void reset_connection();
  std::string_view unread() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }

  // Wire
  net::Executor executor() const override { return worker_.executor(); }
  const net::Peer& peer() const override { return peer_; }
  bool is_peer_trusted() const override { return is_trusted_; }
  bool is_peer_operator() const override { return is_operator_; }
  net::Notifier& notifier() override { return notifier_; }
  std::function<void()> wake() override;
  net::Task<BodyStep> read_body() override;
  const http::Fields& request_trailers() const override { return trailers_; }
  void cancel_read() override;
  void write_interim(std::string_view head) override;
  void begin(std::string_view head, std::string_view more, BodySize size, Owner owner) override;
  void body(std::string_view bytes, Owner owner) override;
  void end(const http::Fields& trailers) override;
  void break_off() override;
  void close_after() override { keeps_alive_ = false; }
  net::Task<bool> flush() override;
  std::uint64_t body_bytes_sent() const override { return body_bytes_; }
  void watch(std::function<void()> gone) override;
  void unwatch() override;
  net::Task<void> tunnel(std::shared_ptr<upstream::Exchange> upstream) override;
  static net::Task<void> copy_upstream(std::shared_ptr<Session> self,
                                       std::shared_ptr<upstream::Exchange> upstream,
                                       std::shared_ptr<net::Notifier> done);

  Worker& worker_;
  net::ReceivingSocket socket_;
  net::Receiver receiver_;
  net::Peer peer_;
  bool is_trusted_ = false;
  bool is_operator_ = false;
  net::Notifier notifier_;
  std::vector<char> buffer_;  // unread bytes are [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Output output_;
  http::RequestHead request_;
  http::HeadLimits limits_;
  Exchange exchange_;

  // Of the exchange under way.
  http::Framing framing_;
  http::ChunkedDecoder decoder_;
  http::Fields trailers_;
  std::uint64_t body_remaining_ = 0;
  std::uint64_t body_received_ = 0;
  std::vector<char> body_buffer_;  // the head's buffer stays as it is while a body is read
  std::size_t body_begin_ = 0;
  std::size_t body_end_ = 0;
  bool is_body_done_ = true;
  bool is_chunking_ = false;
  bool is_headless_body_ = false;  // HEAD: the body is not sent
  std::uint64_t body_bytes_ = 0;

  std::weak_ptr<upstream::Exchange> tunnelled_;  // ends with the tunnel's deadline too
  std::uint64_t deadline_tick_ = 0;              // 0: none
  std::uint64_t write_deadline_tick_ = 0;
  std::function<void()> gone_;  // while the client is watched
  bool has_timed_out_ = false;
  bool keeps_alive_ = true;
  bool is_idle_ = true;
  bool has_served_ = false;  // at least one request
  bool is_broken_ = false;   // nothing more can be sent
  bool is_close_delimited_ = false;
  bool is_read_cancelled_ = false;
  bool has_ended_ = false;  // nothing more will be read
};

}  // namespace larder::proxy
