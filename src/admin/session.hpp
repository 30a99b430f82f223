// One connection to the admin listener: read a request, answer it, again.
#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "larder/admin/handler.hpp"
#include "larder/net/types.hpp"
#include "larder/net/watchdog.hpp"

namespace larder::admin {

// Bytes of bodies that may be read at once, over all sessions: a hundred strangers with a megabyte each must
// not cost more memory than the store allows for.
class BodyBudget {
 public:
  static constexpr std::size_t size_max = 8 * body_size_max;

  bool take(std::size_t size) noexcept {
    if (size > size_max - used_) return false;
    used_ += size;
    return true;
  }
  void give_back(std::size_t size) noexcept { used_ -= size; }

 private:
  std::size_t used_ = 0;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(net::Socket socket, Handler& handler, BodyBudget& budget);

  // Until the peer or a deadline ends it. Never throws.
  net::Task<void> run();
  // Ends it; any moment.
  void close() noexcept;
  // Waits for a request's first byte.
  bool is_idle() const noexcept { return is_idle_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  net::Task<bool> wait_for_request();
  net::Task<bool> serve_one();
  net::Task<net::ErrorCode> read_head(Parser& parser);
  net::Task<net::ErrorCode> read_body(Parser& parser);
  net::Task<bool> refuse_unread(Response response, bool is_head);
  net::Task<bool> answer(const Response& response, bool is_head, bool keeps_alive);
  net::Task<void> wait_out_flood();
  void arm(base::Duration within);

  net::Socket socket_;
  net::Peer peer_;
  Handler& handler_;
  BodyBudget& budget_;
  net::Watchdog watchdog_;
  boost::beast::flat_buffer buffer_;
  bool is_idle_ = false;
};

}  // namespace larder::admin
