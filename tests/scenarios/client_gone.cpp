// When the visitor leaves, the upstream request is cancelled, unless it is being stored.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("When the visitor leaves, the upstream request is cancelled, unless it is being stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();

  SECTION("a fetch for nobody is given up") {
    visitor.get("/page/");
    Request request = upstream.next_request();
    visitor.reset();
    request.wait_until_abandoned();
  }
  SECTION("also where he left with his request") {
    for (int i = 0; i < 5; ++i) {
      Connection other = larder.connect();
      other.get("/page/" + std::to_string(i) + "/");
      other.close();
      upstream.next_request().wait_until_abandoned();
    }
  }
  SECTION("so is a request that does not use the cache") {
    visitor.send(request_text("POST", "/form/", {}, "a=b"));
    Request request = upstream.next_request();
    visitor.reset();
    request.wait_until_abandoned();
  }
  SECTION("and a response that is not stored") {
    visitor.get("/endless/");
    Request request = upstream.next_request();
    request.send(head_text("200 OK", {"Transfer-Encoding: chunked", "Cache-Control: no-store"}) +
                 chunk("tick"));
    visitor.read_head();
    visitor.read_body_at_least(4);
    visitor.reset();
    wait_until("Larder to give the response up",
               [&request] { return request.is_abandoned() || !request.send(chunk("tick")); });
  }
  SECTION("a response that is being stored is fetched to its end") {
    visitor.get("/page/");
    Request request = upstream.next_request();
    request.send(head_text("200 OK", {"Content-Length: 8", "Cache-Control: max-age=60"}) + "half");
    visitor.read_head();
    visitor.read_body_at_least(4);
    visitor.reset();
    request.respond("half");
    larder.wait_for_no_flight();
    const Response stored = larder.get("/page/");
    CHECK(stored.is_hit());
    CHECK(stored.body == "halfhalf");
    CHECK(upstream.requests() == 1);
  }
}

// What waits to be sent and what watches for his going away end together then, one after the other.
TEST_CASE("A visitor who goes while interim responses wait for him is given up") {
  // Shared, alone, and passed.
  const Lines lines =
      GENERATE(values<Lines>({{}, {"Authorization: Basic eA=="}, {"Cache-Control: no-store"}}));
  Upstream upstream;
  Settings settings;
  settings.site = "limits: {header_size: 1MiB}";
  Larder larder(upstream, settings);
  Connection visitor = larder.connect();
  visitor.get("/page/", lines);
  Request request = upstream.next_request();
  // More than the kernel takes for somebody who does not read.
  const std::string hint =
      "HTTP/1.1 103 Early Hints\r\nX-Long: " + std::string(1000 * 1024, 'x') + "\r\n\r\n";
  for (int i = 0; i < 8; ++i) request.send(hint);
  visitor.reset();
  wait_until("Larder to give the request up", [&request] {
    return request.is_abandoned() || !request.send("HTTP/1.1 103 Early Hints\r\n\r\n");
  });
  Connection other = larder.connect();
  other.get("/other/");
  upstream.next_request().respond(fresh("other"));
  CHECK(other.read_response().body == "other");
}
