// `tags_from`: a JSON body's members are tags, and a purge of them reaches it.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const Lines json{"Content-Type: application/json", "Cache-Control: max-age=600"};
const Lines chunked_json{"Content-Type: application/json", "Cache-Control: max-age=600",
                         "Transfer-Encoding: chunked"};

Settings reading_tags(const std::string& more = {}) {
  Settings settings;
  settings.site = R"(routes:
  - match: "/api/**"
    tags_from: [{json: /meta/slug, tag: "slug:{}"}, {json: /items/id, tag: "post-{}"}]
)" + more;
  return settings;
}

std::string counted_as_unread(Larder& larder) {
  const std::string page = ask(larder.admin_port(), "GET", "/metrics").body;
  const std::size_t at = page.find("reason=\"unread-tags\"} ");
  return at == std::string::npos ? "never" : page.substr(at + 22, page.find('\n', at) - at - 22);
}

}  // namespace

TEST_CASE("A tag out of a JSON body purges it") {
  Upstream upstream([](Request request) {
    const bool is_list = request.target() == "/api/list/";
    const std::string body = is_list
                                 ? R"({"items": [{"id": 1}, {"id": 2}]})"
                                 : R"({"meta": {"slug": "hello"}, "target": ")" + request.target() + "\"}";
    request.respond(ok(body, json));
  });
  Larder larder(upstream, reading_tags());
  const auto fetch = [&](const char* path) { return larder.get(path); };
  for (const char* path : {"/api/a/", "/api/list/"}) {
    CHECK(fetch(path).cache_status().has("stored"));
    CHECK(fetch(path).is_hit());
  }
  larder.purge("slug:other");
  larder.purge("tag:post-3");
  CHECK(fetch("/api/a/").is_hit());
  CHECK(fetch("/api/list/").is_hit());

  larder.purge("slug:hello");
  CHECK_FALSE(fetch("/api/a/").is_hit());
  CHECK(fetch("/api/list/").is_hit());
  larder.purge("tag:slug:hello");
  CHECK_FALSE(fetch("/api/a/").is_hit());
  larder.purge("tag:post-2");
  CHECK_FALSE(fetch("/api/list/").is_hit());
  larder.purge("tag:post-*");
  CHECK_FALSE(fetch("/api/list/").is_hit());
}

TEST_CASE("A member that is missing gives no tag, and other types than JSON are not read") {
  Upstream upstream([](Request request) {
    const bool is_html = request.target() == "/api/page/";
    request.respond(is_html ? ok("<html></html>", {"Content-Type: text/html", "Cache-Control: max-age=600"})
                            : ok(R"({"meta": {}})", json));
  });
  Larder larder(upstream, reading_tags());
  for (const char* path : {"/api/a/", "/api/page/"}) {
    larder.get(path);
    larder.purge("slug:hello");
    CHECK(larder.get(path).is_hit());
  }
}

TEST_CASE("JSON that cannot be read is handed on, not stored, and counted") {
  const std::string body = GENERATE(as<std::string>(), "{\"meta\": {\"slug\": \"hello\"", "<html>",
                                    "{\"meta\": {\"slug\": \"\xff\"}}");
  Upstream upstream([&](Request request) { request.respond(ok(body, json)); });
  Larder larder(upstream, reading_tags());
  for (int i = 0; i < 2; ++i) {
    const Response response = larder.get("/api/a/");
    CHECK(response.body == body);
    CHECK_FALSE(response.cache_status().has("stored"));
    CHECK_FALSE(response.is_hit());
  }
  CHECK(counted_as_unread(larder) != "never");
}

