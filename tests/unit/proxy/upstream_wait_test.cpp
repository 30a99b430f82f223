// How long a job waits for an upstream that is still starting.
#include "proxy/upstream_wait.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace larder::proxy {
namespace {

using base::MonoTime;
using base::Seconds;

constexpr MonoTime start{Seconds(1000)};

TEST_CASE("the pauses double up to half a minute, and end after five minutes") {
  UpstreamWait wait;
  std::vector<long> pauses;
  MonoTime now = start;
  while (wait.failed(wait.mark(), now)) {
    pauses.push_back(std::chrono::duration_cast<Seconds>(wait.begin() - now).count());
    now = wait.begin();
  }
  CHECK(pauses == std::vector<long>{1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30});
  CHECK(now - start <= UpstreamWait::time_max);
}

TEST_CASE("requests that fail side by side share a pause") {
  UpstreamWait wait;
  const UpstreamWait::Mark mark = wait.mark();
  REQUIRE(wait.failed(mark, start));
  const MonoTime begin = wait.begin();
  CHECK(wait.failed(mark, start + Seconds(3)));
  CHECK(wait.begin() == begin);
  CHECK(wait.failed(wait.mark(), start + Seconds(4)));
  CHECK(wait.begin() == start + Seconds(6));
}

TEST_CASE("once something has been answered, what is sent later is not tried again") {
  UpstreamWait wait;
  const UpstreamWait::Mark before = wait.mark();
  wait.answered();
  CHECK_FALSE(wait.failed(wait.mark(), start));
  // It was sent before anybody knew.
  CHECK(wait.failed(before, start));
  CHECK_FALSE(wait.failed(wait.mark(), start));
}

TEST_CASE("failures that take their time are not tried again for ever") {
  UpstreamWait wait;
  MonoTime now = start;
  unsigned tries = 1;
  for (; wait.failed(wait.mark(), now); ++tries) now = wait.begin() + Seconds(60);
  CHECK(tries == 6);
}

}  // namespace
}  // namespace larder::proxy
