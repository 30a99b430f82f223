// An HTTP/1.0 visitor gets what it can read: no chunks, no interim responses, closed unless asked.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("An HTTP/1.0 visitor gets what it can read: no chunks, no interim responses, closed unless asked") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();

  SECTION("a chunked response is sent until the connection closes") {
    visitor.send("GET /page/ HTTP/1.0\r\nHost: www.example.com\r\n\r\n");
    Request request = upstream.next_request();
    request.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    request.respond(head_text("200 OK", {"Transfer-Encoding: chunked"}) + chunk("one") + chunk("two") +
                    "0\r\n\r\n");
    const Response response = visitor.read_response();
    CHECK(response.interim.empty());
    CHECK_FALSE(response.has("Transfer-Encoding"));
    CHECK(response.body == "onetwo");
    CHECK(response.is_complete);
    CHECK(visitor.is_closed_by_peer());
  }
  SECTION("a known length is closed after, unless keep-alive was asked for") {
    const bool keeps_alive = GENERATE(true, false);
    const std::string connection = keeps_alive ? "Connection: keep-alive\r\n" : "";
    visitor.send("GET /page/ HTTP/1.0\r\nHost: www.example.com\r\n" + connection + "\r\n");
    upstream.next_request().respond(fresh("page"));
    const Response response = visitor.read_response();
    CHECK(response.body == "page");
    if (keeps_alive) {
      CHECK(lower(response["Connection"]) == "keep-alive");
      visitor.send("GET /page/ HTTP/1.0\r\nHost: www.example.com\r\n\r\n");
      CHECK(visitor.read_response().body == "page");
    }
    CHECK(visitor.is_closed_by_peer());
  }
}

TEST_CASE("A request without Host goes on with an empty one, and is stored under no other host's key") {
  Upstream upstream;
  Larder larder(upstream);
  Connection nobody = larder.connect();
  nobody.send("GET /page/ HTTP/1.0\r\n\r\n");
  Request request = upstream.next_request();
  CHECK(request.has("Host"));
  CHECK(request["Host"].empty());
  request.respond(fresh("of no host"));
  CHECK(nobody.read_response().body == "of no host");

  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("of www.example.com"));
  CHECK(visitor.read_response().body == "of www.example.com");

  Connection again = larder.connect();
  again.send("GET /page/ HTTP/1.0\r\n\r\n");
  CHECK(again.read_response().body == "of no host");
  CHECK(upstream.requests() == 2);
}
