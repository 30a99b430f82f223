// CONNECT is refused: Larder is no forward proxy.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("CONNECT is refused: Larder is no forward proxy") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
  const Response response = visitor.read_response();
  CHECK(response.status >= 400);
  CHECK(response.status < 600);
  CHECK(upstream.requests() == 0);
}

TEST_CASE("PURGE on the public listener is refused") {
  Upstream upstream;
  Larder larder(upstream);
  CHECK(ask(larder.port(), "PURGE", "/page/").status == 405);
  CHECK(upstream.requests() == 0);
}
