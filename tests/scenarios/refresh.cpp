// What a purge took and was in use is fetched again before anybody has to wait for it.
#include <catch2/catch.hpp>

#include "support/scenario/jobs.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

std::string site(const std::string& refresh, const std::string& rest = "") {
  return "purge: {refresh: " + refresh + "}\n" + rest;
}

Settings settings(const std::string& refresh, const std::string& rest = "") {
  return {.site = site(refresh, rest), .upstream = {}, .public_listener = {}};
}

// Purges and asks for a refresh; the job's id.
std::string purge_and_refresh(const Larder& larder, const std::string& selector, const char* mode = "hard") {
  const json order{{"select", {selector}}, {"mode", mode}, {"refresh", true}};
  return post_json(larder, "/api/purge", order, 200)["job"];
}

// So often that it has been a hit `uses` times since it was stored.
void use(const Larder& larder, const std::string& path, int uses, const Lines& lines = {}) {
  for (int i = 0; i <= uses; ++i) larder.get(path, lines);
}

void answer_all(Upstream& upstream, const std::string& body, const Lines& lines = {}) {
  upstream.handle([body, lines](Request request) { request.respond(fresh(body, 60, lines)); });
}

// From here on the test answers.
void answer_by_hand(Upstream& upstream) {
  upstream.handle({});
}

}  // namespace

TEST_CASE("What was in use is fetched again, the hottest first, and the rest is not") {
  Upstream upstream;
  const Larder larder(upstream, settings("{concurrency: 1}"));
  answer_all(upstream, "old");
  use(larder, "/seldom/", 1);
  use(larder, "/often/", 5);
  use(larder, "/never/", 0);
  use(larder, "/sometimes/", 3);
  use(larder, "/elsewhere/", 4);
  answer_by_hand(upstream);
  const json order{{"select", {"path:/seldom/", "path:/often/", "path:/never/", "path:/sometimes/"}},
                   {"refresh", true}};
  const json answer = post_json(larder, "/api/purge", order, 200);
  CHECK(answer["sequence"] == 1);
  const std::string id = answer["job"];
  for (const char* path : {"/often/", "/sometimes/", "/seldom/"}) {
    Request request = upstream.next_request();
    CHECK(request.target() == path);
    CHECK_FALSE(upstream.has_request());
    request.respond(fresh("new"));
  }
  const json ended = ended_job(larder, id);
  CHECK(ended["kind"] == "refresh");
  CHECK(ended["cause"] == "purge 1");
  CHECK(ended["total"] == 3);
  CHECK(ended["fetched"] == 3);
  CHECK_FALSE(upstream.has_request());
  const Response response = larder.get("/often/");
  CHECK(response.is_hit());
  CHECK(response.body == "new");
  CHECK(larder.get("/elsewhere/").body == "old");
}

TEST_CASE("No more pages of one purge are refreshed than purge.refresh.max, the hottest") {
  Upstream upstream;
  const Larder larder(upstream, settings("{concurrency: 1, max: 2}"));
  answer_all(upstream, "old");
  for (const int uses : {2, 6, 3, 1, 5, 4}) use(larder, "/" + std::to_string(uses) + "/", uses);
  const std::size_t before = upstream.requests();
  const json ended = ended_job(larder, purge_and_refresh(larder, "all"));
  CHECK(ended["total"] == 2);
  CHECK(upstream.requests() == before + 2);
  CHECK(larder.get("/6/").is_hit());
  CHECK(larder.get("/5/").is_hit());
  CHECK_FALSE(larder.get("/4/").is_hit());
}

