// An upstream that answers before it has read the whole body gets no further request on that connection.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE(
    "An upstream that answers before it has read the whole body gets no further request on that connection") {
  Upstream upstream;
  upstream.leave_bodies_unread();
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.send("POST /early HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 200\r\n\r\n");
  Request early = upstream.next_request();
  const std::size_t early_connection = early.connection();
  early.respond("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  const Response refusal = visitor.read_response("POST");
  CHECK(refusal.status == 403);
  CHECK(refusal["Connection"] == "close");
  CHECK(visitor.is_closed_by_peer());

  Connection other = larder.connect();
  other.get("/page/", {"Cookie: secret"});
  Request next = upstream.next_request();
  CHECK(next.target() == "/page/");
  CHECK(next.connection() != early_connection);
  next.respond(fresh("page"));
  CHECK(other.read_response().body == "page");
}

TEST_CASE("An upstream that begins its answer before it has read the body still gets the rest of it") {
  Upstream upstream;
  upstream.leave_bodies_unread();
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.send("POST /echo HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 8\r\n\r\nfour");
  Request request = upstream.next_request();
  CHECK(request.receive_at_least(4) == "four");
  request.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour");
  CHECK(visitor.read_head("POST").status == 200);
  CHECK(visitor.read_body_at_least(4) == "four");
  visitor.send("more");
  CHECK(request.receive_at_least(8) == "fourmore");
  request.take_received();
  request.respond("more");
  const Response answer = visitor.read_rest();
  CHECK(answer.body == "fourmore");
  // Nobody could know then that the body would be read to its end.
  CHECK(answer["Connection"] == "close");
  CHECK(visitor.is_closed_by_peer());

  wait_until("the upstream's connection to be idle",
             [&larder] { return larder.site().pool->stats().idle == 1; });
}
