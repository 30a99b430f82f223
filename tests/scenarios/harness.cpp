// The scripted upstream and the visitor understand each other without Larder between them.
#include <catch2/catch.hpp>

#include "support/scenario/client.hpp"
#include "support/scenario/mass_client.hpp"
#include "support/scenario/upstream.hpp"

using namespace scenario;

namespace {

std::uint16_t port_of(const Upstream& upstream) {
  const std::string address = upstream.address();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

}  // namespace

TEST_CASE("The scripted upstream and the visitor understand each other without Larder between them") {
  Upstream upstream;
  Connection visitor(port_of(upstream));

  SECTION("lengths, interim responses and reuse") {
    visitor.send(request_text("POST", "/a?b", {}, "body"));
    Request request = upstream.next_request();
    CHECK(request.method() == "POST");
    CHECK(request.target() == "/a?b");
    CHECK(request.body() == "body");
    request.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    CHECK(visitor.read_interim(1)[0].status == 103);
    request.respond(ok("answer"));
    const Response response = visitor.read_response();
    CHECK(response.body == "answer");
    CHECK(response.is_complete);
    visitor.get("/second");
    upstream.next_request().respond(ok(""));
    CHECK(visitor.read_response().is_complete);
    CHECK(upstream.connections() == 1);
  }

  SECTION("chunks with trailers, piece by piece") {
    visitor.get("/");
    Request request = upstream.next_request();
    request.send(head_text("200 OK", {"Transfer-Encoding: chunked"}) + chunk("one"));
    CHECK(visitor.read_head().status == 200);
    CHECK(visitor.read_body_at_least(3) == "one");
    request.respond(chunk("two") + "0\r\nDigest: x\r\n\r\n");
    const Response response = visitor.read_rest();
    CHECK(response.body == "onetwo");
    CHECK(response.is_complete);
    CHECK(response.trailers["digest"] == "x");
  }

  SECTION("what is cut short is seen to be so") {
    visitor.get("/");
    Request request = upstream.next_request();
    SECTION("a length") {
      request.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    }
    SECTION("a chunk") {
      request.send(head_text("200 OK", {"Transfer-Encoding: chunked"}) + "a\r\nabc");
    }
    SECTION("no last chunk") {
      request.send(head_text("200 OK", {"Transfer-Encoding: chunked"}) + chunk("abc"));
    }
    request.close();
    const Response response = visitor.read_response();
    CHECK(response.body == "abc");
    CHECK_FALSE(response.is_complete);
    CHECK_FALSE(response.problem.empty());
  }

  SECTION("a reset is told from an end") {
    visitor.get("/");
    upstream.next_request().reset();
    CHECK(visitor.read_response().is_reset);
  }

  SECTION("a visitor who leaves is noticed") {
    visitor.get("/");
    Request request = upstream.next_request();
    CHECK_FALSE(request.is_abandoned());
    visitor.close();
    request.wait_until_abandoned();
  }

  SECTION("a visitor who leaves is noticed behind a body that nobody read") {
    upstream.leave_bodies_unread();
    visitor.send(request_text("PUT", "/", {"Content-Length: 10"}));
    Request request = upstream.next_request();
    visitor.send("first");
    visitor.close();
    request.wait_until_abandoned();
    CHECK(request.take_received() == "first");
  }

  SECTION("a chunked request body") {
    visitor.send(request_text("PUT", "/", {"Transfer-Encoding: chunked"}) + chunk("ab") + chunk("c") +
                 "0\r\n\r\n");
    Request request = upstream.next_request();
    CHECK(request.body() == "abc");
    request.respond(ok(""));
  }

  SECTION("stopped, it refuses; started again, it is at the same place") {
    const std::uint16_t port = port_of(upstream);
    upstream.stop();
    CHECK_THROWS_AS(connect_tcp(port), Failure);
    upstream.start();
    CHECK(port_of(upstream) == port);
    CHECK_NOTHROW(connect_tcp(port));
  }
}

TEST_CASE("Many visitors at once are all answered by a handler") {
  Upstream upstream([](Request request) { request.respond(ok("to " + request.target())); });
  const std::vector<MassAnswer> answers = ask_at_once(port_of(upstream), 100, request_text("GET", "/x"));
  for (const MassAnswer& answer : answers) CHECK(answer.response.body == "to /x");
  CHECK(upstream.requests() == 100);
}

TEST_CASE("Cache-Status is read as parameters, whatever their order") {
  const CacheStatus status(
      "other; hit, larder; fwd=uri-miss;fwd-status=200; stored; detail=\"no_freshness\"");
  CHECK(status.cache() == "larder");
  CHECK(status["fwd"] == "uri-miss");
  CHECK(status.has("stored"));
  CHECK_FALSE(status.has("hit"));
  CHECK(status["detail"] == "no_freshness");
}
