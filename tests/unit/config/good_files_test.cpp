#include <catch2/catch.hpp>

#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;
using namespace std::chrono_literals;

namespace {

Loaded load_file(const std::string& path) {
  return load_text(content_of(TEST_DIR + path),
                   {{"SECRET", "s3cret"},
                    {"CMS_HOST", "cms"},
                    {"WORKERS", "2"},
                    {"EMPTY", ""},
                    {"LARDER_HOOK_SECRET", "s3cret"}},
                   {{"/run/secrets/token", "t0ken\n"},
                    {"/run/secrets/hook", "abc\n"},
                    {"/run/secrets/redis", "r3dis\n"},
                    {"/etc/larder/redis.pem", "-----BEGIN CERTIFICATE-----\n"}});
}

}  // namespace

TEST_CASE("The whole configuration: listeners, upstream, store", "[config]") {
  const Loaded loaded = load_file("/config/good/whole.yaml");
  REQUIRE(errors_of(loaded).empty());
  const Config& config = config_of(loaded);
  CHECK(config.source == "larder.yaml");
  REQUIRE(config.public_listener.bind.size() == 3);
  CHECK(text_of(config.public_listener.bind[1]) == "[::1]:9080");
  CHECK(config.public_listener.trusted_proxies.size() == 2);
  CHECK(config.public_listener.allows_purge);
  CHECK(config.admin_listener.bind.front().unix_path == "/run/larder-admin.sock");
  CHECK(config.admin_listener.allow.size() == 1);
  CHECK(config.admin_listener.token == "t0ken");

  REQUIRE(config.upstreams.size() == 1);
  const Upstream& upstream = config.upstreams.front();
  CHECK(upstream.name == "cms");
  REQUIRE(upstream.servers.size() == 3);
  CHECK(upstream.servers[0].address.unix_path == "/run/gunicorn.sock");
  CHECK(upstream.servers[1].address == Address{"10.0.0.7", 80, ""});
  CHECK(upstream.servers[1].text == "http://10.0.0.7");
  CHECK(upstream.servers[2].address == Address{"::1", 8000, ""});
  CHECK(upstream.timeouts.connect == 500ms);
  CHECK(upstream.timeouts.first_byte == 10s);
  CHECK(upstream.timeouts.between_bytes == 20s);
  CHECK(upstream.connections.max == 8);
  CHECK(upstream.connections.queue == 0);
  CHECK(upstream.connections.queue_timeout == 1s);
  CHECK(upstream.connections.idle == 5min);
  CHECK(upstream.retries.attempts == 0);
  CHECK(upstream.retries.on_connect);
  CHECK_FALSE(upstream.retries.on_reset_idle);
  CHECK(config.memory_size == 64u << 20);
  CHECK(config.max_object == 1u << 20);
}

TEST_CASE("The whole configuration: Redis", "[config]") {
  const Loaded loaded = load_file("/config/good/whole.yaml");
  REQUIRE(errors_of(loaded).empty());
  REQUIRE(config_of(loaded).redis);
  const Redis& redis = *config_of(loaded).redis;
  CHECK(redis.servers == std::vector{Address{"redis.internal", 6380, ""}});
  CHECK(redis.uses_tls);
  CHECK_FALSE(redis.uses_sentinel());
  CHECK(redis.user == "larder");
  CHECK(redis.password == "r3dis");
  CHECK(redis.database == 2);
  CHECK(redis.ca == "-----BEGIN CERTIFICATE-----\n");
  CHECK(redis.name_space == "site1");
  CHECK(redis.on_loss == OnLoss::serve);
  CHECK(redis.lease == 5s);
  CHECK(redis.serve_for == 20min);
  CHECK(redis.read_budget == 80ms);
}

