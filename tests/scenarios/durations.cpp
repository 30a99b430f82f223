// The access log tells how long an answer took, and how long the upstream.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("The access log tells how long an answer took, and how long the upstream") {
  constexpr Milliseconds work{50};
  const std::string log =
      std::filesystem::temp_directory_path() / ("larder-durations-" + std::to_string(getpid()) + ".log");
  {
    Upstream upstream([&](Request request) {
      request.work_for(work);
      request.respond(fresh("page"));
    });
    Larder larder(upstream, {.log = "{level: \"off\", access: json, output: " + log + "}"});
    Connection visitor = larder.connect();  // one, since each worker has lines of its own
    for (const Lines& lines : {Lines{}, Lines{}, Lines{"Cache-Control: no-store"}}) {
      visitor.get("/page/", lines);
      visitor.read_response();
    }
  }
  std::ifstream file(log);
  std::vector<nlohmann::json> answers;
  for (std::string line; std::getline(file, line);) answers.push_back(nlohmann::json::parse(line));
  std::filesystem::remove(log);
  REQUIRE(answers.size() == 3);
  for (const std::size_t asked : {0, 2}) {
    CHECK(answers[asked]["upstream_ms"] >= work.count());
    CHECK(answers[asked]["duration_ms"] >= answers[asked]["upstream_ms"]);
  }
  CHECK(answers[1]["upstream_ms"].is_null());
}
