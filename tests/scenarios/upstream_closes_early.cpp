// An upstream that closes before its head is complete is an error with a reason, or stale content.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

namespace {

void reset_at_once(Upstream& upstream) {
  upstream.handle([](Request request) { request.reset(); });
}

}  // namespace

TEST_CASE("An upstream that closes before its head is complete is an error with a reason, or stale content") {
  const std::string bytes = GENERATE("", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le",
                                     "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n");
  INFO("after: " << bytes);
  const Misbehaviour misbehave = answers_and_closes(bytes);
  SECTION("without grace it is an error with a reason") {
    check_error_without_grace(misbehave, {502});
  }
  SECTION("within grace the old page is served") {
    check_stale_within_grace(misbehave);
  }
  SECTION("a POST gets the error") {
    check_error_for_post(misbehave, {502});
  }
}

TEST_CASE("An upstream that resets the connection is an error with a reason, or stale content") {
  const Misbehaviour misbehave = reset_at_once;
  SECTION("without grace it is an error with a reason") {
    check_error_without_grace(misbehave, {502});
  }
  SECTION("within grace the old page is served") {
    check_stale_within_grace(misbehave);
  }
  SECTION("a POST gets the error") {
    check_error_for_post(misbehave, {502});
  }
}
