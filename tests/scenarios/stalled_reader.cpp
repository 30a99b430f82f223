// A visitor who stops reading slows nobody else.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor who stops reading slows nobody else") {
  const std::string page(4 * 1024 * 1024, 'p');  // more than socket buffers hold
  Upstream upstream;
  Larder larder(upstream);

  Connection stalled = larder.connect();
  stalled.get("/big/");
  Request request = upstream.next_request();
  request.send(
      head_text("200 OK", {"Content-Length: " + std::to_string(page.size()), "Cache-Control: max-age=60"}));
  CHECK(stalled.read_head().status == 200);
  Connection brisk = larder.connect();
  brisk.get("/big/");
  brisk.read_head();

  request.respond(page);
  const Response response = brisk.read_rest();
  CHECK(response.is_complete);
  CHECK(response.body == page);
  CHECK(upstream.requests() == 1);

  const Response in_the_end = stalled.read_rest();
  CHECK(in_the_end.is_complete);
  CHECK(in_the_end.body == page);
}
