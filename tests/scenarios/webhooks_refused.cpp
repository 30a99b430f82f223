// Forged, stale, replayed, oversized and broken webhooks purge nothing, on either listener.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"
#include "support/standard_webhook.hpp"

using namespace scenario;

namespace {

const std::string secret = "a-secret-for-this-test";
const std::string event = R"({"type": "purge", "data": {"select": ["path:/page/"]}})";

// Larder with a signed hook that is on both listeners, and a page in its store.
struct Site {
  Upstream upstream{[](Request request) { request.respond(fresh(request.target())); }};
  Larder larder{upstream,
                {.site = R"(webhooks:
  cms:
    expose: public
    auth: {type: standard, secret: ")" +
                         secret + R"("}
    event: /type
    on:
      purge: {purge: ["{/data/select}"]}
)",
                 .upstream = {},
                 .public_listener = {}}};

  Lines signature(const std::string& id, const std::string& body, std::int64_t age = 0) {
    const auto now = larder.site().clock.now().wall.time_since_epoch();
    const std::int64_t at = std::chrono::duration_cast<std::chrono::seconds>(now).count() - age;
    return {"webhook-id: " + id, "webhook-timestamp: " + std::to_string(at),
            "webhook-signature: " + standard_signature(secret, id, at, body)};
  }
  Response post(std::uint16_t port, const Lines& lines, const std::string& body) {
    return ask(port, "POST", "/hooks/cms", lines, body);
  }
  std::string count_of(const std::string& result) {
    const std::string page = ask(larder.admin_port(), "GET", "/metrics").body;
    const std::string name = "larder_webhook_requests_total{result=\"" + result + "\"} ";
    const std::size_t begin = page.find(name) + name.size();
    return page.substr(begin, page.find('\n', begin) - begin);
  }
};

// Ten megabytes, of which the server has said what it thinks before they are all sent.
Response post_ten_megabytes(std::uint16_t port, bool is_chunked) {
  Connection connection(port);
  const std::string head =
      "POST /hooks/cms HTTP/1.1\r\nHost: x\r\nwebhook-id: a\r\nwebhook-timestamp: 1\r\n"
      "webhook-signature: v1,x\r\n";
  connection.send(head +
                  (is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 10000000\r\n\r\n"));
  const std::string piece(100000, 'x');
  for (int i = 0; i < 100; ++i) {
    const bool is_sent = connection.send(is_chunked ? "186A0\r\n" + piece + "\r\n" : piece);
    if (!is_sent) break;
  }
  return connection.read_response("POST");
}

}  // namespace

TEST_CASE("Forged, stale and broken webhooks purge nothing, on either listener") {
  Site site;
  site.larder.get("/page/");
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const std::string raw = "{\"type\": \"\xff\"}";
  int id = 0;
  for (const std::uint16_t port : {site.larder.admin_port(), site.larder.port()}) {
    const auto fresh_id = [&] { return "row-" + std::to_string(++id); };
    CHECK(site.post(port, {}, event).status == 401);
    CHECK(site.post(port, site.signature(fresh_id(), "{}"), event).status == 401);
    CHECK(site.post(port, site.signature(fresh_id(), event, 400), event).status == 401);
    CHECK(site.post(port, site.signature(fresh_id(), event, -400), event).status == 401);
    CHECK(site.post(port, site.signature(fresh_id(), deep), deep).status == 422);
    CHECK(site.post(port, site.signature(fresh_id(), raw), raw).status == 422);
    Lines coded = site.signature(fresh_id(), event);
    coded.push_back("Content-Encoding: gzip");
    CHECK(site.post(port, coded, event).status == 415);
    CHECK(post_ten_megabytes(port, false).status == 413);
    CHECK(post_ten_megabytes(port, true).status == 413);
    CHECK(site.larder.get("/page/").is_hit());
  }
  CHECK(site.count_of("refused") == "4");
  CHECK(site.count_of("stale") == "4");
  CHECK(site.count_of("unfit") == "6");
  CHECK(site.count_of("too_large") == "4");
  CHECK(site.count_of("purged") == "0");
}

TEST_CASE("A replayed webhook purges nothing, on either listener") {
  Site site;
  int id = 0;
  for (const std::uint16_t port : {site.larder.admin_port(), site.larder.port()}) {
    const Lines signature = site.signature("row-" + std::to_string(++id), event);
    site.larder.get("/page/");
    CHECK(site.post(port, signature, event).status == 200);
    CHECK_FALSE(site.larder.get("/page/").is_hit());
    for (const std::uint16_t again : {site.larder.admin_port(), site.larder.port()}) {
      const Response replay = site.post(again, signature, event);
      CHECK(replay.status == 200);
      CHECK(replay.body == "{\"duplicate\":true}\n");
      CHECK(site.larder.get("/page/").is_hit());
    }
  }
  CHECK(site.count_of("duplicate") == "4");
}
