// GET /api/hot tells which stored responses are used most.
#include <catch2/catch.hpp>

#include "support/scenario/jobs.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

void use(const Larder& larder, const std::string& path, int times, const Lines& lines = {}) {
  for (int i = 0; i <= times; ++i) larder.get(path, lines);
}

std::vector<std::string> urls_of(const json& hot) {
  std::vector<std::string> urls;
  for (const json& response : hot["hot"]) urls.push_back(response["url"]);
  return urls;
}

using Urls = std::vector<std::string>;

}  // namespace

TEST_CASE("The responses that are used most are listed, the hottest first") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream,
                {.site = "routes:\n  - {match: \"/blog/**\"}\n", .upstream = {}, .public_listener = {}});
  use(larder, "/seldom/", 1);
  use(larder, "/blog/often/?a=1", 9);
  use(larder, "/never/", 0);
  use(larder, "/sometimes/", 3);
  use(larder, "/purged/", 4);
  larder.purge("path:/purged/");
  larder.advance(std::chrono::seconds(70));
  const json hot = get_json(larder, "/api/hot");
  CHECK(urls_of(hot) == Urls{url_of("/blog/often/?a=1"), url_of("/sometimes/"), url_of("/seldom/")});
  const json& first = hot["hot"][0];
  // What counts as lately may have ended once meanwhile.
  CHECK(first["uses"].get<int>() >= 5);
  CHECK(first["uses"].get<int>() <= 9);
  CHECK(first["route"] == "/blog/**");
  CHECK(first["status"] == 200);
  CHECK(first["bytes"].get<int>() > 4);
  CHECK(first["age"].get<int>() >= 70);
  CHECK(first["age"].get<int>() + first["ttl"].get<int>() >= 59);
  CHECK(first["ttl"].get<int>() < 0);
  CHECK(hot["hot"][1]["route"] == "(none)");
  CHECK(urls_of(get_json(larder, "/api/hot?n=1")) == Urls{url_of("/blog/often/?a=1")});
  for (const char* n : {"0", "1001", "many", ""}) {
    CHECK(get(larder.admin_port(), "/api/hot?n=" + std::string(n)).status == 400);
  }
}

TEST_CASE("Nothing of a session is among the hottest") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  const Larder larder(upstream,
                      {.site = "routes:\n  - {match: \"/**\", cookies: {vary: [sessionid, theme]}}\n",
                       .upstream = {},
                       .public_listener = {}});
  use(larder, "/own/", 5, {"Cookie: sessionid=0123456789abcdef"});
  use(larder, "/page/", 2, {"Cookie: theme=dark"});
  const Response answer = get(larder.admin_port(), "/api/hot");
  CHECK(urls_of(json::parse(answer.body)) == Urls{url_of("/page/")});
  CHECK(answer.body.find("dark") == std::string::npos);
}
