#include <catch2/catch.hpp>

#include "larder/config/effective.hpp"
#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;

namespace {

struct UrlCase {
  const char* url;
  const char* servers;  // as text_of writes them, with commas between
  const char* master;
  const char* user;
  const char* password;
  std::uint32_t database;
  bool uses_tls;
  const char* shown;  // by url_of
};

const UrlCase urls[] = {
    {"redis://127.0.0.1", "127.0.0.1:6379", "", "", "", 0, false, "redis://127.0.0.1:6379"},
    {"redis://127.0.0.1/", "127.0.0.1:6379", "", "", "", 0, false, "redis://127.0.0.1:6379"},
    {"redis://redis:7000/15", "redis:7000", "", "", "", 15, false, "redis://redis:7000/15"},
    {"redis://[::1]", "[::1]:6379", "", "", "", 0, false, "redis://[::1]:6379"},
    {"redis://[::1]:7000/1", "[::1]:7000", "", "", "", 1, false, "redis://[::1]:7000/1"},
    {"redis://:s3cret@h", "h:6379", "", "", "s3cret", 0, false, "redis://h:6379"},
    {"redis://me:s3cret@h", "h:6379", "", "me", "s3cret", 0, false, "redis://me@h:6379"},
    {"redis://m%40e:a%2Fb%3a%00@h", "h:6379", "", "m@e", "a/b:", 0, false, "redis://m%40e@h:6379"},
    {"redis://me:a:b@c@h", "h:6379", "", "me", "a:b@c", 0, false, "redis://me@h:6379"},
    {"redis://me@h", "h:6379", "", "me", "", 0, false, "redis://me@h:6379"},
    {"rediss://h/3", "h:6379", "", "", "", 3, true, "rediss://h:6379/3"},
    {"unix:/run/r.sock", "unix:/run/r.sock", "", "", "", 0, false, "redis+unix:///run/r.sock"},
    {"unix:/run/r.sock?db=4", "unix:/run/r.sock", "", "", "", 4, false, "redis+unix:///run/r.sock?db=4"},
    {"redis+unix:///run/r.sock?db=4", "unix:/run/r.sock", "", "", "", 4, false,
     "redis+unix:///run/r.sock?db=4"},
    {"redis+unix://me:x@/run/r.sock", "unix:/run/r.sock", "", "me", "x", 0, false,
     "redis+unix://me@/run/r.sock"},
    {"sentinel://a/mymaster", "a:26379", "mymaster", "", "", 0, false, "sentinel://a:26379/mymaster"},
    {"sentinel://me:x@a:1,b,[::1]:2/my-master_1.0/7", "a:1,b:26379,[::1]:2", "my-master_1.0", "me", "x", 7,
     false, "sentinel://me@a:1,b:26379,[::1]:2/my-master_1.0/7"},
};

std::string servers_of(const Redis& redis) {
  std::string text;
  for (const Address& server : redis.servers) text.append(text.empty() ? "" : ",").append(text_of(server));
  return text;
}

std::string with_redis(const std::string& section) {
  return "listen: \":8080\"\nupstream: \"http://a:1\"\nstore: {redis: {" + section + "}}\n";
}

}  // namespace

TEST_CASE("Each form of a Redis URL says where and who", "[config]") {
  for (const UrlCase& c : urls) {
    INFO(c.url);
    Redis redis;
    const auto problem = parse_redis_url(c.url, redis);
    INFO(problem.value_or(""));
    REQUIRE_FALSE(problem);
    CHECK(servers_of(redis) == c.servers);
    CHECK(redis.master_name == c.master);
    CHECK(redis.user == c.user);
    CHECK(redis.password.substr(0, redis.password.find('\0')) == c.password);
    CHECK(redis.database == c.database);
    CHECK(redis.uses_tls == c.uses_tls);
    CHECK(url_of(redis) == c.shown);
  }
}