TEST_CASE("The whole configuration: hosts", "[config]") {
  const Loaded loaded = load_file("/config/good/whole.yaml");
  const Config& config = config_of(loaded);
  REQUIRE(config.hosts.size() == 1);
  CHECK(config.hosts[0].name == "www.example.com");
  CHECK(config.canonical_host("www.example.com") == "www.example.com");
  CHECK(config.canonical_host("example.com") == "www.example.com");
  CHECK(config.canonical_host("localhost:8080") == "www.example.com");
  CHECK_FALSE(config.canonical_host("localhost"));
  CHECK(Config{}.canonical_host("any.example") == "any.example");
}

TEST_CASE("The whole configuration: the site's rules and a route's own", "[config]") {
  const Loaded loaded = load_file("/config/good/whole.yaml");
  const Config& config = config_of(loaded);
  using Texts = std::vector<std::string>;
  const auto& site = config.unmatched;
  CHECK(site.name == "(none)");
  CHECK(site.cookies.bypass == Texts{"sessionid"});
  CHECK(site.query.allow == Texts{"page"});
  CHECK(site.query.fallback.front().second == "1");
  CHECK(site.query.sort);
  CHECK(site.query.forward_ignored);
  CHECK(site.cookies.forward_ignored == Texts{"csrftoken"});
  CHECK(site.query.bypass == Texts{"token"});
  CHECK(site.query.max_variants == 1000);
  CHECK(site.targets == Texts{"Site-Cache-Control"});
  CHECK(config.routes[0].policy.is_cache_off);

  const auto& post = config.routes[1].policy;
  CHECK(post.name == "/blog/{slug}/");
  CHECK(post.ttl.fallback == 24h);
  CHECK_FALSE(post.ttl.force);
  REQUIRE(post.status_ttl.size() == 2);
  CHECK(post.status_ttl[1].status == 404);
  CHECK(post.status_ttl[1].lifetime == 10s);
  CHECK(post.stale.while_revalidate == 1h);
  CHECK(post.stale.if_error == 24h);
  // Its own members replace the site's of that name; the others stay.
  CHECK(post.query.allow == Texts{"print"});
  CHECK_FALSE(post.query.sort);
  CHECK(post.query.ignore == Texts{"utm_*"});
  CHECK(post.query.forward_ignored);
  CHECK(post.query.bypass == Texts{"token"});
  CHECK(post.query.max_variants == 20);
  CHECK(post.cookies.bypass == Texts{"messages"});
  CHECK(post.cookies.vary.empty());
  CHECK(post.cookies.ignore == Texts{"_ga*"});
  CHECK(post.targets == Texts{"Surrogate-Control", "CDN-Cache-Control"});
  CHECK(post.tags == Texts{"blog", "site:1"});
  REQUIRE(post.tags_from.size() == 2);
  CHECK(post.tags_from[0].pointer == "/meta/slug");
  CHECK(post.tags_from[1].before == "post-");
  CHECK(post.tags_from[1].after == "-de");
  CHECK(post.downstream.cache_control == "public, max-age=0");
  CHECK(post.downstream.etag_auto);
  CHECK(post.downstream.keep_tags);
  CHECK(post.ignores_client_reload);
  CHECK(post.stores_set_cookie);

  const auto& rest = config.routes[2].policy.ttl;
  CHECK(config.routes[2].policy.targets == site.targets);
  CHECK(config.routes[3].policy.targets.empty());
  CHECK(rest.fallback == 60s);
  CHECK(rest.min == 1s);
  CHECK(rest.max == 10min);
  CHECK(rest.force == 5min);
  CHECK_FALSE(config.routes[3].policy.ttl.fallback);
}