TEST_CASE("JSON that is too long is handed on as it comes, and not stored") {
  Upstream upstream;
  Larder larder(upstream, reading_tags());
  Connection visitor = larder.connect();
  visitor.get("/api/long/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", chunked_json) + chunk("{\"meta\": {\"slug\": \"hello\"}, \"x\": \""));
  for (int i = 0; i < 17; ++i) request.send(chunk(std::string(64 * 1024, 'x')));
  // It comes before it is over.
  CHECK(visitor.read_head().cache_status()["detail"] == "unread-tags");
  request.send(chunk("\"}") + std::string(last_chunk));
  request.finish();
  CHECK(visitor.read_rest().body.size() > 17 * 64 * 1024);
  CHECK(larder.site().store.stats().entries == 0);
}

TEST_CASE("A purge of a tag that comes with the body is not lost while it is fetched") {
  const std::string selector = GENERATE("slug:hello", "tag:post-7", "tag:post-*");
  Upstream upstream;
  Larder larder(upstream, reading_tags());
  Connection before = larder.connect();
  before.get("/api/a/");
  Request old = upstream.next_request();
  old.send(head_text("200 OK", chunked_json) + chunk(R"({"version": 1, "meta": {"slug": "hello"}, )"));
  larder.purge(selector);
  // Who asks after the purge gets nothing that was begun before it.
  Connection after = larder.connect();
  after.get("/api/a/");
  old.send(chunk(R"("items": [{"id": 7}]})") + std::string(last_chunk));
  old.finish();
  CHECK(before.read_response().body.find("\"version\": 1") != std::string::npos);
  upstream.next_request().respond(
      ok(R"({"version": 2, "meta": {"slug": "hello"}, "items": [{"id": 7}]})", json));
  CHECK(after.read_response().body.find("\"version\": 2") != std::string::npos);
  const Response kept = larder.get("/api/a/");
  CHECK(kept.is_hit());
  CHECK(kept.body.find("\"version\": 2") != std::string::npos);
}

TEST_CASE("A 304 and a HEAD leave a body its tags") {
  Upstream upstream([](Request request) {
    const Lines fields{"Content-Type: application/json", "Cache-Control: max-age=60", "ETag: \"v1\""};
    if (request.has("If-None-Match")) {
      request.respond(response_text("304 Not Modified", "", fields));
    } else {
      request.respond(ok(R"({"meta": {"slug": "hello"}})", fields));
    }
  });
  Larder larder(upstream, reading_tags());
  larder.get("/api/a/");
  larder.advance(std::chrono::seconds(61));
  CHECK(larder.get("/api/a/").status == 200);
  CHECK(upstream.requests() == 2);
  CHECK(larder.get("/api/a/").is_hit());
  CHECK(ask(larder.port(), "HEAD", "/api/a/", {"Cache-Control: no-store"}).status == 200);
  CHECK(larder.get("/api/a/").is_hit());
  larder.purge("slug:hello");
  CHECK_FALSE(larder.get("/api/a/").is_hit());
}

TEST_CASE("A HEAD that is not stored yet brings the tags as well") {
  Upstream upstream([](Request request) { request.respond(ok(R"({"meta": {"slug": "hello"}})", json)); });
  Larder larder(upstream, reading_tags());
  CHECK(ask(larder.port(), "HEAD", "/api/a/").status == 200);
  larder.wait_for_no_flight();
  CHECK(larder.get("/api/a/").is_hit());
  larder.purge("slug:hello");
  CHECK_FALSE(larder.get("/api/a/").is_hit());
}

TEST_CASE("Who waits while tags are read gets the same body, by one fetch") {
  Upstream upstream;
  Larder larder(upstream, reading_tags());
  Connection first = larder.connect();
  first.get("/api/a/");
  Request leader = upstream.next_request();
  leader.send(head_text("200 OK", chunked_json) + chunk(R"({"meta": )"));
  Connection second = larder.connect();
  second.get("/api/a/");
  larder.wait_for_joined(1);
  leader.send(chunk(R"({"slug": "hello"}})") + std::string(last_chunk));
  leader.finish();
  CHECK(first.read_response().body == R"({"meta": {"slug": "hello"}})");
  CHECK(second.read_response().body == R"({"meta": {"slug": "hello"}})");
  CHECK(upstream.requests() == 1);
}
