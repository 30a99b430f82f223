// Trailers of a chunked response are passed on.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Trailers of a chunked response are passed on") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {"TE: trailers", "Connection: TE"});
  upstream.next_request().respond(
      head_text("200 OK", {"Transfer-Encoding: chunked", "Trailer: Checksum", "Cache-Control: no-store"}) +
      chunk("page") + "0\r\nChecksum: 42\r\n\r\n");
  const Response response = visitor.read_response();
  CHECK(response.body == "page");
  CHECK(response.is_complete);
  CHECK(response.trailers["Checksum"] == "42");
}
