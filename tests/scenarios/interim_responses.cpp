// Interim responses are passed on as they come.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

// Shared, alone, and passed.
const std::initializer_list<Lines> asking = {{}, {"Authorization: Basic eA=="}, {"Cache-Control: no-store"}};

}  // namespace

TEST_CASE("Interim responses are passed on as they come") {
  const Lines lines = GENERATE(values<Lines>(asking));
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", lines);
  Request request = upstream.next_request();
  request.send(
      "HTTP/1.1 103 Early Hints\r\nLink: </site.css>; rel=preload\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n");
  const std::vector<Interim> hints = visitor.read_interim(1);  // the final head is not there yet
  CHECK(hints[0].status == 103);
  CHECK(hints[0].fields["Link"] == "</site.css>; rel=preload");
  CHECK_FALSE(hints[0].fields.has("X-Hop"));
  request.send("HTTP/1.1 103 Early Hints\r\nLink: </site.js>\r\n\r\n");
  CHECK(visitor.read_interim(2)[1].fields["Link"] == "</site.js>");
  request.respond(fresh("page"));
  const Response response = visitor.read_rest();
  CHECK(response.status == 200);
  CHECK(response.body == "page");
  CHECK(response.interim.size() == 2);
}

TEST_CASE("An interim response has no framing, whatever the upstream says") {
  const Lines lines = GENERATE(values<Lines>(asking));
  const std::string framing = GENERATE("Content-Length: 5", "Transfer-Encoding: chunked");
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", lines);
  Request request = upstream.next_request();
  request.send("HTTP/1.1 103 Early Hints\r\n" + framing + "\r\nLink: </site.css>\r\n\r\n");
  const std::vector<Interim> hints = visitor.read_interim(1);
  CHECK(hints[0].fields["Link"] == "</site.css>");
  CHECK_FALSE(hints[0].fields.has("Content-Length"));
  CHECK_FALSE(hints[0].fields.has("Transfer-Encoding"));
  request.respond(fresh("page"));
  CHECK(visitor.read_rest().body == "page");
}
