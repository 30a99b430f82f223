#include "larder/config/profile.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "larder/config/effective.hpp"
#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;

namespace {

const std::string ends = "listen: \"127.0.0.1:8080\"\nupstream: \"http://127.0.0.1:8000\"\n";

Loaded load_site(const std::string& more) {
  Loaded loaded = load_text(ends + more);
  INFO(more);
  CHECK(errors_of(loaded).empty());
  return loaded;
}

const larder::cache::RoutePolicy& policy_of(const Config& config, std::string_view path) {
  return policy_for(config, path);
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Without its comments, which name the profile and its reasons.
std::string without_comments(const std::string& yaml) {
  std::string kept;
  for (std::size_t begin = 0; begin < yaml.size();) {
    const std::size_t end = yaml.find('\n', begin) + 1;
    const std::string line = yaml.substr(begin, end - begin);
    if (line.substr(std::min(line.find_first_not_of(' '), line.size())).front() != '#') kept += line;
    begin = end;
  }
  return kept;
}

}  // namespace

TEST_CASE("A profile is what its rules say, written out under profile: none") {
  const auto profile = GENERATE(Profile::django, Profile::wagtail);
  const std::string name(name_of(profile));
  const Loaded by_name = load_site("profile: " + name + "\n");
  const Loaded by_rules = load_site(yaml_of(rules_of(profile)));
  CHECK(without_comments(effective_yaml(config_of(by_name))) ==
        without_comments(effective_yaml(config_of(by_rules))));
}

TEST_CASE("Each rule of a profile has a reason, and is there once") {
  const auto profile = GENERATE(Profile::django, Profile::wagtail);
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const ProfileRule& rule : rules_of(profile)) {
    INFO(rule.place << ": " << rule.item);
    CHECK(rule.reason.size() > 10);
    CHECK(rule.reason.back() == '.');
    CHECK(seen.emplace(rule.place, rule.item).second);
  }
  CHECK(rules_of(Profile::none).empty());
}

TEST_CASE("Own rules win over the profile's") {
  SECTION("lists are added to, and a name in an own list leaves the profile's") {
    const Loaded loaded =
        load_site("profile: wagtail\ncookies: {ignore: [messages, \"_hj*\"], vary: [theme]}\n");
    const auto& cookies = config_of(loaded).unmatched.cookies;
    CHECK(has(cookies.bypass, "sessionid"));
    CHECK_FALSE(has(cookies.bypass, "messages"));
    CHECK(has(cookies.ignore, "messages"));
    CHECK(has(cookies.ignore, "csrftoken"));
    CHECK(has(cookies.vary, "theme"));
    CHECK(has(cookies.vary, "django_language"));
  }
  SECTION("query") {
    const Loaded loaded =
        load_site("profile: django\nquery: {ignore: [ref], allow: [page, gclid], sort: false}\n");
    const auto& query = config_of(loaded).unmatched.query;
    CHECK(has(query.ignore, "ref"));
    CHECK(has(query.ignore, "utm_*"));
    CHECK_FALSE(has(query.ignore, "gclid"));
    CHECK_FALSE(query.sort);
    CHECK(has(query.bypass, "token"));
  }
  SECTION("query.bypass") {
    const Loaded loaded = load_site("profile: wagtail\nquery: {bypass: [preview], ignore: [token]}\n");
    const auto& query = config_of(loaded).unmatched.query;
    CHECK(has(query.bypass, "preview"));
    CHECK_FALSE(has(query.bypass, "token"));
    CHECK(has(query.ignore, "token"));
  }
  SECTION("refuse is taken as it is written") {
    const Loaded loaded = load_site("profile: wagtail\nrefuse: [csrf_token]\n");
    const auto& refuse = config_of(loaded).unmatched.refuse;
    CHECK(refuse.csrf_token);
    CHECK_FALSE(refuse.set_cookie);
    CHECK_FALSE(refuse.user_bar);
  }
  SECTION("own routes come first, with the profile's cookie, query and refuse rules; the rest stay") {
    const Loaded loaded = load_site(
        "profile: wagtail\nroutes:\n  - {match: \"/shop/**\", ttl: 5m}\n  - {match: \"/**\", ttl: 1h}\n");
    const Config& config = config_of(loaded);
    CHECK(config.routes.front().policy.name == "/shop/**");
    CHECK(has(policy_of(config, "/shop/1").cookies.bypass, "sessionid"));
    CHECK(policy_of(config, "/shop/1").refuse.csrf_token);
    CHECK(policy_of(config, "/blog/").ttl.fallback == std::chrono::hours(1));
    const auto everything = std::count_if(config.routes.begin(), config.routes.end(),
                                          [](const Route& route) { return route.pattern.text() == "/**"; });
    CHECK(everything == 1);
  }
}