TEST_CASE("What is no Redis URL is refused, and nothing of it is told", "[config]") {
  for (const char* url : {"",
                          "redis",
                          "redis:",
                          "redis://",
                          "redis:///0",
                          "//h",
                          "REDIS://hunter2@h",
                          "redis://hunter2@",
                          "redis://h:hunter2",
                          "redis://hunter2:x/y@h",
                          "redis://h:0",
                          "redis://h/-1",
                          "redis://h/1/2",
                          "redis://h/65536",
                          "redis://h?db=hunter2",
                          "redis://a,b",
                          "redis://::1",
                          "redis://:%zz@h",
                          "redis://:hunter2%2@h",
                          "unix:hunter2",
                          "unix:",
                          "unix://run/r.sock",
                          "redis+unix://",
                          "unix:/a?db=",
                          "unix:/a?db=x",
                          "sentinel://a",
                          "sentinel://a/",
                          "sentinel://a,/m",
                          "sentinel://,a/m",
                          "sentinel://a,a/m",
                          "sentinel://a/m%20/0",
                          "sentinel://a/m/x",
                          "sentinels://hunter2/m",
                          "sentinel://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q/m"}) {
    INFO(url);
    Redis redis;
    const auto problem = parse_redis_url(url, redis);
    REQUIRE(problem);
    CHECK(problem->starts_with("expected "));
    CHECK(problem->find("hunter2") == std::string::npos);
  }
}

TEST_CASE("Redis is off by default, and has its documented defaults", "[config]") {
  CHECK_FALSE(config_of(load_text("listen: \":8080\"\nupstream: \"http://a:1\"\n")).redis);
  const Loaded loaded = load_text(with_redis("url: \"redis://127.0.0.1\""));
  REQUIRE(errors_of(loaded).empty());
  const Redis& redis = config_of(loaded).redis.value();
  CHECK(redis.name_space == "larder");
  CHECK(redis.on_loss == OnLoss::revalidate);
  CHECK(redis.lease == std::chrono::seconds(3));
  CHECK(redis.serve_for == std::chrono::hours(1));
  CHECK(redis.read_budget == std::chrono::milliseconds(50));
}

TEST_CASE("Configurations have one digest of their rules where these are the same", "[config]") {
  const std::string ways = "listen: \":8080\"\nupstream: \"http://a:1\"\n";
  const std::string rules = "routes:\n  - {match: \"/a/**\", tags: [a]}\n";
  const auto digest_of = [](const std::string& text) { return config_of(load_text(text)).rules_digest; };
  CHECK(digest_of(ways + rules).size() == 64);
  CHECK(digest_of(ways + rules) == digest_of("workers: 3\n" + ways + rules));
  CHECK(digest_of(ways + rules) != digest_of(ways));
  CHECK(digest_of(ways + rules) != digest_of(ways + "routes:\n  - {match: \"/a/**\", tags: [b]}\n"));
  CHECK(digest_of(ways + rules) != digest_of(ways + "hosts: [{name: a.example}]\n" + rules));
}

TEST_CASE("The URL may come from the environment, and no error tells it", "[config]") {
  const Texts environment{{"GOOD", "redis://me:hunter2@h/1"}, {"BAD", "redis://me:hunter2@h/x"}};
  const Loaded good = load_text(with_redis("url: \"${GOOD}\""), environment);
  REQUIRE(errors_of(good).empty());
  CHECK(config_of(good).redis->password == "hunter2");
  const auto errors = errors_of(load_text(with_redis("url: \"${BAD}\""), environment));
  REQUIRE(errors.size() == 1);
  CHECK(errors.front().find("hunter2") == std::string::npos);
}

TEST_CASE("What is in force shows Redis without its password, and loads again", "[config]") {
  const Texts files{{"/ca", "-----BEGIN CERTIFICATE-----\n"}};
  for (const char* section :
       {"url: \"redis://me:hunter2@h/1\"", "url: \"unix:/run/r.sock?db=2\", on_loss: bypass, lease: 1s",
        "url: \"rediss://h\", ca: /ca, password: hunter2", "url: \"sentinel://:hunter2@a,b,c/m/1\""}) {
    INFO(section);
    const Loaded loaded = load_text(with_redis(section), {}, files);
    REQUIRE(errors_of(loaded).empty());
    const std::string yaml = effective_yaml(config_of(loaded));
    INFO(yaml);
    CHECK(yaml.find("hunter2") == std::string::npos);
    const Loaded again = load_text(yaml, {}, files);
    REQUIRE(errors_of(again).empty());
    Redis before = config_of(loaded).redis.value();
    Redis after = config_of(again).redis.value();
    CHECK(before.password.empty() == after.password.empty());
    before.password = after.password = "";
    CHECK(before == after);
  }
}
