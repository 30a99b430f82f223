// What an exchange needs of a connection: a request body to read, and a place for its response. HTTP/1 is one
// door (Session); the exchange knows no other side of it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "larder/cache/reason.hpp"
#include "larder/http/fields.hpp"
#include "larder/net/listener.hpp"
#include "larder/net/notifier.hpp"
#include "larder/net/types.hpp"
#include "larder/upstream/exchange.hpp"
#include "proxy/output.hpp"

namespace larder::proxy {

// How a response's body is delimited for the client.
struct BodySize {
  enum class Kind : std::uint8_t { none, known, unknown };
  Kind kind = Kind::none;
  std::uint64_t bytes = 0;
};

class Wire {
 public:
  virtual ~Wire() = default;

  virtual net::Executor executor() const = 0;
  virtual const net::Peer& peer() const = 0;
  virtual bool is_peer_trusted() const = 0;
  virtual bool is_peer_operator() const = 0;  // one of admin.allow
  // Woken by whatever the exchange waits for; outlived by nothing that posts to it (see wake()).
  virtual net::Notifier& notifier() = 0;
  // A function that wakes the exchange from any thread, and does nothing once the connection is gone.
  virtual std::function<void()> wake() = 0;

  // The request's body, decoded. Failures: client_gone, request_timeout, bad_request (framing),
  // request_too_large (limits.body_size).
  struct BodyStep {
    std::string_view data;  // valid until the next call
    bool is_done = false;
    cache::Reason failure = cache::Reason::none;
  };
  virtual net::Task<BodyStep> read_body() = 0;
  virtual const http::Fields& request_trailers() const = 0;
  // Makes a read_body() that waits return client_gone.
  virtual void cancel_read() = 0;

  // Response: an interim one as it is; a final one by begin, body..., end. Nothing is sent before flush() or
  // the end of the exchange. `head` and `more` are start line and field lines, without framing and the empty
  // line.
  virtual void write_interim(std::string_view head) = 0;
  virtual void begin(std::string_view head, std::string_view more, BodySize size, Owner owner) = 0;
  virtual void body(std::string_view bytes, Owner owner) = 0;
  virtual void end(const http::Fields& trailers) = 0;
  // Ends the connection so that the client sees the response as incomplete.
  virtual void break_off() = 0;
  virtual void close_after() = 0;  // no further exchange on this connection
  // False: the client is gone.
  virtual net::Task<bool> flush() = 0;
  virtual std::uint64_t body_bytes_sent() const = 0;

  // Watches for the client's going away while nothing is read or written; `gone` is called at most once.
  virtual void watch(std::function<void()> gone) = 0;
  virtual void unwatch() = 0;
  // Copies bytes both ways until either side ends; `upstream` has answered 101.
  virtual net::Task<void> tunnel(std::shared_ptr<upstream::Exchange> upstream) = 0;
};

// Watches while it lives, so that `gone` may mean what lives as long, however its scope is left. (Two
// pointers have room in the std::function itself; what owns has not.)
class Watch {
 public:
  Watch(Wire& wire, std::function<void()> gone) : wire_(wire) { wire_.watch(std::move(gone)); }
  ~Watch() { wire_.unwatch(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  Wire& wire_;
};

// For end(), once and for all.
inline const http::Fields no_trailers;

}  // namespace larder::proxy
