// A thousand visitors who ask at once for a cold page cause one fetch.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"
#include "support/scenario/mass_client.hpp"

using namespace scenario;

TEST_CASE("A thousand visitors who ask at once for a cold page cause one fetch") {
  constexpr std::size_t visitors = 1000;
  constexpr Milliseconds rendering(300);
  const std::string page(20'000, 'p');
  Upstream upstream([&page, rendering](Request request) {
    request.work_for(rendering);
    request.respond(fresh(page));
  });
  Larder larder(upstream);

  const std::vector<MassAnswer> answers = ask_at_once(larder.port(), visitors, request_text("GET", "/cold/"));

  CHECK(upstream.requests() == 1);
  std::size_t good = 0;
  for (const MassAnswer& answer : answers) {
    good += answer.response.status == 200 && answer.response.is_complete && answer.response.body == page;
  }
  CHECK(good == visitors);
  // One went forward for all; who came late found it stored.
  std::size_t leaders = 0;
  std::size_t joined = 0;
  std::size_t hits = 0;
  for (const MassAnswer& answer : answers) {
    const CacheStatus status = answer.response.cache_status();
    hits += status.has("hit");
    if (status.has("hit")) continue;
    CHECK(status["fwd"] == "uri-miss");
    (status.has("collapsed") ? joined : leaders) += 1;
  }
  CHECK(leaders == 1);
  CHECK(leaders + joined + hits == visitors);
  CHECK(joined > 0);
  const Milliseconds last = last_of(answers);
  INFO("the last answer came after " << last.count() << " ms");
  if (is_release_build) CHECK(last < rendering * 3 / 2);
}
