#include "larder/admin/handler.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support.hpp"

namespace larder::admin {
namespace {

using Catch::Contains;
using nlohmann::json;

config::ConfigPtr example_config() {
  auto config = std::make_shared<config::Config>();
  config->admin_listener.allow = {config::parse_network("127.0.0.0/8").value(),
                                  config::parse_network("::1").value()};
  config->admin_listener.token = "t0ken";
  config->log.access = config::AccessLog::off;
  config::Upstream upstream;
  upstream.name = "default";
  upstream.servers.push_back({config::parse_address("127.0.0.1:9").value(), "http://127.0.0.1:9"});
  config->upstreams.push_back(std::move(upstream));
  config::Webhook hook = hook_of(config::HookAuth::bearer, "s3cret");
  hook.rules.push_back(rule_of("published", {"path:{/path}", "tag:lists"}));
  config->webhooks.push_back(hook);
  hook.name = "open";
  hook.path = "/hooks/open";
  hook.auth = config::HookAuth::none;
  config->webhooks.push_back(hook);
  hook.name = "public";
  hook.path = "/_larder/public";
  hook.auth = config::HookAuth::bearer;
  hook.is_public = true;
  config->webhooks.push_back(std::move(hook));
  return config;
}

const FieldList json_fields = {{"Host", "127.0.0.1:8081"}, {"Content-Type", "application/json"}};
const std::string purge_all = R"({"select":["all"]})";

struct Desk {
  proxy::Site site{example_config()};
  Handler handler{site};
  const net::Peer friendly = peer_at("127.0.0.1");
  const net::Peer stranger = peer_at("203.0.113.9");

