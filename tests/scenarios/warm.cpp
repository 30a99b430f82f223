// Pages that the sidecar fetches by itself are there when a visitor asks.
#include <catch2/catch.hpp>

#include "support/scenario/jobs.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

std::vector<std::string> targets_of(Upstream& upstream, std::size_t count, const std::string& answer) {
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < count; ++i) {
    Request request = upstream.next_request();
    targets.push_back(request.target());
    request.respond(answer);
  }
  return targets;
}

}  // namespace

TEST_CASE("A page that was warmed is a hit for the first visitor") {
  Upstream upstream;
  const Larder larder(upstream);
  const std::string id = warm(larder, {{"urls", {url_of("/page/")}}});
  Request request = upstream.next_request();
  CHECK(request.method() == "GET");
  CHECK(request.target() == "/page/");
  CHECK(request["Host"] == "www.example.com");
  // Nobody's address is on it: the page will be everybody's.
  CHECK_FALSE(request.has("X-Forwarded-For"));
  CHECK_FALSE(request.has("X-Real-IP"));
  CHECK(request["Forwarded"] == "host=\"www.example.com\";proto=http");
  CHECK(request.head().text.find("127.0.0.1") == std::string::npos);
  CHECK(request["X-Forwarded-Proto"] == "http");
  CHECK(request["X-Forwarded-Host"] == "www.example.com");
  CHECK(request["User-Agent"].starts_with("larder/"));
  CHECK_FALSE(request.has("Cookie"));
  CHECK_FALSE(request.has("Authorization"));
  request.respond(fresh("page"));
  const json ended = ended_job(larder, id);
  CHECK(ended["state"] == "finished");
  CHECK(ended["kind"] == "warm");
  CHECK(ended["total"] == 1);
  CHECK(ended["fetched"] == 1);
  CHECK(ended["bytes"] == 4);
  const Response response = larder.get("/page/");
  CHECK(response.body == "page");
  CHECK(response.is_hit());
  CHECK(upstream.requests() == 1);
}

TEST_CASE("What is warmed is counted among no visitor's requests") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  const Larder larder(upstream);
  ended_job(larder, warm(larder, {{"urls", {url_of("/a/"), url_of("/b/")}}}));
  CHECK(get_json(larder, "/api/stats")["requests"]["total"] == 0);
  larder.get("/a/");
  json stats;
  wait_until("the visit to be counted", [&] {  // once it has been answered
    stats = get_json(larder, "/api/stats");
    return stats["requests"]["total"] == 1;
  });
  CHECK(stats["hit_ratio"] == 1.0);
  const std::string metrics = get(larder.admin_port(), "/metrics").body;
  CHECK(metrics.find("larder_job_pages_total{kind=\"warm\",result=\"fetched\"} 2") != std::string::npos);
}

TEST_CASE("Pages are warmed in the order in which they were named") {
  Upstream upstream;
  const Larder larder(upstream);
  const std::string id =
      warm(larder, {{"urls", {url_of("/c/"), url_of("/a/"), url_of("/b/?x=1")}}, {"concurrency", 1}});
  CHECK(targets_of(upstream, 3, fresh("page")) == std::vector<std::string>{"/c/", "/a/", "/b/?x=1"});
  CHECK(ended_job(larder, id)["fetched"] == 3);
  CHECK(upstream.simultaneous_max() == 1);
}

TEST_CASE("At most the concurrency asked for is under way at once") {
  Upstream upstream;
  const Larder larder(upstream);
  json urls = json::array();
  for (int i = 0; i < 6; ++i) urls.push_back(url_of("/" + std::to_string(i) + "/"));
  const std::string id = warm(larder, {{"urls", urls}, {"concurrency", 3}});
  std::vector<Request> held = upstream.next_requests(3);
  CHECK(job(larder, id)["state"] == "running");
  CHECK(job(larder, id)["done"] == 0);
  for (Request& request : held) request.respond(fresh("page"));
  held = upstream.next_requests(3);
  for (Request& request : held) request.respond(fresh("page"));
  CHECK(ended_job(larder, id)["fetched"] == 6);
  CHECK(upstream.simultaneous_max() == 3);
}

TEST_CASE("No more pages are begun than the rate allows") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  const auto now = [&larder] { return larder.site().clock.now().mono; };
  json urls = json::array();
  for (int i = 0; i < 30; ++i) urls.push_back(url_of("/" + std::to_string(i) + "/"));
  const auto begun = now();
  const std::string id = warm(larder, {{"urls", urls}, {"concurrency", 4}, {"rate", 1}});
  for (std::size_t expected = 1; expected <= urls.size(); ++expected) {
    wait_until("the next page's turn", [&] { return upstream.requests() >= expected; });
    // Counted before the clock is read.
    const auto requests = static_cast<long>(upstream.requests());
    CHECK(requests <= 1 + std::chrono::floor<std::chrono::seconds>(now() - begun).count());
    larder.advance(std::chrono::seconds(1));
  }
  CHECK(ended_job(larder, id)["fetched"] == 30);
}

