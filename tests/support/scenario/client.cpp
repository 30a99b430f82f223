#include "support/scenario/client.hpp"

namespace scenario {

void Connection::begin(std::string_view method) {
  if (!reader_) reader_.emplace(method);
  reader_->feed(unread_);
}

bool Connection::read_more() {
  const Arrival arrival = is_ended_ ? Arrival::end : socket_.receive(unread_);
  if (arrival == Arrival::data) {
    if (reader_) reader_->feed(unread_);
    return true;
  }
  is_ended_ = true;
  if (reader_) reader_->end_of_input(arrival == Arrival::reset);
  return false;
}

template <typename Enough>
void Connection::read_until(const Enough& is_enough) {
  while (!reader_->is_finished() && !is_enough() && read_more()) {
  }
}

Response Connection::read_response(std::string_view method) {
  begin(method);
  return read_rest();
}

const Response& Connection::read_head(std::string_view method) {
  begin(method);
  read_until([this] { return reader_->has_head(); });
  if (!reader_->has_head()) throw Failure("the connection ended before a head came");
  return reader_->response();
}

const std::string& Connection::read_body_at_least(std::size_t size) {
  const std::string& body = reader_->response().body;
  read_until([&body, size] { return body.size() >= size; });
  if (body.size() < size) {
    throw Failure("the body ended after " + std::to_string(body.size()) + " of " + std::to_string(size) +
                  " bytes: " + reader_->response().problem);
  }
  return body;
}

Response Connection::read_rest() {
  read_until([] { return false; });
  Response response = std::move(reader_->response());
  reader_.reset();
  return response;
}

std::vector<Interim> Connection::read_interim(std::size_t count, std::string_view method) {
  begin(method);
  read_until([this, count] { return reader_->has_head() || reader_->response().interim.size() >= count; });
  if (reader_->response().interim.size() < count) throw Failure("the final head came before the interim one");
  return reader_->response().interim;
}

std::string Connection::read_raw_at_least(std::size_t size) {
  while (unread_.size() < size && read_more()) {
  }
  if (unread_.size() < size)
    throw Failure("the tunnel ended after " + std::to_string(unread_.size()) + " bytes");
  return std::exchange(unread_, {});
}

bool Connection::is_closed_by_peer() {
  return unread_.empty() && !read_more();
}

void Connection::reset() {
  socket_.reset_on_close();
  socket_.close();
}

Response get(std::uint16_t port, std::string_view path, const Lines& lines) {
  return ask(port, "GET", path, lines);
}

Response ask(std::uint16_t port, std::string_view method, std::string_view target, const Lines& lines,
             std::string_view body) {
  Connection connection(port);
  connection.send(request_text(method, target, lines, body));
  return connection.read_response(method);
}

std::vector<Connection> ask_all(std::uint16_t port, std::size_t count, std::string_view path,
                                const Lines& lines) {
  std::vector<Connection> connections;
  connections.reserve(count);
  for (std::size_t i = 0; i < count; ++i) connections.emplace_back(port);
  for (Connection& connection : connections) connection.get(path, lines);
  return connections;
}

std::vector<Response> read_all(std::vector<Connection>& connections) {
  std::vector<Response> responses;
  responses.reserve(connections.size());
  for (Connection& connection : connections) responses.push_back(connection.read_response());
  return responses;
}

}  // namespace scenario