TEST_CASE("The whole configuration: webhooks, limits, log", "[config]") {
  const Loaded loaded = load_file("/config/good/whole.yaml");
  using Texts = std::vector<std::string>;
  const Config& config = config_of(loaded);
  REQUIRE(config.webhooks.size() == 4);
  const Webhook& hook = config.webhooks[0];
  CHECK(hook.name == "cms");
  CHECK(hook.path == "/hooks/of/cms");
  CHECK(hook.is_public);
  CHECK(hook.auth == HookAuth::hmac);
  CHECK(hook.secrets == Texts{"s3cret"});
  CHECK(hook.signature.header == "X-Signature-512");
  CHECK(hook.signature.algorithm == "sha512");
  CHECK(hook.signature.encoding == SignatureRule::Encoding::base64);
  CHECK(hook.signature.prefix == "v1=");
  CHECK_FALSE(hook.signature.has_timestamp());
  REQUIRE(hook.signature.signed_parts.size() == 1);
  CHECK(hook.signature.signed_parts[0].what == SignedPart::What::body);
  REQUIRE(hook.event);
  CHECK(text_of(*hook.event) == "/type");
  REQUIRE(hook.rules.size() == 2);
  CHECK(hook.rules[0].event == "published");
  CHECK(hook.rules[0].is_soft);
  const auto& slug = hook.rules[0].purge[1];
  REQUIRE(slug.parts.size() == 1);
  CHECK(slug.parts[0].literal == "slug:");
  CHECK(slug.parts[0].value->name == "/data/slug");
  CHECK(slug.parts[0].value->is_optional);
  CHECK_FALSE(slug.is_whole());
  const auto& lists = config.webhooks[1].rules[0].purge[0];
  REQUIRE(lists.parts.size() == 2);
  CHECK(lists.parts[0].literal == "tag:");
  CHECK(lists.parts[1].literal == "-lists");
  CHECK_FALSE(lists.parts[1].value);
  CHECK(config.webhooks[1].auth == HookAuth::none);
  CHECK(config.webhooks[1].path == "/hooks/plain");

  const Webhook& app = config.webhooks[2];
  CHECK(app.auth == HookAuth::standard);
  CHECK(app.secrets == Texts{"whsec_bmV3", "old"});
  CHECK(app.tolerance == 3min);
  CHECK(text_of(*app.event) == "query:event");
  CHECK(app.rules[0].purge[0].is_whole());
  CHECK(text_of(*app.rules[0].mode) == "/data/mode");
  CHECK(app.rules[0].mode->is_optional);
  CHECK(text_of(*app.rules[0].refresh) == "/data/refresh");
  CHECK(app.rules[1].wants_refresh);
  CHECK(text_of(*app.rules[1].purge[0].parts[0].value) == "header:X-Slug");

  const Webhook& dated = config.webhooks[3];
  CHECK(dated.secrets == Texts{"abc"});
  CHECK(dated.tolerance == 5min);
  CHECK(text_of(*dated.event) == "header:X-Topic");
  CHECK(dated.signature.signature_key == "v1");
  CHECK(dated.signature.timestamp_key == "t");
  CHECK(dated.signature.encoding == SignatureRule::Encoding::base64url);
  REQUIRE(dated.signature.signed_parts.size() == 4);
  CHECK(dated.signature.signed_parts[1].literal == "\n");
  CHECK(dated.signature.signed_parts[2].field == "X-Signed");

  CHECK(config.limits.header_size == 16384);
  CHECK(config.limits.headers == 50);
  CHECK(config.limits.body_size == 1u << 30);
  CHECK(config.limits.connections == 500);
  CHECK(config.limits.header_timeout == 5s);
  CHECK(config.limits.body_timeout == 6s);
  CHECK(config.limits.idle_timeout == 7s);
  CHECK(config.limits.drain_timeout == 0s);
  CHECK(config.log.level == "debug");
  CHECK(config.log.format == LogFormat::json);
  CHECK(config.log.access == AccessLog::combined);
  CHECK(config.log.output == "/var/log/larder.log");
  CHECK(config.workers == 4);
}

TEST_CASE("Anchors, aliases, quotes and JSON are plain YAML", "[config]") {
  const Loaded loaded = load_file("/config/good/anchors.yaml");
  REQUIRE(errors_of(loaded).empty());
  CHECK(config_of(loaded).routes[1].policy.stale.if_error == 1h);
}