TEST_CASE("What is fresh already is not warmed again, unless it is forced") {
  Upstream upstream;
  const Larder larder(upstream);
  const json urls{url_of("/page/")};
  const std::string first = warm(larder, {{"urls", urls}});
  upstream.next_request().respond(fresh("old", 60, {"ETag: \"1\""}));
  ended_job(larder, first);

  const json skipped = ended_job(larder, warm(larder, {{"urls", urls}}));
  CHECK(skipped["skipped"] == 1);
  CHECK(skipped["fetched"] == 0);
  CHECK(upstream.requests() == 1);

  const std::string forced = warm(larder, {{"urls", urls}, {"force", true}});
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("new"));
  CHECK(ended_job(larder, forced)["fetched"] == 1);
  CHECK(larder.get("/page/").body == "new");
}

TEST_CASE("A warm job revalidates what is stale, within its grace too") {
  Upstream upstream;
  Larder larder(upstream, {.site = "routes:\n  - {match: \"/**\", stale: {while_revalidate: 1h}}\n",
                           .upstream = {},
                           .public_listener = {}});
  const std::string first = warm(larder, {{"urls", {url_of("/page/")}}});
  upstream.next_request().respond(fresh("page", 60, {"ETag: \"1\""}));
  ended_job(larder, first);
  larder.advance(std::chrono::seconds(100));
  const std::string second = warm(larder, {{"urls", {url_of("/page/")}}});
  Request request = upstream.next_request();
  CHECK(request["If-None-Match"] == "\"1\"");
  CHECK(job(larder, second)["done"] == 0);  // it waits for the answer
  request.respond(head_text("304 Not Modified", {"ETag: \"1\"", "Cache-Control: max-age=60"}));
  CHECK(ended_job(larder, second)["fetched"] == 1);
  const Response response = larder.get("/page/");
  CHECK(response.is_hit());
  CHECK(std::stoi(response.cache_status()["ttl"]) > 0);
}

TEST_CASE("A warm job joins a visitor's fetch, and a visitor one of a warm job") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  const std::string browser = "Accept-Encoding: gzip, deflate";
  visitor.get("/a/", {browser});
  Request visitors_fetch = upstream.next_request();
  const std::string first = warm(larder, {{"urls", {url_of("/a/")}}});
  larder.wait_for_joined(1);
  visitors_fetch.respond(fresh("a"));
  CHECK(visitor.read_response().body == "a");
  CHECK(ended_job(larder, first)["fetched"] == 1);
  CHECK(upstream.requests() == 1);

  const std::string second = warm(larder, {{"urls", {url_of("/b/")}}});
  Request jobs_fetch = upstream.next_request();
  visitor.get("/b/", {browser});
  larder.wait_for_joined(2);
  jobs_fetch.respond(fresh("b"));
  const Response joined = visitor.read_response();
  CHECK(joined.body == "b");
  CHECK(joined.cache_status().has("collapsed"));
  CHECK(ended_job(larder, second)["fetched"] == 1);
  CHECK(upstream.requests() == 2);
}

TEST_CASE("What cannot be cached is not asked for, or left alone after its head") {
  Upstream upstream;
  const Larder larder(
      upstream,
      {.site = "routes:\n  - {match: \"/admin/**\", cache: off}\n", .upstream = {}, .public_listener = {}});
  const json urls{url_of("/admin/"), url_of("/private/"), url_of("/private/")};
  const std::string id = warm(larder, {{"urls", urls}, {"concurrency", 1}});
  Request request = upstream.next_request();
  CHECK(request.target() == "/private/");
  // An event stream, say: it would never end.
  request.send(head_text("200 OK", {"Cache-Control: no-store", "Transfer-Encoding: chunked"}) +
               chunk("some"));
  request.wait_until_abandoned();
  const json ended = ended_job(larder, id);
  CHECK(ended["not_stored"] == 3);  // the second time it is known
  CHECK(ended["failed"] == 0);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A page that fails does not end the job, and its error is told") {
  Upstream upstream;
  const Larder larder(upstream);
  const json urls{url_of("/missing/"), url_of("/broken/"), url_of("/cut/"), url_of("/good/")};
  const std::string id = warm(larder, {{"urls", urls}, {"concurrency", 1}});
  upstream.next_request().respond(response_text("404 Not Found", "no"));
  upstream.next_request().respond(response_text("500 Internal Server Error", "oh"));
  Request cut = upstream.next_request();
  cut.send(head_text("200 OK", {"Content-Length: 10", "Cache-Control: max-age=60"}) + "abc");
  cut.close();
  upstream.next_request().respond(fresh("good"));
  const json ended = ended_job(larder, id);
  CHECK(ended["failed"] == 3);
  CHECK(ended["fetched"] == 1);
  REQUIRE(ended["errors"].size() == 3);
  CHECK(ended["errors"][0]["url"] == url_of("/missing/"));
  CHECK(ended["errors"][0]["error"] == "answered 404");
  CHECK(ended["errors"][2]["url"] == url_of("/cut/"));
}

