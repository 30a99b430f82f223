#include "support/scenario/faults.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace scenario {
namespace {

const Settings without_grace{.site = {}, .upstream = impatient, .public_listener = {}};
const Settings with_grace{.site = "routes:\n  - {match: \"/**\", stale: {if_error: 1h}}\n",
                          .upstream = impatient,
                          .public_listener = {}};

void behave(Upstream& upstream) {
  upstream.handle([](Request request) { request.respond(fresh("good")); });
}

void check_is_error(const Response& response, const std::vector<int>& statuses) {
  CAPTURE(response.status);
  CHECK(std::find(statuses.begin(), statuses.end(), response.status) != statuses.end());
  CHECK(response.is_complete);
  CHECK_FALSE(response.is_hit());
  CHECK_FALSE(response.cache_status()["detail"].empty());
}

void check_next_is_good(Larder& larder, Upstream& upstream) {
  upstream.stop();
  behave(upstream);
  upstream.start();
  const std::size_t asked = upstream.requests();
  const Response next = larder.get("/page/");
  CHECK(next.status == 200);
  CHECK(next.body == "good");
  CHECK_FALSE(next.is_hit());
  CHECK(upstream.requests() == asked + 1);
  CHECK(larder.get("/page/").is_hit());
}

void check_not_whole(const Response& response) {
  CAPTURE(response.status, response.body, response.problem);
  // An error instead of it is as good, if the head had not left yet.
  if (response.status == 502 || response.status == 504) return;
  CHECK_FALSE(response.is_complete);
}

}  // namespace

Misbehaviour answers_and_closes(std::string bytes) {
  return [bytes = std::move(bytes)](Upstream& upstream) {
    upstream.handle([bytes](Request request) {
      request.send(bytes);
      request.close();
    });
  };
}

void check_error_without_grace(const Misbehaviour& misbehave, const std::vector<int>& statuses) {
  Upstream upstream;
  Larder larder(upstream, without_grace);
  misbehave(upstream);
  check_is_error(larder.get("/page/"), statuses);
  check_next_is_good(larder, upstream);
}

void check_error_for_post(const Misbehaviour& misbehave, const std::vector<int>& statuses) {
  Upstream upstream;
  Larder larder(upstream, with_grace);
  misbehave(upstream);
  check_is_error(ask(larder.port(), "POST", "/page/", {}, "a=b"), statuses);
}

void check_stale_within_grace(const Misbehaviour& misbehave) {
  Upstream upstream;
  Larder larder(upstream, with_grace);
  behave(upstream);
  CHECK(larder.get("/page/").body == "good");
  larder.advance(std::chrono::seconds(61));
  misbehave(upstream);
  for (int i = 0; i < 2; ++i) {
    const Response stale = larder.get("/page/");
    CHECK(stale.status == 200);
    CHECK(stale.body == "good");
    CHECK(stale.is_complete);
    CHECK(stale["Age"].size() >= 2);
    const CacheStatus status = stale.cache_status();
    CHECK((status.has("hit") || status["fwd"] == "stale"));
    CHECK_FALSE(status["detail"].empty());
  }
  larder.advance(std::chrono::hours(2));
  CHECK(larder.get("/page/").status >= 500);  // the grace is over
  check_next_is_good(larder, upstream);
}

void check_broken_body(const std::string& bytes) {
  Upstream upstream;
  Larder larder(upstream, without_grace);
  answers_and_closes(bytes)(upstream);
  check_not_whole(larder.get("/page/"));
  check_not_whole(larder.get("/page/", {"Authorization: Basic eA=="}));  // passed, not collapsed
  Connection old = larder.connect();
  old.send("GET /page/ HTTP/1.0\r\nHost: www.example.com\r\n\r\n");
  check_not_whole(old.read_response());
  check_next_is_good(larder, upstream);
}

}  // namespace scenario
