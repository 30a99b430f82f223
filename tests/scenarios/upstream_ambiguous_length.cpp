// A response whose length is ambiguous is an error with a reason, or stale content.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("A response whose length is ambiguous is an error with a reason, or stale content") {
  const std::string head = GENERATE(
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
      "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nabcd", "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n");
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
