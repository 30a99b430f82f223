// Visitors whose Accept-Encoding means the same share a variant, however it is written.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

// Answers with the field that it was sent, so that each variant tells for whom it was made.
void answer(Request request) {
  const std::string asked = request["Accept-Encoding"];
  request.respond(fresh(asked.empty() ? "none" : asked, 60, {"Vary: Accept-Encoding"}));
}

}  // namespace

TEST_CASE("Visitors whose Accept-Encoding means the same share a variant") {
  Upstream upstream(answer);
  Larder larder(upstream);
  CHECK(larder.get("/", {"Accept-Encoding: gzip, deflate, br"}).body == "gzip, deflate, br");
  for (const Lines& same :
       {Lines{"Accept-Encoding: br,deflate,gzip"}, Lines{"Accept-Encoding: GZIP ;q=1.0,\tBr, deflate;Q=1"},
        Lines{"Accept-Encoding: gzip", "Accept-Encoding: br, deflate"},
        Lines{"Accept-Encoding: x-gzip, gzip, br;q=1.000, deflate, deflate"}}) {
    const Response response = larder.get("/", same);
    CHECK(response.body == "gzip, deflate, br");
    CHECK(response.is_hit());
  }
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Visitors whose Accept-Encoding differs in meaning, or has none, have variants of their own") {
  Upstream upstream(answer);
  Larder larder(upstream);
  const std::vector<Lines> all{{},
                               {"Accept-Encoding: "},
                               {"Accept-Encoding: gzip"},
                               {"Accept-Encoding: gzip;q=0"},
                               {"Accept-Encoding: gzip;q=0.5"},
                               {"Accept-Encoding: gzip, *;q=0"},
                               {"Accept-Encoding: gzip, identity;q=0"},
                               {"Accept-Encoding: gzip;q=2"},
                               {"Accept-Encoding: gzip;q=0, gzip"},
                               {"Accept-Encoding: gzip, gzip;q=0"}};
  for (const Lines& lines : all) CHECK_FALSE(larder.get("/", lines).is_hit());
  for (const Lines& lines : all) CHECK(larder.get("/", lines).is_hit());
  CHECK(upstream.requests() == all.size());
}
