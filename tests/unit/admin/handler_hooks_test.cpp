// Webhooks through the handler: replays, what is refused and counted, many threads at once.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "../../support/standard_webhook.hpp"
#include "larder/admin/handler.hpp"
#include "support.hpp"

namespace larder::admin {
namespace {

using Catch::Contains;
using nlohmann::json;

const std::string secret = "a-secret-for-this-test";
const std::string event = R"({"type":"purge","data":{"select":["tag:a"]}})";

config::ConfigPtr signed_config() {
  auto config = std::make_shared<config::Config>();
  config->admin_listener.allow = {config::parse_network("127.0.0.0/8").value()};
  config->log.access = config::AccessLog::off;
  config::Upstream upstream;
  upstream.name = "default";
  upstream.servers.push_back({config::parse_address("127.0.0.1:9").value(), "http://127.0.0.1:9"});
  config->upstreams.push_back(std::move(upstream));
  config::Webhook hook = hook_of(config::HookAuth::standard, secret);
  hook.rules.push_back(rule_of("purge", {"{/data/select}"}));
  hook.is_public = true;
  config->webhooks.push_back(hook);
  hook.name = "shop";
  hook.path = "/hooks/shop";
  config->webhooks.push_back(std::move(hook));
  return config;
}

struct Desk {
  proxy::Site site{signed_config()};
  Handler handler{site};
  const net::Peer sender = peer_at("203.0.113.9");

