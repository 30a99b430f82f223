// A body that breaks off never looks whole, and is not stored.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("A body that breaks off never looks whole, and is not stored") {
  const std::string fields = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";
  SECTION("half of the announced length") {
    check_broken_body(fields + "Content-Length: 8\r\n\r\nhalf");
  }
  SECTION("nothing of the announced length") {
    check_broken_body(fields + "Content-Length: 8\r\n\r\n");
  }
  SECTION("chunks cut in their middle") {
    check_broken_body(fields + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n8\r\nand");
  }
  SECTION("chunks without the last one") {
    check_broken_body(fields + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  }
  SECTION("chunks whose trailers do not end") {
    check_broken_body(fields + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nA: b\r\n");
  }
  SECTION("a chunk size that is none") {
    check_broken_body(fields + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\nabc\r\n0\r\n\r\n");
  }
  SECTION("a chunk longer than its size") {
    check_broken_body(fields + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalfway\r\n0\r\n\r\n");
  }
}

TEST_CASE("Those who share a body that breaks off are all told, and nobody after them gets it") {
  Upstream upstream;
  Larder larder(upstream);
  std::vector<Connection> visitors = ask_all(larder.port(), 5, "/page/");
  Request request = upstream.next_request();
  larder.wait_for_joined(4);
  request.send(head_text("200 OK", {"Transfer-Encoding: chunked", "Cache-Control: max-age=60"}) +
               chunk("half"));
  for (Connection& visitor : visitors) {
    visitor.read_head();
    visitor.read_body_at_least(4);
  }
  const bool is_reset = GENERATE(true, false);
  if (is_reset) {
    request.reset();
  } else {
    request.close();
  }
  for (Connection& visitor : visitors) CHECK_FALSE(visitor.read_rest().is_complete);
  larder.wait_for_no_flight();
  Connection next = larder.connect();
  next.get("/page/");
  upstream.next_request().respond(fresh("whole"));
  CHECK(next.read_response().body == "whole");
}
