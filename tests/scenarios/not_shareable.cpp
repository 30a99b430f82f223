// Nobody queues behind a response that cannot be shared.
#include <catch2/catch.hpp>
#include <set>

#include "support/scenario/larder.hpp"
#include "support/scenario/mass_client.hpp"

using namespace scenario;

namespace {

constexpr std::size_t visitors = 50;

std::string personal(std::size_t number) {
  return ok("basket " + std::to_string(number), {"Cache-Control: private"});
}

void respond_to_all(std::vector<Request>& requests, std::size_t first_number) {
  for (Request& request : requests) request.respond(personal(first_number++));
}

std::size_t distinct_bodies(std::vector<Connection>& connections) {
  std::set<std::string> bodies;
  for (const Response& response : read_all(connections)) {
    CHECK(response.is_complete);
    CHECK_FALSE(response.is_hit());
    // Who waited and then had to ask for himself was not answered by another's fetch.
    CHECK_FALSE(response.cache_status().has("collapsed"));
    bodies.insert(response.body);
  }
  return bodies.size();
}

}  // namespace

TEST_CASE("Nobody queues behind a response that cannot be shared") {
  Upstream upstream;
  Larder larder(upstream);

  std::vector<Connection> connections = ask_all(larder.port(), visitors, "/basket/");
  Request first = upstream.next_request();
  larder.wait_for_joined(visitors - 1);
  CHECK(upstream.requests() == 1);
  first.respond(personal(0));
  // All the others are at the upstream at the same moment: it answers none before it has seen them all.
  std::vector<Request> others = upstream.next_requests(visitors - 1);
  respond_to_all(others, 1);
  CHECK(distinct_bodies(connections) == visitors);

  // Remembered: now nobody waits for anybody, not even for the first head.
  connections = ask_all(larder.port(), visitors, "/basket/");
  others = upstream.next_requests(visitors);
  respond_to_all(others, 100);
  CHECK(distinct_bodies(connections) == visitors);
  CHECK(upstream.requests() == 2 * visitors);
}

TEST_CASE("The memory that a page is not shareable ends when a shareable response comes") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(personal(1));
  CHECK(visitor.read_response().body == "basket 1");
  visitor.get("/page/");
  upstream.next_request().respond(fresh("for all"));
  CHECK(visitor.read_response().body == "for all");
  visitor.get("/page/");
  CHECK(visitor.read_response().is_hit());
}

TEST_CASE("Fifty who ask for a personal page wait for one response head, and then never again") {
  constexpr Milliseconds rendering(300);
  Upstream upstream([rendering](Request request) {
    request.work_for(rendering);
    request.respond(personal(0));
  });
  Larder larder(upstream);
  const Milliseconds cold = last_of(ask_at_once(larder.port(), visitors, request_text("GET", "/basket/")));
  const Milliseconds known = last_of(ask_at_once(larder.port(), visitors, request_text("GET", "/basket/")));
  CHECK(upstream.requests() == 2 * visitors);
  INFO("cold " << cold.count() << " ms, known " << known.count() << " ms");
  if (is_release_build) CHECK(cold < rendering * 215 / 100);
  if (is_release_build) CHECK(known < rendering * 115 / 100);
}