  std::int64_t now() const {
    return std::chrono::duration_cast<base::Seconds>(site.clock.now().wall.time_since_epoch()).count();
  }
  Request signed_request(const std::string& id, const std::string& body, std::int64_t age = 0,
                         const std::string& path = "/hooks/wagtail") {
    const std::int64_t at = now() - age;
    const std::string time = std::to_string(at);
    const std::string signature = standard_signature(secret, id, at, body);
    return request_of("POST", path,
                      {{"webhook-id", id}, {"webhook-timestamp", time}, {"webhook-signature", signature}},
                      body);
  }
  Response answer(const Request& request) { return handler.handle_public_hook(request, sender).value(); }
  bool counted(const std::string& result, int count) {
    const std::string line =
        "larder_webhook_requests_total{result=\"" + result + "\"} " + std::to_string(count) + "\n";
    const Response page = handler.handle(request_of("GET", "/metrics"), peer_at("127.0.0.1"));
    return page.body.find(line) != std::string::npos;
  }
};

TEST_CASE("a webhook without a secret is for the admin listener's peers, and others are counted") {
  auto config = std::make_shared<config::Config>(*signed_config());
  config->webhooks.front().auth = config::HookAuth::none;
  config->webhooks.front().is_public = false;
  Desk desk;
  desk.site.set_config(config);
  const Request request = request_of("POST", "/hooks/wagtail", {}, event);
  CHECK(desk.handler.handle(request, desk.sender).status == 403);
  Request token = request;
  token.fields.add("Authorization", "Bearer wrong");
  CHECK(desk.handler.handle(token, desk.sender).status == 401);
  Request page = request;
  page.fields.add("Origin", "http://other.example");
  CHECK(desk.handler.handle(page, peer_at("127.0.0.1")).status == 403);
  CHECK(desk.counted("refused", 3));
  CHECK(desk.site.purge_log.newest() == 0);
  CHECK(desk.handler.handle(request, peer_at("127.0.0.1")).status == 200);
  CHECK(desk.counted("refused", 3));
}

TEST_CASE("a replay does nothing") {
  Desk desk;
  const Request request = desk.signed_request("row-1", event);
  CHECK(json::parse(desk.answer(request).body)["purged"] == json({"tag:a"}));
  for (int i = 0; i < 3; ++i) {
    const Response again = desk.answer(request);
    CHECK(again.status == 200);
    CHECK(json::parse(again.body) == json({{"duplicate", true}}));
  }
  // Sent again later, by one who did not hear of it.
  desk.site.clock.advance(std::chrono::minutes(2));
  const Request later = desk.signed_request("row-1", event);
  CHECK(json::parse(desk.answer(later).body) == json({{"duplicate", true}}));
  // The first is stale now, the second is not, and neither does anything.
  desk.site.clock.advance(std::chrono::minutes(4));
  CHECK(desk.answer(request).status == 401);
  CHECK(json::parse(desk.answer(later).body) == json({{"duplicate", true}}));
  CHECK(desk.site.purge_log.newest() == 1);
  CHECK(desk.counted("duplicate", 5));
  CHECK(desk.counted("purged", 1));
  CHECK(desk.counted("stale", 1));
}

TEST_CASE("an id is remembered once its purge is done, and not before") {
  Desk desk;
  CHECK(desk.answer(desk.signed_request("row-1", R"({"type":"purge"})")).status == 422);
  CHECK(desk.answer(desk.signed_request("row-1", R"({"type":"unknown"})")).status == 200);
  CHECK(desk.site.purge_log.newest() == 0);
  CHECK(json::parse(desk.answer(desk.signed_request("row-1", event)).body)["sequence"] == 1);
  CHECK(json::parse(desk.answer(desk.signed_request("row-1", event)).body) == json({{"duplicate", true}}));
  CHECK(desk.counted("ignored", 1));
}

TEST_CASE("an id of one hook is another's too") {
  Desk desk;
  CHECK(json::parse(desk.answer(desk.signed_request("row-1", event)).body)["sequence"] == 1);
  const Request other = desk.signed_request("row-1", event, 0, "/hooks/shop");
  CHECK(json::parse(desk.answer(other).body)["sequence"] == 2);
}

TEST_CASE("of many threads with the same event one purges, and the others are told") {
  Desk desk;
  const Request request = desk.signed_request("row-1", event);
  std::atomic<int> purged{0};
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const Response response = desk.answer(request);
        const json body = json::parse(response.body);
        const bool is_twin = response.status == 503 || body.contains("duplicate");
        ++(is_twin ? told : purged);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(purged == 1);
  CHECK(told == 199);
  CHECK(desk.site.purge_log.newest() == 1);
}

struct RefusedCase {
  const char* title;
  Request request;
  int status;
  std::string result;
  std::string error;
};

Request with(Request request, std::string_view name, std::string_view value) {
  request.fields.add(name, value);
  return request;
}

Request without_signature(const Request& request) {
  Request bare = request;
  bare.fields.remove("webhook-signature");
  return bare;
}

TEST_CASE("what is refused purges nothing, says why and is counted") {
  Desk desk;
  const Request good = desk.signed_request("row-1", event);
  Request tampered = good;
  tampered.body = R"({"type":"purge","data":{"select":["all"]}})";
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const RefusedCase cases[] = {
      {"no signature", without_signature(good), 401, "refused", "missing or wrong signature"},
      {"another body", tampered, 401, "refused", "missing or wrong signature"},
      {"two signatures", with(good, "webhook-signature", "v1,x"), 401, "refused",
       "missing or wrong signature"},
      {"too old", desk.signed_request("row-2", event, 400), 401, "stale", "stale timestamp"},
      {"too new", desk.signed_request("row-3", event, -400), 401, "stale", "stale timestamp"},
      {"too large", desk.signed_request("row-4", std::string(body_size_max + 1, ' ')), 413, "too_large",
       "larger than 1 MiB"},
      {"coded", with(good, "Content-Encoding", "gzip"), 415, "unfit", "Content-Encoding"},
      {"nested deep", desk.signed_request("row-5", deep), 422, "unfit", "nested deeper than 64"},
      {"not UTF-8", desk.signed_request("row-6", "{\"type\":\"\xff\"}"), 422, "unfit", "not valid JSON"},
      {"a form that is not UTF-8",
       with(desk.signed_request("row-7", "type=purge&x=\xff"), "Content-Type",
            "application/x-www-form-urlencoded"),
       422, "unfit", "the form is not UTF-8"},
      {"a member twice", desk.signed_request("row-8", R"({"type":"purge","type":"all"})"), 422, "unfit",
       "comes twice"},
      {"cut short", desk.signed_request("row-9", event.substr(0, 20)), 422, "unfit", "not valid JSON"},
      {"no body", desk.signed_request("row-10", ""), 422, "unfit", "no name at /type"},
  };
  std::map<std::string, int> counts;
  for (const RefusedCase& c : cases) {
    INFO(c.title);
    const Response response = desk.answer(c.request);
    CHECK(response.status == c.status);
    CHECK_THAT(json::parse(response.body)["error"].get<std::string>(), Contains(c.error));
    CHECK(desk.counted(c.result, ++counts[c.result]));
    CHECK(desk.site.purge_log.newest() == 0);
  }
  CHECK(desk.answer(good).status == 200);
}

}  // namespace
}  // namespace larder::admin