TEST_CASE("Values come from the environment", "[config]") {
  const Loaded loaded = load_file("/config/good/environment.yaml");
  REQUIRE(errors_of(loaded).empty());
  const Config& config = config_of(loaded);
  CHECK(text_of(config.public_listener.bind[0]) == "127.0.0.1:8080");
  CHECK(config.upstreams[0].servers[0].address == Address{"cms", 8000, ""});
  CHECK(config.workers == 2);
  CHECK(config.routes[0].pattern.text() == "/$/$a/");
  CHECK(config.routes[0].policy.downstream.cache_control == "max-age=60");
  CHECK(config.unmatched.query.fallback[0].second.empty());
}

TEST_CASE("The smallest configuration has the documented defaults", "[config]") {
  const Loaded loaded = load_file("/../config/minimal.yaml");
  REQUIRE(errors_of(loaded).empty());
  const Config& config = config_of(loaded);
  CHECK(text_of(config.admin_listener.bind.at(0)) == "127.0.0.1:8081");
  CHECK(contains(config.admin_listener.allow, *parse_ip("127.9.9.9")));
  CHECK(contains(config.admin_listener.allow, *parse_ip("::1")));
  CHECK_FALSE(contains(config.admin_listener.allow, *parse_ip("10.0.0.1")));
  CHECK_FALSE(config.public_listener.allows_purge);
  CHECK(config.upstreams[0].name == "default");
  CHECK(config.upstreams[0].connections.max == 64);
  CHECK(config.memory_size == 256u << 20);
  CHECK(config.max_object == 8u << 20);
  CHECK(config.routes.empty());
  CHECK(config.unmatched.query.is_exact());
  CHECK_FALSE(config.unmatched.query.forward_ignored);
  CHECK(config.unmatched.cookies.forward_ignored == std::vector<std::string>{"*"});
  CHECK(config.workers == 0);
}

TEST_CASE("A small store lowers the default of max_object", "[config]") {
  const Loaded loaded =
      load_text("listen: \":8080\"\nupstream: \"http://a:1\"\nstore: {memory: {size: 2MiB}}\n");
  REQUIRE(errors_of(loaded).empty());
  CHECK(config_of(loaded).max_object == 2u << 20);
}

TEST_CASE("The shipped configurations load", "[config]") {
  for (const char* name : {"minimal", "wagtail", "headless", "forum"}) {
    INFO(name);
    CHECK(errors_of(load_file("/../config/" + std::string(name) + ".yaml")).empty());
  }
}

TEST_CASE("The first route that matches gives the policy and the captures", "[config]") {
  const Loaded loaded = load_file("/../config/forum.yaml");
  const Config& config = config_of(loaded);
  RouteMatch match;
  match.captures = {{"left", "from an earlier request"}};
  const auto check = [&](std::string_view path, std::string_view name,
                         const std::vector<std::string>& labels) {
    INFO(path);
    match_route(config, path, match);
    CHECK(match.policy->name == name);
    CHECK(labels_of(match.captures) == labels);
    const bool is_matched = match.policy != &config.unmatched;
    if (!is_matched) CHECK(match.index == config.routes.size());
    if (is_matched) CHECK(&config.routes.at(match.index).policy == match.policy);
  };
  check("/forum/t/17/", "/forum/t/{thread}/", {"thread:17"});
  check("/forum/c/jars/", "/forum/c/{category}/", {"category:jars"});
  check("/forum/t/17/reply/", "/forum/{c,t,p}/*/{new,reply,react,delete,seen}/", {});
  check("/admin", "/{accounts,admin,django-admin,i18n}/**", {});
  check("/forum/t/17", "(none)", {});
}

TEST_CASE("An error's text names file, line and column", "[config]") {
  const auto loaded = load_text("upstrem: \"http://a:1\"\nlisten: \":1\"\nupstream: \"http://a:1\"\n");
  const auto& errors = std::get<std::vector<ConfigError>>(loaded);
  REQUIRE(errors.size() == 1);
  CHECK(text_of(errors[0]) == "larder.yaml:1:1: unknown key 'upstrem'; did you mean 'upstream'?");
}
