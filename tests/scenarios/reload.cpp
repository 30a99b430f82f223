// Reloading twice under an open connection harms nobody.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Reloading twice under an open connection harms nobody") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  Connection visitor = larder.connect();
  for (int i = 0; i < 4; ++i) {
    const auto copy = std::make_shared<const larder::config::Config>(*larder.site().config());
    CHECK(larder.server().reload(copy).empty());
    visitor.send("GET /page/ HTTP/1.1\r\n");
    CHECK(larder.server().reload(std::make_shared<const larder::config::Config>(*copy)).empty());
    visitor.send("Host: www.example.com\r\n\r\n");
    CHECK(visitor.read_response().body == "page");
  }
}
