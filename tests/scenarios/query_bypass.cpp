// A request with a parameter of `query.bypass` neither gets a stored page nor leaves one.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A request with a parameter of query.bypass neither gets a stored page nor leaves one") {
  Upstream upstream([](Request request) {
    const bool is_draft = request.target().find("oken") != std::string::npos;
    request.respond(fresh(is_draft ? "draft" : "page"));
  });
  Larder larder(upstream, {.site = "query: {bypass: [token], ignore: [\"t*\"], sort: true}\n",
                           .upstream = {},
                           .public_listener = {}});
  for (const char* target : {"/page/?token=1", "/page/?a=1&%74oken=1", "/page/?a=1;token=1"}) {
    INFO(target);
    const Response draft = larder.get(target);
    CHECK(draft.body == "draft");
    CHECK(draft.cache_status()["fwd"] == "bypass");
    CHECK(draft.cache_status()["detail"] == "bypass-query");
  }
  CHECK(larder.get("/page/").body == "page");
  CHECK(larder.get("/page/").is_hit());
  CHECK(larder.get("/page/?token=1").body == "draft");
  CHECK(larder.get("/page/?token=2").body == "draft");
  CHECK(larder.get("/page/?title=x").is_hit());  // only ignored
  CHECK(upstream.requests() == 6);
}

TEST_CASE("What is passed goes upstream as it came; what may be stored goes as the key has it") {
  Upstream upstream(
      [](Request request) { request.respond(fresh(request.target() + " " + request["Cookie"])); });
  Larder larder(upstream, {.site = R"(query: {ignore: ["utm_*"], sort: true}
cookies: {bypass: [sessionid], ignore: ["_ga*", csrftoken]}
forward_ignored: {cookies: [csrftoken]}
routes:
  - {match: "/list/", query: {allow: [page]}}
)",
                           .upstream = {},
                           .public_listener = {}});
  const auto body = [&larder](const char* method, const char* target, const char* cookie) {
    return ask(larder.port(), method, target, {std::string("Cookie: ") + cookie}).body;
  };
  CHECK(body("GET", "/%61/?b=2&utm_x=1&%61=1", "_ga=1; csrftoken=2") == "/a/?a=1&b=2 csrftoken=2");
  CHECK(body("GET", "/list/?x=1&utm_x=1", "_ga=1") == "/list/ ");
  CHECK(body("POST", "/list/?x=1&utm_x=1", "_ga=1; csrftoken=2") == "/list/?x=1&utm_x=1 _ga=1; csrftoken=2");
  CHECK(body("GET", "/%61/?b=2&utm_x=1&a=1", "_ga=1; sessionid=3") ==
        "/%61/?b=2&utm_x=1&a=1 _ga=1; sessionid=3");
}