TEST_CASE("A refresh after a hard purge is never conditional, after a soft one it is") {
  Upstream upstream;
  const Larder larder(upstream,
                      settings("{}", "routes:\n  - {match: \"/**\", stale: {while_revalidate: 1h}}\n"));
  answer_all(upstream, "old", {"ETag: \"1\""});
  use(larder, "/page/", 2);
  answer_by_hand(upstream);
  const std::string hard = purge_and_refresh(larder, "path:/page/");
  Request after_hard = upstream.next_request();
  CHECK_FALSE(after_hard.has("If-None-Match"));
  after_hard.respond(fresh("new", 60, {"ETag: \"2\""}));
  CHECK(ended_job(larder, hard)["fetched"] == 1);
  use(larder, "/page/", 0);

  const std::string soft = purge_and_refresh(larder, "path:/page/", "soft");
  Request after_soft = upstream.next_request();
  CHECK(after_soft["If-None-Match"] == "\"2\"");
  after_soft.respond(head_text("304 Not Modified", {"ETag: \"2\"", "Cache-Control: max-age=60"}));
  CHECK(ended_job(larder, soft)["fetched"] == 1);
  const Response response = larder.get("/page/");
  CHECK(response.body == "new");
  CHECK(std::stoi(response.cache_status()["ttl"]) > 0);
}

TEST_CASE("A visitor who comes during a refresh shares its fetch, and a refresh a visitor's") {
  Upstream upstream;
  Larder larder(upstream, settings("{concurrency: 1}"));
  answer_all(upstream, "old");
  use(larder, "/page/", 1);
  answer_by_hand(upstream);
  const std::string first = purge_and_refresh(larder, "path:/page/");
  Request fetch = upstream.next_request();
  Connection visitor = larder.connect();
  visitor.get("/page/");
  larder.wait_for_joined(1);
  fetch.respond(fresh("new"));
  const Response shared = visitor.read_response();
  CHECK(shared.body == "new");
  CHECK(shared.cache_status().has("collapsed"));
  CHECK(ended_job(larder, first)["fetched"] == 1);

  use(larder, "/page/", 1);
  // The visitor is first: a plain purge, then his request, then one that wants a refresh of something else,
  // whose page he asked for as well.
  const std::size_t before = upstream.requests();
  larder.purge("path:/page/");
  visitor.get("/page/");
  Request visitors_fetch = upstream.next_request();
  const std::string second = warm(larder, {{"urls", {url_of("/page/")}}});
  visitors_fetch.respond(fresh("newer"));
  CHECK(visitor.read_response().body == "newer");
  ended_job(larder, second);
  CHECK(upstream.requests() == before + 1);
}

TEST_CASE("A purge amid a refresh outdates what it brings, and the page is fetched once more") {
  Upstream upstream;
  Larder larder(upstream, settings("{concurrency: 1}"));
  answer_all(upstream, "old");
  use(larder, "/page/", 1);
  answer_by_hand(upstream);
  const std::string id = purge_and_refresh(larder, "path:/page/");
  Request overtaken = upstream.next_request();
  larder.purge("path:/page/");
  overtaken.respond(fresh("overtaken"));
  Request again = upstream.next_request();
  CHECK(job(larder, id)["done"] == 0);
  again.respond(fresh("new"));
  const json ended = ended_job(larder, id);
  CHECK(ended["fetched"] == 1);
  CHECK(ended["total"] == 1);
  CHECK(larder.get("/page/").body == "new");
  CHECK(larder.get("/page/").is_hit());
}

TEST_CASE("A page that was refreshed counts as used, so that the next purge refreshes it too") {
  Upstream upstream;
  const Larder larder(upstream, settings("{}"));
  answer_all(upstream, "page");
  use(larder, "/page/", 2);
  use(larder, "/never/", 0);
  CHECK(ended_job(larder, purge_and_refresh(larder, "all"))["fetched"] == 1);
  CHECK(ended_job(larder, purge_and_refresh(larder, "all"))["fetched"] == 1);
  CHECK(ended_job(larder, purge_and_refresh(larder, "all"))["fetched"] == 1);
}

