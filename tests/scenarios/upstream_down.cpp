// An upstream that is down costs visitors nothing while grace lasts.
#include <catch2/catch.hpp>

#include "support/scenario/faults.hpp"

using namespace scenario;

TEST_CASE("An upstream that is down costs visitors nothing while grace lasts") {
  const Misbehaviour misbehave = [](Upstream& upstream) { upstream.stop(); };
  SECTION("without grace it is an error with a reason") {
    check_error_without_grace(misbehave, {502, 504});
  }
  SECTION("within grace the old page is served") {
    check_stale_within_grace(misbehave);
  }
  SECTION("a POST gets the error") {
    check_error_for_post(misbehave, {502, 504});
  }
}
