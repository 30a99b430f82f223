// A dry run tells what a purge would take, and changes nothing.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

json dry_run(const Larder& larder, json order) {
  order["dry_run"] = true;
  const Response response =
      ask(larder.admin_port(), "POST", "/api/purge", {"Content-Type: application/json"}, order.dump());
  INFO(response.body);
  REQUIRE(response.status == 200);
  return json::parse(response.body);
}

Upstream::Handler pages() {
  return [](Request request) {
    request.respond(fresh(request.target(), 60, {"Surrogate-Key: footer", "Vary: Accept-Language"}));
  };
}

const Settings settings{
    .site =
        "hosts: [{name: www.example.com, aliases: [example.com]}]\n"
        "routes:\n  - {match: \"/blog/{slug}/\", query: {allow: [page], default: {page: \"1\"}}}\n",
    .upstream = {},
    .public_listener = {}};

}  // namespace

TEST_CASE("A dry run counts what would go, and takes none of it") {
  Upstream upstream(pages());
  Larder larder(upstream, settings);
  const Lines paths{"/blog/hello/", "/blog/hello/?page=2", "/blog/world/", "/news/"};
  for (const std::string& path : paths) larder.get(path);
  larder.get("/news/", {"Accept-Language: de"});

  const json all = dry_run(larder, {{"select", {"all"}}});
  CHECK(all["dry_run"] == true);
  CHECK(all["entries"] == 5);
  CHECK(all["bytes"].get<std::uint64_t>() > 1000);
  CHECK(all["keys"].size() == 4);  // two are variants of one

  const json several = dry_run(
      larder, {{"select", {"slug:hello", "prefix:http://example.com/blog/", "tag:foot*", "host:b.org"}},
               {"mode", "soft"}});
  CHECK(several["mode"] == "soft");
  CHECK(several["by_selector"] == json({{{"selector", "slug:hello"}, {"entries", 2}},
                                        {{"selector", "prefix:http://example.com/blog/"}, {"entries", 1}},
                                        {{"selector", "tag:foot*"}, {"entries", 2}},
                                        {{"selector", "host:b.org"}, {"entries", 0}}}));

  const json url = dry_run(larder, {{"select", {"url:http://example.com/blog/hello/?x=1"}}});
  CHECK(url["keys"] == json({"http://www.example.com/blog/hello/?page=1"}));

  CHECK(larder.site().purge_log.newest() == 0);
  for (const std::string& path : paths) CHECK(larder.get(path).is_hit());
}

TEST_CASE("A dry run does not count what an earlier purge has taken, though it is not swept yet") {
  Upstream upstream([](Request request) {
    request.respond(fresh(request.target(), 60, {"Cache-Control: stale-if-error=60"}));
  });
  Larder larder(upstream);
  for (const char* path : {"/a", "/b", "/c"}) larder.get(path);
  larder.purge("path:/a");
  larder.purge("path:/b", "soft");
  CHECK(dry_run(larder, {{"select", {"all"}}})["entries"] == 2);
  CHECK(dry_run(larder, {{"select", {"all"}}, {"mode", "soft"}})["entries"] == 1);
  CHECK(larder.site().purge_log.newest() == 2);
}

TEST_CASE("PURGE makes a dry run where its field says so") {
  Upstream upstream(pages());
  Larder larder(upstream);
  larder.get("/a/");
  const auto purge = [&larder](const char* value) {
    return ask(larder.admin_port(), "PURGE", "/a/", {std::string("Larder-Dry-Run: ") + value});
  };
  CHECK(json::parse(purge("true").body)["entries"] == 1);
  CHECK(purge("yes").status == 400);
  CHECK(larder.get("/a/").is_hit());
  CHECK(purge("false").status == 200);
  CHECK_FALSE(larder.get("/a/").is_hit());
}

TEST_CASE("Purges go on beside a dry run, and of the list's keys there are a hundred at most") {
  Upstream upstream(pages());
  Larder larder(upstream);
  for (int i = 0; i < 150; ++i) larder.get("/" + std::to_string(i));
  const std::string order = R"({"select": ["all"], "dry_run": true})";
  std::vector<Connection> admins;
  for (int i = 0; i < 20; ++i) {
    admins.emplace_back(larder.admin_port());
    admins.back().send(request_text("POST", "/api/purge", {"Content-Type: application/json"}, order));
  }
  larder.purge("tag:nothing");
  std::size_t answered = 0;
  for (Connection& admin : admins) {
    const Response response = admin.read_response();
    if (response.status == 200) {
      ++answered;
      CHECK(json::parse(response.body)["entries"] == 150);
      CHECK(json::parse(response.body)["keys"].size() == 100);
    } else {
      CHECK(response.status == 503);  // one at a time
      CHECK(response.has("Retry-After"));
    }
  }
  CHECK(answered > 0);
}
