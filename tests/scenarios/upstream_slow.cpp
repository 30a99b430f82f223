// An upstream that does not answer in time is given up.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

namespace {

// Holds every request until Larder gives it up.
void never_answer(Upstream& upstream) {
  upstream.handle([](Request request) { request.wait_until_abandoned(); });
}

}  // namespace

TEST_CASE("An upstream that does not answer in time is given up") {
  const Misbehaviour misbehave = never_answer;
  SECTION("without grace it is an error with a reason") {
    check_error_without_grace(misbehave, {504});
  }
  SECTION("within grace the old page is served") {
    check_stale_within_grace(misbehave);
  }
  SECTION("a POST gets the error") {
    check_error_for_post(misbehave, {504});
  }
}

TEST_CASE("An upstream that falls silent amid a body is given up, and the body does not look whole") {
  Upstream upstream;
  Larder larder(upstream, {.site = {}, .upstream = impatient, .public_listener = {}});
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Content-Length: 10", "Cache-Control: max-age=60"}) + "half");
  const Response response = visitor.read_response();
  CHECK(response.body == "half");
  CHECK_FALSE(response.is_complete);
  request.wait_until_abandoned();
  visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("whole"));
  CHECK(visitor.read_response().body == "whole");
}
