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
  CHECK(visitor.read_response("POST").status == 403);
  CHECK(visitor.is_closed_by_peer());

  Connection other = larder.connect();
  other.get("/page/", {"Cookie: secret"});
  Request next = upstream.next_request();
  CHECK(next.target() == "/page/");
  CHECK(next.connection() != early_connection);
  next.respond(fresh("page"));
  CHECK(other.read_response().body == "page");
}
