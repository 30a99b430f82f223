// An upstream that does what the test says. It listens on a real socket, reads each request and hands it
// over: to the test by next_request(), or to a handler. Nothing is answered until somebody answers it.
//
//   Request: held -> respond()             answered, its connection waits for the next request
//                 -> send() ... finish()   the same, in pieces
//                 -> close() | reset()     the connection ends, whatever was sent
//                 -> dropped               as close()
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/scenario/message.hpp"
#include "support/scenario/socket.hpp"

namespace scenario {

struct Conversation;  // one connection from Larder

// One request, held by the test or a handler. Move-only; one thread at a time.
class Request {
 public:
  Request() = default;
  Request(std::shared_ptr<Conversation> conversation, Head head);
  Request(Request&&) noexcept = default;
  Request& operator=(Request&& other) noexcept;
  ~Request() { close(); }

  const Head& head() const { return head_; }
  std::string method() const;
  std::string target() const;
  std::string operator[](std::string_view field) const { return head_.fields[field]; }
  bool has(std::string_view field) const { return head_.fields.has(field); }
  const std::string& body() const { return body_; }
  std::size_t connection() const;  // from 1, in the order of accepting

  // Sends the whole response and lets the connection go on.
  void respond(std::string_view bytes);
  // False when Larder has closed the connection.
  bool send(std::string_view bytes);
  // Sends up to `size` bytes of filling until Larder takes no more for a while; returns how many it took.
  std::size_t send_until_held_back(std::size_t size);
  void finish();
  void finish_sending();  // half-close; the connection stays open for reading
  void close();
  void reset();  // RST

  // Reads the request's body to its end: of itself unless Upstream::leave_bodies_unread(). A request that
  // expects 100-continue gets it first.
  void read_body();
  // Bytes as they come on the connection, after the head: at least `size` of them are there when it returns.
  const std::string& receive_at_least(std::size_t size);
  // Takes what receive_at_least() has gathered.
  std::string take_received();
  // Larder closed or reset the connection. What it had sent before is there for take_received().
  void wait_until_abandoned();
  bool is_abandoned();
  // Takes `time` over it, as a CMS does that renders a page. It simulates work; it orders nothing.
  void work_for(Milliseconds time);

 private:
  bool receive_more();

  std::shared_ptr<Conversation> conversation_;
  Head head_;
  std::string body_;
};

class Upstream {
 public:
  using Handler = std::function<void(Request)>;

  Upstream();  // 127.0.0.1, a free port
  explicit Upstream(std::string unix_path);
  explicit Upstream(Handler handler);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // As `servers:` of the configuration names it.
  std::string address() const;

  // The next request in the order of arrival; throws Failure when none comes in time.
  Request next_request();
  // `count` of them: when it returns, all are held at the same moment.
  std::vector<Request> next_requests(std::size_t count);
  // True when a request is waiting that nobody has taken. For "nothing came", after something that would have
  // come later has been seen to come.
  bool has_request() const;
  // From here on, requests go to `handler`, on the thread of their connection. An empty one: to the test
  // again.
  void handle(Handler handler);
  void leave_bodies_unread();

  std::size_t requests() const;
  std::size_t connections() const;
  std::size_t simultaneous_max() const;

  // Connections are refused from here on, and those that were open end.
  void stop();
  void start();  // on the same address

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace scenario
