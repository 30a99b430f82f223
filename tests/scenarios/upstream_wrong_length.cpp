// Bytes beyond the announced length are not part of anything.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("Bytes beyond the announced length are not part of anything") {
  Upstream upstream([](Request request) {
    request.respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCache-Control: max-age=60\r\n\r\npage" +
                    std::string("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"));
  });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  for (const char* path : {"/a/", "/b/", "/c/"}) {
    visitor.get(path);
    const Response response = visitor.read_response();
    CHECK(response.body == "page");
    CHECK(response.is_complete);
  }
  visitor.get("/a/");
  CHECK(visitor.read_response().body == "page");
  CHECK(upstream.connections() == 3);  // what came too much ended its connection
}
