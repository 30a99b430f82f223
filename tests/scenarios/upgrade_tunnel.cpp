// An upgraded connection becomes a tunnel.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("An upgraded connection becomes a tunnel") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/socket/", {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="});
  Request request = upstream.next_request();
  CHECK(lower(request["Upgrade"]) == "websocket");
  CHECK(lower(request["Connection"]).find("upgrade") != std::string::npos);
  CHECK(request["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ==");

  SECTION("accepted: bytes of both sides pass, also those that came with the head") {
    request.send(head_text("101 Switching Protocols", {"Connection: Upgrade", "Upgrade: websocket"}) +
                 "welcome");
    const Response response = visitor.read_response();
    CHECK(response.status == 101);
    CHECK(lower(response["Upgrade"]) == "websocket");
    CHECK(visitor.read_raw_at_least(7) == "welcome");
    const std::string binary("\x81\x05\x00\xff\r\n\r\n", 8);
    visitor.send(binary);
    CHECK(request.receive_at_least(binary.size()) == binary);
    request.send(request.take_received());
    CHECK(visitor.read_raw_at_least(binary.size()) == binary);
    SECTION("until the upstream closes") {
      request.close();
      CHECK(visitor.is_closed_by_peer());
    }
    SECTION("or the visitor does") {
      visitor.close();
      request.wait_until_abandoned();
    }
  }
  SECTION("accepted and ended in one go") {
    request.send(head_text("101 Switching Protocols", {"Connection: Upgrade", "Upgrade: websocket"}) + "bye");
    request.close();
    CHECK(visitor.read_response().status == 101);
    CHECK(visitor.read_raw_at_least(3) == "bye");
    CHECK(visitor.is_closed_by_peer());
  }
  SECTION("to what was not offered: an error, and no tunnel") {
    const Lines lines = GENERATE(Lines{"Connection: Upgrade", "Upgrade: other"}, Lines{"Connection: Upgrade"},
                                 Lines{"Connection: Upgrade", "Upgrade: websocket, other"});
    request.send(head_text("101 Switching Protocols", lines) + "welcome");
    const Response response = visitor.read_response();
    CHECK(response.status == 502);
    CHECK(response.cache_status()["detail"] == "upstream-bad-head");
    CHECK(response.body.find("welcome") == std::string::npos);
    request.wait_until_abandoned();
  }
  SECTION("refused: an ordinary response") {
    request.respond(response_text("426 Upgrade Required", "no",
                                  {"Cache-Control: no-store", "Connection: upgrade", "Upgrade: other"}));
    const Response response = visitor.read_response();
    CHECK(response.status == 426);
    CHECK(response["Upgrade"] == "other");
    CHECK(lower(response["Connection"]).find("upgrade") != std::string::npos);
  }
}

TEST_CASE("What a visitor sends right behind an upgrade is the tunnel's, byte for byte") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.send(request_text("GET", "/socket/", {"Connection: Upgrade", "Upgrade: websocket"}) + "early");
  Request request = upstream.next_request();
  request.send(head_text("101 Switching Protocols", {"Connection: Upgrade", "Upgrade: WebSocket"}));
  CHECK(visitor.read_response().status == 101);
  CHECK(request.receive_at_least(5) == "early");
}

TEST_CASE("An upgrade to HTTP/2 or TLS is none: nothing passes by the rules") {
  Upstream upstream;
  Larder larder(upstream);
  const std::string protocol = GENERATE("h2c", "H2C", "HTTP/2.0", "TLS/1.2, HTTP/1.1");
  INFO(protocol);
  const Lines lines{"Connection: Upgrade, HTTP2-Settings", "Upgrade: " + protocol,
                    "HTTP2-Settings: AAMAAABkAAQAAP__"};
  Connection visitor = larder.connect();
  visitor.get("/page/", lines);
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("Upgrade"));
  CHECK_FALSE(request.has("HTTP2-Settings"));
  CHECK(lower(request["Connection"]).find("upgrade") == std::string::npos);

  SECTION("the answer is an ordinary one, and shared like any other") {
    request.respond(fresh("page"));
    CHECK(visitor.read_response().body == "page");
    visitor.get("/page/", lines);
    CHECK(visitor.read_response().is_hit());
    CHECK(upstream.requests() == 1);
  }
  SECTION("an upstream that switches all the same is not believed") {
    request.send(head_text("101 Switching Protocols", {"Connection: Upgrade", "Upgrade: h2c"}));
    CHECK(visitor.read_response().status == 502);
  }
}

TEST_CASE("Of several protocols only those are offered that may be tunnelled") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/socket/", {"Connection: Upgrade", "Upgrade: h2c, websocket", "Upgrade: TLS/1.0"});
  CHECK(upstream.next_request()["Upgrade"] == "websocket");
}
