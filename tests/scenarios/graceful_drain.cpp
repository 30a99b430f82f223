// A drain lets what has begun end, and takes on nothing new.
#include <catch2/catch.hpp>
#include <thread>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A drain lets what has begun end, and takes on nothing new") {
  Upstream upstream;
  Larder larder(upstream);
  CHECK(ask(larder.admin_port(), "GET", "/readyz").status == 200);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  Connection idle = larder.connect();
  idle.get("/other/");
  upstream.next_request().respond(fresh("other"));
  idle.read_response();

  Gate drained;
  std::jthread draining([&larder, &drained] {
    larder.server().drain();
    drained.open();
  });
  wait_until("not ready", [&larder] { return ask(larder.admin_port(), "GET", "/readyz").status == 503; });
  CHECK(ask(larder.admin_port(), "GET", "/livez").status == 200);
  request.respond(fresh("page"));
  const Response response = visitor.read_response();
  CHECK(response.body == "page");
  CHECK(response.is_complete);
  CHECK(visitor.is_closed_by_peer());
  CHECK(idle.is_closed_by_peer());
  drained.pass("the drain to end");
  draining.join();
  CHECK_THROWS_AS(larder.connect(), Failure);
}