TEST_CASE("A cancelled job begins nothing more, and lets go of what only it waits for") {
  Upstream upstream;
  const Larder larder(upstream);
  const std::string id =
      warm(larder, {{"urls", {url_of("/a/"), url_of("/b/"), url_of("/c/")}}, {"concurrency", 1}});
  Request held = upstream.next_request();
  CHECK(ask(larder.admin_port(), "DELETE", "/api/jobs/" + id).status == 200);
  held.wait_until_abandoned();
  const json ended = ended_job(larder, id);
  CHECK(ended["state"] == "cancelled");
  CHECK(ended["done"] == 0);
  CHECK(ask(larder.admin_port(), "DELETE", "/api/jobs/" + id).status == 409);
  CHECK(ask(larder.admin_port(), "DELETE", "/api/jobs/77").status == 404);
  // The next has its turn.
  const std::string next = warm(larder, {{"urls", {url_of("/d/")}}});
  CHECK(upstream.next_request().target() == "/d/");
  CHECK(ended_job(larder, next)["done"] == 1);
}

TEST_CASE("A drain cancels jobs") {
  Upstream upstream;
  Larder larder(upstream);
  const std::string id = warm(larder, {{"urls", {url_of("/a/"), url_of("/b/")}}, {"concurrency", 1}});
  Request held = upstream.next_request();
  larder.server().drain();
  held.wait_until_abandoned();
  CHECK(upstream.requests() == 1);
  CHECK(ended_job(larder, id)["state"] == "cancelled");
  post_json(larder, "/api/warm", {{"urls", {url_of("/c/")}}}, 503);
}

TEST_CASE("Each warm job has its turn, and too many at once are refused") {
  Upstream upstream;
  const Larder larder(upstream);
  std::vector<std::string> ids;
  for (int i = 0; i < 16; ++i)
    ids.push_back(warm(larder, {{"urls", {url_of("/" + std::to_string(i) + "/")}}}));
  post_json(larder, "/api/warm", {{"urls", {url_of("/more/")}}}, 503);
  for (int i = 0; i < 16; ++i) {
    Request request = upstream.next_request();
    CHECK(request.target() == "/" + std::to_string(i) + "/");
    request.respond(fresh("page"));
  }
  for (const std::string& id : ids) CHECK(ended_job(larder, id)["fetched"] == 1);
  CHECK(upstream.simultaneous_max() == 1);
  const json jobs = get_json(larder, "/api/jobs")["jobs"];
  REQUIRE(jobs.size() == 16);
  CHECK(jobs[0]["id"] == ids.back());
}

TEST_CASE("A warm order that is not understood is refused with the reason") {
  Upstream upstream;
  const Larder larder(upstream, {.site = "hosts:\n  - {name: www.example.com, aliases: [example.com]}\n",
                                 .upstream = {},
                                 .public_listener = {}});
  const auto refused = [&larder](const json& order) {
    return post_json(larder, "/api/warm", order, 400)["error"].get<std::string>();
  };
  CHECK(refused({{"urls", {"/page/"}}}) == "\"/page/\" is no http or https URL");
  CHECK(refused({{"urls", {"http://other.example/"}}}) ==
        "\"http://other.example/\" is not of one of 'hosts'");
  CHECK(refused({{"urls", json::array()}}).starts_with("'urls' expects a list"));
  CHECK(refused({{"url", {"http://www.example.com/"}}}) == "unknown member 'url'; did you mean 'urls'?");
  CHECK(refused({{"urls", {url_of("/")}}, {"concurrency", 0}}) ==
        "'concurrency' expects a whole number from 1 to 256");
  CHECK(refused(json::object()) == "expected one of 'urls', 'sitemap' and 'hot'");
  CHECK(refused({{"hot", 5}, {"sitemap", url_of("/sitemap.xml")}}) ==
        "expected one of 'urls', 'sitemap' and 'hot'");
  CHECK(refused({{"sitemap", "http://other.example/sitemap.xml"}}) ==
        "\"http://other.example/sitemap.xml\" is not of one of 'hosts'");
  CHECK(upstream.requests() == 0);

  // An alias names the same page.
  const std::string id = warm(larder, {{"urls", {"http://example.com/page/"}}});
  Request request = upstream.next_request();
  CHECK(request["Host"] == "www.example.com");
  request.respond(fresh("page"));
  ended_job(larder, id);
  CHECK(larder.get("/page/").is_hit());
}
