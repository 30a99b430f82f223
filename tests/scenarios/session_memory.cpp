// Private copies have a share of the memory, and nothing remembers whose they are.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const std::string private_route =
    "routes:\n  - {match: \"/account/**\", ttl: 1m, tags: [account], cookies: {vary: [sessionid]}}\n"
    "  - {match: \"/**\", ttl: 1m}\n";

Lines session(const std::string& value) {
  return {"Cookie: sessionid=" + value};
}

std::string stats_of(const Larder& larder) {
  return ask(larder.admin_port(), "GET", "/api/stats").body;
}

// Everything that the store keeps of each response.
std::string texts_of(Larder& larder) {
  std::string texts;
  auto& store = larder.site().store;
  for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
    store.sweep_shard(
        shard,
        [&texts](const larder::cache::StoredResponse& stored) {
          const larder::cache::ResponseDraft draft = larder::cache::draft_of(stored);
          texts += draft.key.text + draft.vary + draft.secondary + draft.head.text + draft.head.hidden;
          for (const std::string& tag : draft.tags) texts += tag;
          for (const std::string& capture : draft.captures) texts += capture;
          return false;
        },
        [&texts](const larder::cache::CacheKey& key, const auto&) {
          texts += key.text;
          return false;
        });
  }
  return texts;
}

}  // namespace

TEST_CASE("However many sessions there are, their copies do not push out what everybody shares") {
  const std::string body(10'000, 'x');
  Upstream upstream([&body](Request request) { request.respond(ok(body)); });
  Larder larder(
      upstream,
      {.site = "store: {memory: {size: 2MiB}}\n" + private_route, .upstream = {}, .public_listener = {}});
  constexpr int pages = 100;
  const auto path = [](int page) { return "/page/" + std::to_string(page) + "/"; };
  for (int i = 0; i < pages; ++i) larder.get(path(i));
  for (int i = 0; i < 300; ++i) {
    REQUIRE(larder.get("/account/", session("s" + std::to_string(i))).status == 200);
    const auto stats = larder.site().store.stats();
    REQUIRE(stats.private_bytes <= stats.size_max / 8);
  }
  for (int i = 0; i < pages; ++i) {
    INFO(path(i));
    CHECK(larder.get(path(i)).is_hit());
  }
  CHECK(larder.get("/account/", session("s299")).is_hit());
  CHECK_FALSE(larder.get("/account/", session("s0")).is_hit());

  const auto stats = nlohmann::json::parse(stats_of(larder))["store"]["private_copies"];
  CHECK(stats["entries"].get<int>() > 10);
  CHECK(stats["bytes"].get<int>() > 100'000);
  CHECK(stats["size_max"] == 2 * 1024 * 1024 / 8);
  const std::string metrics = ask(larder.admin_port(), "GET", "/metrics").body;
  CHECK(metrics.find("\nlarder_store_private_entries " + stats["entries"].dump() + "\n") !=
        std::string::npos);
  CHECK(metrics.find("\nlarder_store_private_size_bytes 262144\n") != std::string::npos);
}

TEST_CASE("A private page larger than the share is passed on whole, and not kept") {
  const std::string body(300'000, 'x');
  Upstream upstream([&body](Request request) {
    request.respond(head_text("200 OK", {"Transfer-Encoding: chunked"}) + chunk(body) +
                    std::string(last_chunk));
  });
  Larder larder(
      upstream,
      {.site = "store: {memory: {size: 2MiB}}\n" + private_route, .upstream = {}, .public_listener = {}});
  for (int i = 0; i < 2; ++i) {
    const Response response = larder.get("/account/", session("anna"));
    CHECK(response.is_complete);
    CHECK(response.body == body);
    CHECK_FALSE(response.is_hit());
    larder.wait_for_no_flight();
  }
  CHECK(larder.site().store.stats().private_entries == 0);
  CHECK(larder.site().store.stats().private_bytes == 0);
  CHECK_FALSE(larder.get("/page/").is_hit());
  CHECK(larder.get("/page/").is_hit());  // everybody's may be larger
}

TEST_CASE("A session's cookie is in nothing that Larder keeps, logs or shows") {
  const std::string secret = "5ecre7-va1ue";
  const std::string log =
      std::filesystem::temp_directory_path() / ("larder-" + std::to_string(getpid()) + ".log");
  std::string shown;
  std::string kept;
  {
    Upstream upstream([](Request request) {
      if (request.method() == "POST")
        return request.respond(response_text("302 Found", "", {"Set-Cookie: sessionid=; Max-Age=0"}));
      if (request.target() == "/account/unshared/")
        return request.respond(ok("page", {"Cache-Control: no-store", "Vary: Cookie"}));
      request.respond(fresh("page", 60, {"Vary: Cookie"}));
    });
    Larder larder(upstream, {.site = private_route,
                             .upstream = {},
                             .public_listener = {},
                             .log = "{level: trace, access: json, output: " + log + "}"});
    for (int i = 0; i < 2; ++i) {
      // On the last of them, a public one, the session only tells variants apart.
      for (const char* path : {"/account/", "/account/posts/", "/account/unshared/", "/page/"}) {
        shown += larder.get(path, {"Cookie: a=b; sessionid=" + secret}).head.text;
      }
      shown += larder.get("/account/", {"Cookie: sessionid=" + secret + "; sessionid=" + secret}).head.text;
    }
    kept = texts_of(larder);
    CHECK(kept.find("session:") != std::string::npos);
    ask(larder.port(), "POST", "/logout/", session(secret));
    CHECK_FALSE(larder.get("/account/", session(secret)).is_hit());
    for (const auto& line : larder.site().purge_log.recent()) {
      for (const auto& selector : line.selectors) kept += larder::cache::text_of(selector);
    }
    CHECK(kept.find(secret) == std::string::npos);
    for (const char* path : {"/api/stats", "/api/routes", "/metrics"}) {
      shown += ask(larder.admin_port(), "GET", path).body;
    }
  }
  CHECK(shown.find(secret) == std::string::npos);
  std::ifstream file(log);
  std::stringstream logged;
  logged << file.rdbuf();
  std::filesystem::remove(log);
  CHECK(logged.str().find("/account/posts/") != std::string::npos);
  CHECK(logged.str().find(secret) == std::string::npos);
}
