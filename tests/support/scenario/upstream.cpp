#include "support/scenario/upstream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <thread>

namespace scenario {

// Who may use the socket: the connection's own thread, or whoever holds the Request.
enum class Turn { reader, holder, over };

struct Conversation {
  explicit Conversation(Socket accepted, std::size_t accepted_number)
      : socket(std::move(accepted)), number(accepted_number) {}

  void give(Turn to) {
    const std::lock_guard lock(mutex);
    if (turn != Turn::over) turn = to;
    changed.notify_all();
  }
  void end() {
    const std::lock_guard lock(mutex);
    socket.shut_down();
    turn = Turn::over;
    changed.notify_all();
  }
  // Returns true when the reader may read the next request.
  bool wait_for_turn() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return turn != Turn::holder; });
    return turn == Turn::reader;
  }

  Socket socket;
  const std::size_t number;
  std::string unread;
  std::function<void()> on_done;  // a request has been let go
  std::mutex mutex;
  std::condition_variable changed;
  Turn turn = Turn::reader;
};

Request::Request(std::shared_ptr<Conversation> conversation, Head head)
    : conversation_(std::move(conversation)), head_(std::move(head)) {}

Request& Request::operator=(Request&& other) noexcept {
  if (this != &other) {
    close();
    conversation_ = std::move(other.conversation_);
    head_ = std::move(other.head_);
    body_ = std::move(other.body_);
  }
  return *this;
}

std::string Request::method() const {
  return head_.start_line.substr(0, head_.start_line.find(' '));
}

std::string Request::target() const {
  const std::size_t begin = head_.start_line.find(' ') + 1;
  return head_.start_line.substr(begin, head_.start_line.rfind(' ') - begin);
}

std::size_t Request::connection() const {
  return conversation_->number;
}

bool Request::send(std::string_view bytes) {
  return conversation_->socket.send(bytes);
}

std::size_t Request::send_until_held_back(std::size_t size) {
  const std::string filling(64 * 1024, 'f');
  const int descriptor = conversation_->socket.descriptor();
  std::size_t sent = 0;
  while (sent < size) {
    const std::size_t next = std::min(filling.size(), size - sent);
    const ssize_t taken = ::send(descriptor, filling.data(), next, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken > 0) {
      sent += static_cast<std::size_t>(taken);
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor, POLLOUT, 0};
      if (::poll(&writable, 1, 200 * slowness) == 0) return sent;
    } else {
      throw Failure("Larder gave up a response that it should have read");
    }
  }
  return sent;
}

void Request::respond(std::string_view bytes) {
  send(bytes);
  finish();
}

void Request::finish() {
  if (!conversation_) return;
  conversation_->on_done();
  std::exchange(conversation_, nullptr)->give(Turn::reader);
}

void Request::close() {
  if (!conversation_) return;
  conversation_->on_done();
  std::exchange(conversation_, nullptr)->end();
}

void Request::reset() {
  if (!conversation_) return;
  conversation_->socket.reset_on_close();
  conversation_->on_done();
  std::exchange(conversation_, nullptr)->give(Turn::over);  // its thread closes it
}

void Request::finish_sending() {
  conversation_->socket.finish_sending();
}

bool Request::receive_more() {
  return conversation_->socket.receive(conversation_->unread) == Arrival::data;
}

const std::string& Request::receive_at_least(std::size_t size) {
  while (conversation_->unread.size() < size) {
    if (!receive_more()) throw Failure("Larder closed before it had sent " + std::to_string(size) + " bytes");
  }
  return conversation_->unread;
}

std::string Request::take_received() {
  return std::exchange(conversation_->unread, {});
}

void Request::read_body() {
  if (lower(head_.fields["Expect"]) == "100-continue") send("HTTP/1.1 100 Continue\r\n\r\n");
  std::string& unread = conversation_->unread;
  if (head_.fields.has("Transfer-Encoding")) {
    // A chunked body reads the same in both directions: borrow the response reader.
    ResponseReader reader("POST");
    std::string head = head_text("200 OK", {"Transfer-Encoding: chunked"});
    reader.feed(head);
    reader.feed(unread);
    while (!reader.is_finished() && receive_more()) reader.feed(unread);
    reader.end_of_input(false);
    body_ = reader.response().body;
    if (!reader.response().is_complete) throw Failure("a chunked request body: " + reader.response().problem);
  } else if (const std::string length = head_.fields["Content-Length"]; !length.empty()) {
    const std::size_t size = std::stoul(length);
    body_ = receive_at_least(size).substr(0, size);
    unread.erase(0, size);
  }
}

bool Request::is_abandoned() {
  std::array<char, 4096> bytes;
  ssize_t size = -1;
  do {
    size = ::recv(conversation_->socket.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size > 0) conversation_->unread.append(bytes.data(), static_cast<std::size_t>(size));
  } while (size > 0 || (size < 0 && errno == EINTR));
  return size == 0 || errno != EAGAIN;
}

void Request::wait_until_abandoned() {
  wait_until("Larder to give the upstream request up", [this] { return is_abandoned(); });
}

void Request::work_for(Milliseconds time) {
  ::poll(nullptr, 0, static_cast<int>(time.count()));
}

struct Upstream::State {
  std::string unix_path;
  Socket listener;
  std::uint16_t port = 0;
  std::thread acceptor;

