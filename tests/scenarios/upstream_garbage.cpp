// A head that is no HTTP is an error with a reason, or stale content.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("A head that is no HTTP is an error with a reason, or stale content") {
  const std::string head =
      GENERATE("garbage\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
               "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
  INFO(head);
  const Misbehaviour misbehave = answers_and_closes(head);
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

TEST_CASE("A head without end is given up at the limit") {
  const Misbehaviour misbehave = [](Upstream& upstream) {
    upstream.handle([](Request request) {
      request.send("HTTP/1.1 200 OK\r\n");
      const std::string line = "X-Field: " + std::string(1000, 'x') + "\r\n";
      while (request.send(line)) {
      }
    });
  };
  check_error_without_grace(misbehave, {502});
}
