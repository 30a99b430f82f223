// A request that two readers could frame differently is refused, and nothing of it reaches the upstream.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

struct Ambiguity {
  const char* what;
  const char* bytes;
  int status;
};

constexpr Ambiguity ambiguities[] = {
    {"both lengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", 400},
    {"a list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 5\r\n\r\nabcde", 400},
    {"a signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd", 400},
    {"a negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"a hexadecimal length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nabcd", 400},
    {"a huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    {"chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400},
    {"no chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
    {"an unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: frob, chunked\r\n\r\n", 501},
    {"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501},
    {"chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"space before the colon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
     400},
    {"obs-fold", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 400},
    {"a first line that is folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"a bare CR", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n", 400},
    {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"a control character", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x01\r\n\r\n", 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"a Host with user information", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
    {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a target with a space", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"another protocol", "GET / HTTX/1.1\r\nHost: a\r\n\r\n", 400},
    {"another major version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a field name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nX(A): b\r\n\r\n", 400},
    {"an empty field name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
};

}  // namespace

TEST_CASE(
    "A request that two readers could frame differently is refused, and nothing of it reaches the upstream") {
  Upstream upstream;
  Larder larder(upstream);
  for (const Ambiguity& ambiguity : ambiguities) {
    INFO(ambiguity.what);
    Connection visitor = larder.connect();
    visitor.send(ambiguity.bytes);
    const Response response = visitor.read_response();
    CHECK(response.status == ambiguity.status);
    CHECK(response.is_complete);
    CHECK(visitor.is_closed_by_peer());
  }
  CHECK(upstream.requests() == 0);
}

TEST_CASE("A chunked request body that is malformed ends the exchange, and what follows is not a request") {
  Upstream upstream;
  Larder larder(upstream);
  const char* body =
      GENERATE("zz\r\nabc\r\n0\r\n\r\n", "3\nabc\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
               "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n");
  INFO(body);
  Connection visitor = larder.connect();
  visitor.send(request_text("POST", "/upload/", {"Transfer-Encoding: chunked"}) + body +
               request_text("GET", "/smuggled/"));
  const Response response = visitor.read_response();
  CHECK((response.status == 400 || response.status == 0));
  CHECK(visitor.is_closed_by_peer());
  while (upstream.has_request()) CHECK(upstream.next_request().target() != "/smuggled/");
}
