// A purge takes what its selector names and leaves the rest.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

struct Case {
  const char* selector;
  Lines gone;
  Lines kept;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"path:/blog/hello/",
       {"/blog/hello/", "/blog/hello", "/blog/hello/?page=2"},
       {"/blog/", "/blog/hello/more/"}},
      {"url:http://www.example.com/blog/hello/", {"/blog/hello/"}, {"/blog/hello/?page=2", "/blog/world/"}},
      {"prefix:/blog/", {"/blog/", "/blog/hello/", "/blog/hello/?page=2"}, {"/", "/news/"}},
      {"slug:hello", {"/blog/hello/", "/blog/hello/?page=2"}, {"/blog/world/", "/blog/"}},
      {"tag:blog", {"/blog/hello/", "/blog/world/"}, {"/blog/", "/news/"}},
      {"tag:footer", {"/", "/blog/", "/blog/hello/", "/news/"}, {}},
      {"tag:foo*", {"/", "/blog/hello/"}, {}},
      {"tag:foot", {}, {"/", "/blog/hello/"}},
      {"host:www.example.com", {"/", "/blog/hello/"}, {}},
      {"host:example.com", {}, {"/", "/blog/hello/"}},
      {"all", {"/", "/blog/hello/"}, {}},
  };
  return all;
}

const Settings settings{
    .site = "routes:\n  - {match: \"/blog/{slug}/\", tags: [blog]}\n", .upstream = {}, .public_listener = {}};

void answer(Request request) {
  request.respond(fresh(request.target(), 60, {"Surrogate-Key: footer menu"}));
}

}  // namespace

TEST_CASE("A purge takes what its selector names and leaves the rest") {
  Upstream upstream(answer);
  Larder larder(upstream, settings);
  for (const Case& each : cases()) {
    Lines paths = each.gone;
    paths.insert(paths.end(), each.kept.begin(), each.kept.end());
    for (const std::string& path : paths) larder.get(path);
    larder.purge(each.selector);
    for (const std::string& path : each.gone) {
      INFO(each.selector << " takes " << path);
      CHECK_FALSE(larder.get(path).is_hit());
    }
    for (const std::string& path : each.kept) {
      INFO(each.selector << " leaves " << path);
      CHECK(larder.get(path).is_hit());
    }
  }
}

TEST_CASE("PURGE takes the path in all its forms; one that ends in a star is a prefix") {
  Upstream upstream(answer);
  Larder larder(upstream, settings);
  const Lines forms{"/blog/hello/", "/blog/hello", "/blog/hello/?page=2"};
  for (const char* purged : {"/blog/hello/", "/blog/hello", "/blog/*", "/*"}) {
    for (const std::string& form : forms) larder.get(form);
    larder.get("/news/");
    larder.purge_by_method(purged);
    for (const std::string& form : forms) {
      INFO(purged << " takes " << form);
      CHECK_FALSE(larder.get(form).is_hit());
    }
    CHECK(larder.get("/news/").is_hit() == (std::string(purged) != "/*"));
  }
}

TEST_CASE("A tag is not shown to visitors") {
  Upstream upstream(answer);
  Larder larder(upstream, settings);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(larder.get("/").has("Surrogate-Key"));
}

TEST_CASE("A purge that names nothing understandable is refused") {
  Upstream upstream(answer);
  Larder larder(upstream, settings);
  for (const char* body :
       {"", "{", "{}", "[]", R"({"select": []})", R"({"select": "all"})", R"({"select": ["tag:"]})",
        R"({"select": ["url:nonsense"]})", R"({"select": ["all"], "mode": "gentle"})"}) {
    INFO(body);
    const Response response = ask(larder.admin_port(), "POST", "/api/purge", {}, body);
    CHECK(response.status >= 400);
    CHECK(response.status < 500);
  }
}