TEST_CASE("What a profile says of paths") {
  const Loaded loaded = load_site("profile: wagtail\n");
  const Config& config = config_of(loaded);
  for (const std::string_view off :
       {"/admin/", "/admin/login/", "/admin/pages/7/edit/preview/", "/django-admin/auth/user/",
        "/documents/3/menu.pdf", "/media/documents/menu.pdf", "/_util/authenticate_with_password/1/2/",
        "/search/", "/de/search/", "/accounts/login/", "/api/v2/page_preview/"}) {
    INFO(off);
    CHECK(policy_of(config, off).is_cache_off);
  }
  for (const std::string_view on :
       {"/", "/blog/", "/static/css/site.css", "/media/images/a.width-400.jpg", "/api/v2/pages/",
        "/api/v2/pages/7/", "/administration/", "/documentary/"}) {
    INFO(on);
    CHECK_FALSE(policy_of(config, on).is_cache_off);
    CHECK(policy_of(config, on).ttl.fallback.has_value());
    CHECK(policy_of(config, on).refuse.set_cookie);
  }
}

TEST_CASE("The effective configuration loads again and means the same") {
  const std::string file = GENERATE("minimal", "wagtail", "headless", "forum");
  const Texts environment{{"LARDER_HOOK_SECRET", "a-very-secret-word"}};
  const Loaded loaded = load_text(content_of(TEST_DIR "/../config/" + file + ".yaml"), environment);
  const std::string yaml = effective_yaml(config_of(loaded));
  INFO(yaml);
  CHECK(yaml.find("a-very-secret-word") == std::string::npos);
  const Loaded again = load_text(yaml);
  CHECK(errors_of(again).empty());
  CHECK(without_comments(effective_yaml(config_of(again))) == without_comments(yaml));
}

TEST_CASE("Webhooks and tags of bodies in the effective configuration keep their keys and show no secret") {
  const Loaded loaded = load_site(R"(routes: [{match: "/api/**", tags_from: [{json: /id, tag: "post-{}-de"}]}]
webhooks:
  one:
    auth: {type: standard, secret: [hidden-1, hidden-2], tolerance: 3m}
    event: "{query:event}"
    on:
      purge: {purge: ["{/data/select}"], mode: "{/data/mode?}", refresh: "{/data/refresh}"}
      "*": {purge: [all], mode: soft, refresh: true}
  two:
    auth: {type: hmac, secret: hidden-3, algorithm: sha512, encoding: base64url, signature_key: v1,
           timestamp_key: t, signed: "{timestamp}\n{fields:X-Signed}.{body}"}
    on: {"*": {purge: ["slug:{header:X-Slug?}"]}}
  three:
    auth: {type: hmac, secret: hidden-4, prefix: "sha256="}
    on: {"*": {purge: [all]}}
)");
  REQUIRE(errors_of(loaded).empty());
  const std::string yaml = effective_yaml(config_of(loaded));
  INFO(yaml);
  CHECK(yaml.find("hidden") == std::string::npos);
  CHECK(yaml.find("secret: [\"********\", \"********\"]") != std::string::npos);
  const Loaded again = load_text(yaml);
  CHECK(errors_of(again).empty());
  CHECK(without_comments(effective_yaml(config_of(again))) == without_comments(yaml));
  CHECK(config_of(again).routes[0].policy.tags_from[0].after == "-de");
  const Webhook& two = config_of(again).webhooks[1];
  CHECK(two.signature.signed_text == "{timestamp}\n{fields:X-Signed}.{body}");
  CHECK(two.signature.timestamp_key == "t");
  CHECK(config_of(again).webhooks[0].tolerance == std::chrono::minutes(3));
}

TEST_CASE("Text in the effective configuration reads back as itself") {
  const Loaded loaded = load_site(
      "log: {access: \"off\", output: \"/var/log/a \\\"b\\\" \\\\ $$HOME.log\"}\n"
      "query: {default: {q: \"\", \"on\": \"1\", \"$top\": \"10\"}}\nhosts: [{name: \"[::1]:8080\"}]\n"
      "listeners: {admin: {allow: [10.0.0.0/8, \"fd00::/8\"], token: hidden-token}}\n");
  const std::string yaml = effective_yaml(config_of(loaded));
  INFO(yaml);
  CHECK(yaml.find("hidden-token") == std::string::npos);
  const Loaded again = load_text(yaml);
  CHECK(errors_of(again).empty());
  CHECK(config_of(again).log.output == "/var/log/a \"b\" \\ $HOME.log");
  CHECK(config_of(again).unmatched.query.fallback == config_of(loaded).unmatched.query.fallback);
  CHECK(config_of(again).hosts.front().name == config_of(loaded).hosts.front().name);
  CHECK(without_comments(effective_yaml(config_of(again))) == without_comments(yaml));
}