  mutable std::mutex mutex;
  std::condition_variable arrived;
  std::vector<std::thread> readers;
  std::vector<std::shared_ptr<Conversation>> conversations;
  std::deque<Request> waiting;
  Handler handler;
  bool reads_bodies = true;
  std::size_t requests = 0;
  std::size_t connections = 0;
  std::size_t simultaneous = 0;
  std::size_t simultaneous_max = 0;

  void accept_all();
  void converse(const std::shared_ptr<Conversation>& conversation);
  bool read_request(const std::shared_ptr<Conversation>& conversation);
  void hand_over(const std::shared_ptr<Conversation>& conversation, Head head);
  void deliver(Request request);
};

void Upstream::State::accept_all() {
  while (true) {
    Socket socket(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.is_open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;  // stopped
    }
    const std::lock_guard lock(mutex);
    auto conversation = std::make_shared<Conversation>(std::move(socket), ++connections);
    conversation->on_done = [this] {
      const std::lock_guard counting(mutex);
      --simultaneous;
    };
    conversations.push_back(conversation);
    readers.emplace_back([this, conversation] { converse(conversation); });
  }
}

void Upstream::State::converse(const std::shared_ptr<Conversation>& conversation) {
  try {
    while (read_request(conversation) && conversation->wait_for_turn()) {
    }
  } catch (const Failure&) {
    // What Larder sent could not be read: the connection ends, and the test misses its answer.
  }
  const std::lock_guard lock(conversation->mutex);
  conversation->turn = Turn::over;
  conversation->socket.close();
}

bool Upstream::State::read_request(const std::shared_ptr<Conversation>& conversation) {
  constexpr auto idle = std::chrono::hours(1);  // stop() ends the wait
  while (true) {
    if (std::optional<Head> head = take_head(conversation->unread)) {
      hand_over(conversation, std::move(*head));
      return true;
    }
    const SteadyTime deadline = std::chrono::steady_clock::now() + idle;
    if (conversation->socket.receive(conversation->unread, deadline) != Arrival::data) return false;
  }
}

void Upstream::State::hand_over(const std::shared_ptr<Conversation>& conversation, Head head) {
  bool reads = true;
  {
    const std::lock_guard lock(mutex);
    ++requests;
    simultaneous_max = std::max(simultaneous_max, ++simultaneous);
    reads = reads_bodies;
  }
  Request request(conversation, std::move(head));
  if (reads) request.read_body();
  conversation->give(Turn::holder);
  deliver(std::move(request));
}

void Upstream::State::deliver(Request request) {
  Handler chosen;
  {
    const std::lock_guard lock(mutex);
    chosen = handler;
    if (!chosen) {
      waiting.push_back(std::move(request));
      arrived.notify_all();
      return;
    }
  }
  chosen(std::move(request));
}

Upstream::Upstream() : Upstream(Handler()) {}

Upstream::Upstream(Handler handler) : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  start();
}

Upstream::Upstream(std::string unix_path) : state_(std::make_unique<State>()) {
  state_->unix_path = std::move(unix_path);
  start();
}

Upstream::~Upstream() {
  stop();
}

std::string Upstream::address() const {
  if (!state_->unix_path.empty()) return "unix:" + state_->unix_path;
  return "http://127.0.0.1:" + std::to_string(state_->port);
}

void Upstream::start() {
  state_->listener = state_->unix_path.empty() ? listen_tcp(state_->port) : listen_unix(state_->unix_path);
  if (state_->unix_path.empty()) state_->port = port_of(state_->listener);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

void Upstream::stop() {
  if (!state_->acceptor.joinable()) return;
  state_->listener.shut_down();
  state_->acceptor.join();
  state_->listener.close();
  std::vector<std::thread> readers;
  std::vector<std::shared_ptr<Conversation>> conversations;
  std::deque<Request> waiting;
  {
    const std::lock_guard lock(state_->mutex);
    readers.swap(state_->readers);
    conversations.swap(state_->conversations);
    waiting.swap(state_->waiting);
  }
  waiting.clear();
  for (const auto& conversation : conversations) conversation->end();
  for (std::thread& reader : readers) reader.join();
}

Request Upstream::next_request() {
  std::unique_lock lock(state_->mutex);
  const bool in_time =
      state_->arrived.wait_until(lock, deadline_from_now(), [this] { return !state_->waiting.empty(); });
  if (!in_time) throw Failure("waited for a request to reach the upstream");
  Request request = std::move(state_->waiting.front());
  state_->waiting.pop_front();
  return request;
}

std::vector<Request> Upstream::next_requests(std::size_t count) {
  std::vector<Request> requests;
  while (requests.size() < count) requests.push_back(next_request());
  return requests;
}

bool Upstream::has_request() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->waiting.empty();
}

void Upstream::handle(Handler handler) {
  const std::lock_guard lock(state_->mutex);
  state_->handler = std::move(handler);
}

void Upstream::leave_bodies_unread() {
  const std::lock_guard lock(state_->mutex);
  state_->reads_bodies = false;
}

std::size_t Upstream::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::size_t Upstream::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->connections;
}

std::size_t Upstream::simultaneous_max() const {
  const std::lock_guard lock(state_->mutex);
  return state_->simultaneous_max;
}

}  // namespace scenario