TEST_CASE("Each variant is refreshed by the fields that select it") {
  Upstream upstream;
  const Larder larder(upstream, settings("{concurrency: 1}", "cookies: {vary: [theme]}\n"));
  upstream.handle([](Request request) {
    request.respond(fresh("old", 60, {"Vary: Accept-Encoding, Accept-Language, Cookie"}));
  });
  const std::vector<Lines> variants{
      {"Accept-Encoding: gzip", "Accept-Language: fr, en;q=0.5", "Cookie: theme=dark"},
      {"Accept-Encoding: gzip"},
      {"Accept-Language: en"},
  };
  for (std::size_t i = 0; i < variants.size(); ++i)
    use(larder, "/page/?a=1&b", 9 - static_cast<int>(i), variants[i]);
  answer_by_hand(upstream);
  const std::string id = purge_and_refresh(larder, "path:/page/");
  for (std::size_t i = 0; i < variants.size(); ++i) {
    Request request = upstream.next_request();
    CHECK(request.target() == "/page/?a=1&b");
    CHECK(request["Accept-Encoding"] == (i == 2 ? "" : "gzip"));
    CHECK(request.has("Accept-Encoding") == (i != 2));
    CHECK(request["Accept-Language"] == (i == 0 ? "fr,en;q=0.5" : i == 1 ? "" : "en"));
    CHECK(request["Cookie"] == (i == 0 ? "theme=dark" : ""));
    request.respond(
        fresh("new " + std::to_string(i), 60, {"Vary: Accept-Encoding, Accept-Language, Cookie"}));
  }
  CHECK(ended_job(larder, id)["fetched"] == 3);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Response response = larder.get("/page/?a=1&b", variants[i]);
    CHECK(response.is_hit());
    CHECK(response.body == "new " + std::to_string(i));
  }
}

TEST_CASE("Nothing of a visitor's own is refreshed") {
  Upstream upstream;
  const Larder larder(upstream, settings("{}",
                                         "routes:\n"
                                         "  - {match: \"/mine/**\", cookies: {vary: [sessionid]}}\n"));
  upstream.handle([](Request request) {
    const bool is_personal = request.target() == "/personal/";
    request.respond(
        fresh("old", 60, {is_personal ? "Vary: Cookie" : "Vary: Accept-Language", "Cache-Control: public"}));
  });
  use(larder, "/mine/", 2, {"Cookie: sessionid=abc"});
  use(larder, "/personal/", 2, {"Cookie: name=somebody"});
  use(larder, "/shared/", 1);
  const std::size_t before = upstream.requests();
  const json ended = ended_job(larder, purge_and_refresh(larder, "all"));
  CHECK(ended["total"] == 1);
  CHECK(upstream.requests() == before + 1);
  CHECK(larder.get("/shared/").is_hit());
}

TEST_CASE("A purge that wants a refresh is acknowledged at once") {
  Upstream upstream;
  const Larder larder(upstream, settings("{}"));
  answer_all(upstream, "old");
  use(larder, "/page/", 1);
  answer_by_hand(upstream);
  std::vector<std::string> ids;
  // Nobody answers the upstream's requests meanwhile.
  for (int i = 0; i < 50; ++i) ids.push_back(purge_and_refresh(larder, "path:/page/"));
  CHECK(get_json(larder, "/api/stats")["purges"]["sequence"] == 50);
  // Past the bound the jobs are one.
  CHECK(ids.back() == ids[ids.size() - 2]);
  upstream.handle([](Request request) { request.respond(fresh("new")); });
}

TEST_CASE("A webhook's rule asks for a refresh as well") {
  Upstream upstream;
  const Larder larder(upstream, settings("{}",
                                         "webhooks:\n  cms:\n    auth: {type: none}\n"
                                         "    on: {\"*\": {purge: [\"path:{/path}\"], refresh: true}}\n"));
  answer_all(upstream, "old");
  use(larder, "/page/", 1);
  answer_all(upstream, "new");
  const json answer = post_json(larder, "/hooks/cms", {{"path", "/page/"}}, 200);
  CHECK(ended_job(larder, answer["job"])["fetched"] == 1);
  const Response response = larder.get("/page/");
  CHECK(response.is_hit());
  CHECK(response.body == "new");
}

TEST_CASE("Without refresh nothing is fetched again, and its word must be a truth value") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  const Larder larder(upstream);
  use(larder, "/page/", 1);
  const json answer = post_json(larder, "/api/purge", {{"select", {"all"}}, {"refresh", false}}, 200);
  CHECK_FALSE(answer.contains("job"));
  CHECK(get_json(larder, "/api/jobs")["jobs"].empty());
  post_json(larder, "/api/purge", {{"select", {"all"}}, {"refresh", "yes"}}, 400);
}
