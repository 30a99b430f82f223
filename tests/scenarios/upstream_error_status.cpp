// An error status of the upstream is passed on, or hidden by stale content within grace.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("An error status of the upstream is passed on, or hidden by stale content within grace") {
  const int status = GENERATE(500, 502, 503, 504);
  const std::string answer = response_text(std::to_string(status) + " Broken", "broken");
  const Misbehaviour misbehave = [answer](Upstream& upstream) {
    upstream.handle([answer](Request request) { request.respond(answer); });
  };
  SECTION("passed on, and not stored") {
    Upstream upstream;
    Larder larder(upstream);
    misbehave(upstream);
    for (std::size_t i = 1; i <= 2; ++i) {
      const Response response = larder.get("/page/");
      CHECK(response.status == status);
      CHECK(response.body == "broken");
      CHECK(upstream.requests() == i);
    }
  }
  SECTION("hidden within grace") {
    check_stale_within_grace(misbehave);
  }
}
