// A name service that does not answer holds nobody longer than the connect timeout.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"
#include "support/scenario/slow_name.hpp"

using namespace scenario;

namespace {

Settings by_name(const Lines& upstream) {
  Settings settings;
  settings.upstream = upstream;
  settings.upstream_host = SlowName::name;
  return settings;
}

}  // namespace

TEST_CASE("A name service that does not answer holds nobody longer than the connect timeout") {
  Upstream upstream;
  Larder larder(upstream, by_name(impatient));
  SlowName name;
  const Response refused = larder.get("/page/");
  CHECK(refused.status == 504);
  CHECK(refused.cache_status()["detail"] == "connect-timeout");
  CHECK(name.waiting() == 1);  // the look-up itself goes on
  larder.wait_for_no_flight();

  name.answer();
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("page"));
  CHECK(visitor.read_response().body == "page");
}

TEST_CASE("A visitor who goes away while the upstream's name is looked up leaves nothing behind") {
  Upstream upstream;
  Larder larder(upstream, by_name({"timeouts: {connect: 1h}"}));
  SlowName name;
  Connection visitor = larder.connect();
  const std::string method = GENERATE("GET", "POST");
  INFO(method);
  visitor.send(request_text(method, "/page/"));
  name.wait_until_asked();
  visitor.close();
  larder.wait_for_no_flight();
  wait_until("the connection upstream to be given up",
             [&larder] { return larder.site().pool->stats().active == 0; });
  CHECK(name.waiting() == 1);
}

TEST_CASE("A name that takes its time is connected to all the same") {
  Upstream upstream;
  Larder larder(upstream, by_name({}));
  SlowName name;
  Connection visitor = larder.connect();
  visitor.get("/page/");
  name.wait_until_asked();
  name.answer();
  upstream.next_request().respond(fresh("page"));
  CHECK(visitor.read_response().body == "page");
}
