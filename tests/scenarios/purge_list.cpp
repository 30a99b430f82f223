// GET /api/purges tells who purged what, and how much each purge outdated.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/scenario/larder.hpp"
#include "support/scenario/waiting.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

json purges(const Larder& larder, const std::string& query = "") {
  const Response response = get(larder.admin_port(), "/api/purges" + query);
  REQUIRE(response.status == 200);
  return json::parse(response.body)["purges"];
}

void wait_until_counted(Larder& larder) {
  const larder::cache::PurgeLog& log = larder.site().purge_log;
  wait_until("the sweep to end", [&log] { return log.swept_through() == log.newest(); });
}

const Settings settings{.site =
                            "webhooks:\n  cms:\n    auth: {type: bearer, secret: a-secret}\n"
                            "    event: /type\n"
                            "    on: {published: {purge: [\"path:{/path}\"], mode: soft}}\n",
                        .upstream = {},
                        .public_listener = {}};

}  // namespace

TEST_CASE("The list of purges has them newest first, with cause, mode, selectors and what they outdated") {
  Upstream upstream([](Request request) {
    if (request.method() == "POST") return request.respond(response_text("200 OK", "done"));
    request.respond(
        fresh(request.target(), 60, {"Surrogate-Key: footer", "Cache-Control: stale-if-error=60"}));
  });
  Larder larder(upstream, settings);
  for (const char* path : {"/a/", "/b/", "/b/?page=2", "/c/", "/d/"}) larder.get(path);
  larder.purge_by_method("/b/");
  ask(larder.admin_port(), "POST", "/hooks/cms",
      {"Content-Type: application/json", "Authorization: Bearer a-secret"},
      R"({"type": "published", "path": "/c/"})");
  ask(larder.port(), "POST", "/d/", {}, "x=1");
  larder.purge("tag:footer");
  larder.purge("tag:footer");
  wait_until_counted(larder);

  const json list = purges(larder);
  REQUIRE(list.size() == 5);
  const auto check = [&list](std::size_t place, const char* cause, const char* mode, const char* selector,
                             int outdated) {
    const json& line = list[place];
    INFO(line.dump());
    CHECK(line["sequence"] == 5 - place);
    CHECK(line["cause"] == cause);
    CHECK(line["mode"] == mode);
    CHECK(line["selectors"] == json::array({selector}));
    CHECK(line["outdated"] == outdated);
    CHECK(line["counted"] == true);
    CHECK(line["peer"] == "127.0.0.1");
    CHECK(line["time"].get<std::string>().size() == std::string("2026-02-03T04:05:06.789Z").size());
  };
  check(0, "api", "hard", "tag:footer", 0);
  check(1, "api", "hard", "tag:footer", 2);  // /a/, and /c/, which was stale only
  check(2, "unsafe_method", "hard", "path:http://www.example.com/d", 1);
  check(3, "webhook", "soft", "path:/c", 1);
  check(4, "PURGE", "hard", "path:http://www.example.com/b", 2);
  CHECK(list[3]["detail"] == "cms published");
  CHECK(list[2]["detail"] == "POST /d/");
  CHECK(purges(larder, "?n=2").size() == 2);
  CHECK(get(larder.admin_port(), "/api/purges?n=0").status == 400);
  CHECK(get(larder.admin_port(), "/api/purges?n=1001").status == 400);
}

TEST_CASE("What is fetched again before the sweep comes is counted all the same") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  larder.get("/a/");
  larder.purge("path:/a/");
  larder.get("/a/");  // takes the old one's place
  wait_until_counted(larder);
  CHECK(purges(larder)[0]["outdated"] == 1);
  CHECK(larder.get("/a/").is_hit());
}

TEST_CASE("A fetch that a purge overtakes is told beside what it outdated") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/a/");
  Request request = upstream.next_request();
  larder.purge("path:/a/");
  request.respond(fresh("old"));
  CHECK(visitor.read_response().body == "old");
  larder.wait_for_no_flight();
  wait_until_counted(larder);
  CHECK(purges(larder)[0]["overtaken"] == 1);
  CHECK(purges(larder)[0]["outdated"] == 0);
}