  Response get(std::string target) { return handler.handle(request_of("GET", std::move(target)), friendly); }
  Response post(std::string target, FieldList fields, std::string body) {
    return handler.handle(request_of("POST", std::move(target), fields, std::move(body)), friendly);
  }
};

TEST_CASE("PURGE answers 200 with its sequence, also when nothing was stored") {
  Desk desk;
  const auto request = request_of("PURGE", "/blog/a/", {{"Host", "www.example.com"}});
  const Response response = desk.handler.handle(request, desk.friendly);
  CHECK(response.status == 200);
  CHECK(json::parse(response.body) == json({{"sequence", 1},
                                            {"replicas", 1},
                                            {"acknowledged", 1},
                                            {"purged", {"path:http://www.example.com/blog/a"}}}));
  CHECK(desk.site.purge_log.newest() == 1);
}

TEST_CASE("PURGE is for allowed peers and who knows the token") {
  Desk desk;
  net::Peer unix_peer;
  unix_peer.is_unix = true;
  const FieldList host = {{"Host", "www.example.com"}};
  const FieldList token = {{"Host", "www.example.com"}, {"Authorization", "Bearer t0ken"}};
  const FieldList wrong = {{"Host", "www.example.com"}, {"Authorization", "Bearer token"}};
  const FieldList page = {{"Host", "www.example.com"}, {"Origin", "http://www.example.com"}};
  const auto status_of = [&](const FieldList& fields, const net::Peer& peer) {
    return desk.handler.handle(request_of("PURGE", "/", fields), peer).status;
  };
  CHECK(status_of(host, desk.friendly) == 200);
  CHECK(status_of(host, unix_peer) == 200);
  CHECK(status_of(host, desk.stranger) == 403);
  CHECK(status_of(wrong, desk.stranger) == 401);
  CHECK(status_of(token, desk.stranger) == 200);
  CHECK(status_of(page, desk.friendly) == 403);
  CHECK(status_of({}, desk.friendly) == 400);
}

TEST_CASE("the API purges what it is told to") {
  Desk desk;
  const Response response =
      desk.post("/api/purge", json_fields, R"({"select":["slug:hello"],"mode":"soft"})");
  CHECK(response.status == 200);
  CHECK(json::parse(response.body)["sequence"] == 1);
  REQUIRE(desk.site.purge_log.recent().size() == 1);
  CHECK(desk.site.purge_log.recent()[0].mode == cache::PurgeMode::soft);
  const Response bad = desk.post("/api/purge", json_fields, R"({"select":["hello"]})");
  CHECK(bad.status == 400);
  CHECK_THAT(json::parse(bad.body)["error"].get<std::string>(), Contains("bad selector"));
}

TEST_CASE("no page of another site can use the API") {
  Desk desk;
  const std::pair<FieldList, int> cases[] = {
      {{{"Host", "127.0.0.1:8081"}}, 415},
      {{{"Host", "127.0.0.1:8081"}, {"Content-Type", "text/plain"}}, 415},
      {{{"Host", "127.0.0.1:8081"}, {"Content-Type", "application/json; charset=utf-8"}}, 200},
      {{{"Host", "127.0.0.1:8081"}, {"Content-Type", "application/json"}, {"Origin", "http://evil.example"}},
       403},
      {{{"Host", "127.0.0.1:8081"}, {"Content-Type", "application/json"}, {"Origin", "null"}}, 403},
      {{{"Host", "127.0.0.1:8081"},
        {"Content-Type", "application/json"},
        {"Origin", "http://127.0.0.1:8081"}},
       200},
      {{{"Host", "[::1]:8081"}, {"Content-Type", "application/json"}, {"Origin", "http://[::1]:8081"}}, 200},
      {{{"Host", "localhost:8081"},
        {"Content-Type", "application/json"},
        {"Origin", "http://localhost:8081"}},
       200},
      // A name that was rebound to this address: the same origin, for the browser.
      {{{"Host", "evil.example:8081"},
        {"Content-Type", "application/json"},
        {"Origin", "http://evil.example:8081"}},
       403},
      {{{"Host", "admin.example"},
        {"Content-Type", "application/json"},
        {"Origin", "https://admin.example"},
        {"Authorization", "Bearer t0ken"}},
       200},
  };
  for (const auto& [fields, status] : cases) {
    INFO(fields.back().second);
    CHECK(desk.post("/api/purge", fields, purge_all).status == status);
  }
}

TEST_CASE("strangers see the probes and nothing else") {
  Desk desk;
  for (const char* path : {"/livez", "/readyz", "/startupz"}) {
    CHECK(desk.handler.handle(request_of("GET", path), desk.stranger).status == 200);
  }
  for (const char* path : {"/metrics", "/api/stats", "/api/routes", "/api/hot"}) {
    CHECK(desk.handler.handle(request_of("GET", path), desk.stranger).status == 403);
    const FieldList wrong = {{"Authorization", "Bearer x"}};
    CHECK(desk.handler.handle(request_of("GET", path, wrong), desk.stranger).status == 401);
    const FieldList right = {{"Authorization", "Bearer t0ken"}};
    CHECK(desk.handler.handle(request_of("GET", path, right), desk.stranger).status == 200);
  }
  CHECK(desk.handler.handle(request_of("POST", "/api/purge", json_fields, purge_all), desk.stranger).status ==
        403);
  CHECK(desk.handler.handle(request_of("POST", "/hooks/open", {}, "{}"), desk.stranger).status == 403);
  CHECK(desk.site.purge_log.newest() == 0);
}

TEST_CASE("what does not exist is 404, and a wrong method 405 with the right ones") {
  Desk desk;
  CHECK(desk.get("/").status == 404);
  CHECK(desk.get("/api/stats/").status == 404);
  CHECK(desk.get("/hooks/other").status == 404);
  const std::pair<const char*, const char*> cases[] = {{"/api/stats", "GET, HEAD"},
                                                       {"/livez", "GET, HEAD"},
                                                       {"/hooks/wagtail", "POST"},
                                                       {"/api/purge", "POST"}};
  for (const auto& [path, allowed] : cases) {
    const Response response = desk.handler.handle(request_of("DELETE", path), desk.friendly);
    CHECK(response.status == 405);
    REQUIRE(response.fields.size() == 1);
    CHECK(response.fields[0] == std::pair<std::string, std::string>("Allow", allowed));
  }
}

TEST_CASE("targets come with queries and in absolute form") {
  Desk desk;
  CHECK(desk.get("/livez?verbose").status == 200);
  CHECK(desk.get("http://127.0.0.1:8081/livez").status == 200);
  CHECK(desk.get("http://127.0.0.1:8081").status == 404);
}

TEST_CASE("ready until the drain begins") {
  Desk desk;
  json body = json::parse(desk.get("/readyz").body);
  CHECK(body["status"] == "ready");
  CHECK(body["upstream"]["state"] == "unknown");
  desk.site.is_draining = true;
  const Response draining = desk.get("/readyz");
  CHECK(draining.status == 503);
  CHECK(json::parse(draining.body)["status"] == "draining");
  CHECK(desk.get("/livez").status == 200);
}

TEST_CASE("neither ready nor started before the start is over") {
  Desk desk;
  desk.handler.run_state().is_started = false;
  CHECK(desk.get("/readyz").status == 503);
  CHECK(desk.get("/startupz").status == 503);
  CHECK(desk.get("/livez").status == 200);
}

TEST_CASE("the upstream's state follows what the workers see") {
  Desk desk;
  desk.site.observers.push_back(std::make_unique<obs::Observer>(*desk.site.config()));
  obs::ExchangeRecord record;
  const auto state = [&] { return json::parse(desk.get("/readyz").body)["upstream"]["state"]; };
  record.result = obs::Result::error;
  record.reason = cache::Reason::connect_failed;
  desk.site.observers[0]->record(record);
  CHECK(state() == "down");
  CHECK(state() == "down");
  record.result = obs::Result::miss;
  record.reason = cache::Reason::absent;
  record.upstream_us = 100;
  desk.site.observers[0]->record(record);
  CHECK(state() == "up");
}

TEST_CASE("a webhook purges what its rule says") {
  Desk desk;
  const FieldList secret = {{"Authorization", "Bearer s3cret"}};
  const Response response = desk.post("/hooks/wagtail", secret, R"({"type":"published","path":"/a/"})");
  CHECK(response.status == 200);
  CHECK(json::parse(response.body)["purged"] == json({"path:/a", "tag:lists"}));
  CHECK(desk.site.purge_log.newest() == 1);
}

TEST_CASE("a webhook's other answers purge nothing") {
  Desk desk;
  const FieldList secret = {{"Authorization", "Bearer s3cret"}};
  CHECK(desk.post("/hooks/wagtail", {}, "{}").status == 401);
  CHECK(desk.post("/hooks/wagtail", {{"Authorization", "Bearer t0ken"}}, "{}").status == 401);
  const Response unfit = desk.post("/hooks/wagtail", secret, R"({"type":"published"})");
  CHECK(unfit.status == 422);
  CHECK_THAT(json::parse(unfit.body)["error"].get<std::string>(), Contains("/path"));
  const Response ignored = desk.post("/hooks/wagtail", secret, R"({"type":"deleted"})");
  CHECK(ignored.status == 200);
  CHECK(json::parse(ignored.body) ==
        json({{"ignored", true}, {"event", "deleted"}, {"purged", json::array()}}));
  CHECK(desk.site.purge_log.newest() == 0);
}

TEST_CASE("only an exposed webhook is the public listener's") {
  Desk desk;
  const FieldList secret = {{"Authorization", "Bearer s3cret"}};
  const std::string event = R"({"type":"published","path":"/a/"})";
  const auto at = [&](const char* path) {
    return desk.handler.handle_public_hook(request_of("POST", path, secret, event), desk.stranger);
  };
  CHECK_FALSE(at("/hooks/wagtail"));
  CHECK_FALSE(at("/hooks/open"));
  CHECK_FALSE(at("/api/purge"));
  CHECK_FALSE(at("/"));
  REQUIRE(at("/_larder/public"));
  CHECK(at("/_larder/public")->status == 200);
  CHECK(desk.handler.handle_public_hook(request_of("GET", "/_larder/public"), desk.stranger)->status == 405);
  const auto large = request_of("POST", "/_larder/public", secret, std::string(body_size_max + 1, ' '));
  CHECK(desk.handler.handle_public_hook(large, desk.stranger)->status == 413);
}

TEST_CASE("statistics are one object with everything in it") {
  Desk desk;
  const json stats = json::parse(desk.get("/api/stats").body);
  for (const char* name :
       {"version", "uptime_seconds", "draining", "requests", "hit_ratio", "bytes_sent", "duration_ms",
        "connections", "store", "flights", "purges", "upstream", "events", "logs", "routes"}) {
    INFO(name);
    CHECK(stats.contains(name));
  }
  CHECK(stats["requests"]["by_result"]["hit"] == 0);
  CHECK(json::parse(desk.get("/api/routes").body)["routes"].is_array());
}

TEST_CASE("metrics are Prometheus text") {
  Desk desk;
  desk.post("/api/purge", json_fields, purge_all);
  desk.handler.run_state().note_reload(false, base::WallTime(base::Duration(5000)));
  const Response response = desk.get("/metrics");
  CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"larder_purges_total{cause=\"api\",mode=\"hard\"} 1\n", "larder_purge_sequence 1\n",
        "larder_config_last_reload_successful 0\n", "larder_config_last_reload_timestamp_seconds 5\n",
        "larder_upstream_connections{state=\"idle\"} 0\n",
        "larder_webhook_requests_total{result=\"purged\"} 0\n", "# TYPE larder_store_bytes gauge\n"}) {
    CHECK_THAT(response.body, Contains(line));
  }
}

}  // namespace
}  // namespace larder::admin
