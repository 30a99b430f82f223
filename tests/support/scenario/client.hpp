// A visitor on a raw socket: sends exactly the bytes it is told to, and reads what comes back without
// kindness.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/scenario/message.hpp"
#include "support/scenario/socket.hpp"

namespace scenario {

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(connect_tcp(port)) {}
  explicit Connection(Socket socket) : socket_(std::move(socket)) {}

  // False when the peer is gone.
  bool send(std::string_view bytes) { return socket_.send(bytes); }
  void get(std::string_view path, const Lines& lines = {}) { send(request_text("GET", path, lines)); }

  // The next response, whole, or as much of it as came before the connection ended. `method` is that of its
  // request.
  Response read_response(std::string_view method = "GET");

  // The same in steps: the head, then at least so much of the body, then the rest.
  const Response& read_head(std::string_view method = "GET");
  const std::string& read_body_at_least(std::size_t size);
  Response read_rest();
  // At least `count` interim responses (1xx) have come before the head.
  std::vector<Interim> read_interim(std::size_t count, std::string_view method = "GET");

  // Bytes after an upgrade.
  std::string read_raw_at_least(std::size_t size);
  // Waits for the peer to close; false when more bytes came instead.
  bool is_closed_by_peer();
  // True when bytes have arrived that nobody has read. For "nothing came", as Upstream::has_request().
  bool has_bytes() const { return !unread_.empty() || socket_.is_readable_within(0); }

  void finish_sending() { socket_.finish_sending(); }
  void close() { socket_.close(); }
  void reset();

 private:
  void begin(std::string_view method);
  bool read_more();  // false at the end of input
  template <typename Enough>
  void read_until(const Enough& is_enough);

  Socket socket_;
  std::string unread_;
  bool is_ended_ = false;
  std::optional<ResponseReader> reader_;
};

// One request on a connection of its own.
Response get(std::uint16_t port, std::string_view path, const Lines& lines = {});
Response ask(std::uint16_t port, std::string_view method, std::string_view target, const Lines& lines = {},
             std::string_view body = {});

// `count` connections, all asking for `path` before any answer is read.
std::vector<Connection> ask_all(std::uint16_t port, std::size_t count, std::string_view path,
                                const Lines& lines = {});
std::vector<Response> read_all(std::vector<Connection>& connections);

}  // namespace scenario
