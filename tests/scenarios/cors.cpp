// A front end on another origin reads the API, and a preview never meets a stored page.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

// As django-cors-headers answers, with two front ends let in; drafts for who has a token.
void answer_as_api(Request request) {
  const std::string origin = request["Origin"];
  const bool is_let_in = origin == "https://front.example" || origin == "https://app.example";
  Lines lines{"Vary: Origin"};
  if (is_let_in) lines.push_back("Access-Control-Allow-Origin: " + origin);
  if (request.method() == "OPTIONS" && request.has("Access-Control-Request-Method")) {
    lines.insert(lines.end(),
                 {"Access-Control-Allow-Methods: GET, PUT", "Access-Control-Allow-Headers: authorization",
                  "Access-Control-Max-Age: 86400"});
    request.respond(response_text("200 OK", "", lines));
    return;
  }
  const bool is_draft = request.target().find("token=") != std::string::npos || request.has("Authorization");
  request.respond(fresh(is_draft ? "draft for " + origin : "page for " + origin, 60, lines));
}

const Settings settings{
    .site = "query: {bypass: [token], sort: true}\n", .upstream = {}, .public_listener = {}};

}  // namespace

TEST_CASE("A preflight passes, with all its fields, also where the page is stored") {
  Upstream upstream(answer_as_api);
  Larder larder(upstream, settings);
  larder.get("/api/pages/", {"Origin: https://front.example"});
  for (int i = 0; i < 2; ++i) {
    const Response preflight = ask(larder.port(), "OPTIONS", "/api/pages/",
                                   {"Origin: https://front.example", "Access-Control-Request-Method: PUT",
                                    "Access-Control-Request-Headers: authorization"});
    CHECK(preflight.status == 200);
    CHECK(preflight["Access-Control-Allow-Origin"] == "https://front.example");
    CHECK(preflight["Access-Control-Allow-Methods"] == "GET, PUT");
    CHECK(preflight["Access-Control-Allow-Headers"] == "authorization");
    CHECK(preflight["Access-Control-Max-Age"] == "86400");
    CHECK(preflight["Vary"] == "Origin");
    CHECK(preflight.cache_status()["fwd"] == "method");
  }
  CHECK(upstream.requests() == 3);
  CHECK(larder.get("/api/pages/", {"Origin: https://front.example"}).is_hit());
}

TEST_CASE("Two origins, and none, are kept apart") {
  Upstream upstream(answer_as_api);
  Larder larder(upstream, settings);
  for (const bool is_stored : {false, true}) {
    for (const std::string origin :
         {"https://front.example", "https://app.example", "https://evil.example", ""}) {
      INFO(origin);
      const Response page = larder.get("/api/pages/", origin.empty() ? Lines{} : Lines{"Origin: " + origin});
      CHECK(page.body == "page for " + origin);
      const bool is_let_in = origin == "https://front.example" || origin == "https://app.example";
      CHECK(page["Access-Control-Allow-Origin"] == (is_let_in ? origin : ""));
      CHECK(page.is_hit() == is_stored);
    }
  }
  CHECK(upstream.requests() == 4);
}

TEST_CASE("A preview neither gets a stored page nor leaves one") {
  Upstream upstream(answer_as_api);
  Larder larder(upstream, settings);
  const std::string front = "Origin: https://front.example";
  const auto page = [&] { return larder.get("/api/pages/", {front}).body; };
  const auto by_token = [&] { return larder.get("/api/pages/?token=secret", {front}).body; };
  const auto by_field = [&] {
    return larder.get("/api/pages/", {front, "Authorization: Token secret"}).body;
  };

  SECTION("the preview first") {
    CHECK(by_token() == "draft for https://front.example");
    CHECK(by_field() == "draft for https://front.example");
    CHECK(page() == "page for https://front.example");
    CHECK(by_token() == "draft for https://front.example");
  }
  SECTION("the page first") {
    CHECK(page() == "page for https://front.example");
    CHECK(by_token() == "draft for https://front.example");
    CHECK(by_field() == "draft for https://front.example");
    CHECK(page() == "page for https://front.example");
  }
}

TEST_CASE("A preview and a page that are asked for at once do not share an answer") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Connection editor = larder.connect();
  editor.get("/api/pages/", {"Authorization: Token secret"});
  Request draft = upstream.next_request();
  Connection visitor = larder.connect();
  visitor.get("/api/pages/");
  Request page = upstream.next_request();
  draft.respond(fresh("draft"));
  CHECK(editor.read_response().body == "draft");
  page.respond(fresh("page"));
  CHECK(visitor.read_response().body == "page");
}
