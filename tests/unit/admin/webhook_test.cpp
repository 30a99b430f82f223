#include "larder/admin/webhook.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

namespace larder::admin {
namespace {

using config::HookAuth;

struct SignatureCase {
  const char* title;
  std::string algorithm;
  bool is_base64;
  std::string prefix;
  std::string field;
  bool is_authentic;
};

// RFC 4231 section 4.3 (test case 2) and, for SHA-1, RFC 2202 section 3 (test case 2).
const std::string rfc_secret = "Jefe";
const std::string rfc_body = "what do ya want for nothing?";
const std::string rfc_sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const std::string rfc_sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
const std::string rfc_sha512 =
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a3"
    "4d4a6b4"
    "b636e070a38bce737";

TEST_CASE("a signature is the HMAC of the raw body, as the hook writes it") {
  const SignatureCase cases[] = {
      {"sha256", "sha256", false, "", rfc_sha256, true},
      {"sha1", "sha1", false, "", rfc_sha1, true},
      {"sha512", "sha512", false, "", rfc_sha512, true},
      {"with a prefix", "sha256", false, "sha256=", "sha256=" + rfc_sha256, true},
      {"without its prefix", "sha256", false, "sha256=", rfc_sha256, false},
      {"with a prefix that is not asked for", "sha256", false, "", "sha256=" + rfc_sha256, false},
      {"upper case", "sha256", false, "", "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
       true},
      {"base64", "sha256", true, "", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", true},
      {"base64 without padding", "sha256", true, "", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM", true},
      {"hex where base64 is asked for", "sha256", true, "", rfc_sha256, false},
      {"one digit changed", "sha256", false, "",
       "4bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", false},
      {"cut short", "sha256", false, "", rfc_sha256.substr(0, 32), false},
      {"empty", "sha256", false, "", "", false},
      {"another algorithm's", "sha512", false, "", rfc_sha256, false},
      {"an algorithm that is not known", "md5", false, "", rfc_sha256, false},
  };
  for (const SignatureCase& c : cases) {
    INFO(c.title);
    config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
    hook.algorithm = c.algorithm;
    hook.is_base64 = c.is_base64;
    hook.signature_prefix = c.prefix;
    CHECK(is_authentic(hook, fields_of({{"X-Signature", c.field}}), rfc_body) == c.is_authentic);
  }
}

TEST_CASE("one changed byte of the body is noticed") {
  const config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
  CHECK_FALSE(is_authentic(hook, fields_of({{"X-Signature", rfc_sha256}}), rfc_body + " "));
}

TEST_CASE("a signature stands in one field, whose name is the hook's") {
  config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
  CHECK_FALSE(is_authentic(hook, {}, rfc_body));
  CHECK_FALSE(
      is_authentic(hook, fields_of({{"X-Signature", rfc_sha256}, {"X-Signature", "other"}}), rfc_body));
  hook.signature_header = "X-Hub-Signature-256";
  CHECK(is_authentic(hook, fields_of({{"x-hub-signature-256", rfc_sha256}}), rfc_body));
}

TEST_CASE("an empty secret opens nothing") {
  // HMAC-SHA256 of the empty text under the empty key.
  const std::string of_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  CHECK_FALSE(is_authentic(hook_of(HookAuth::hmac, ""), fields_of({{"X-Signature", of_nothing}}), ""));
  CHECK_FALSE(is_authentic(hook_of(HookAuth::bearer, ""), fields_of({{"Authorization", "Bearer "}}), ""));
}

TEST_CASE("a bearer token is compared whole") {
  const config::Webhook hook = hook_of(HookAuth::bearer, "s3cret");
  CHECK(is_authentic(hook, fields_of({{"Authorization", "Bearer s3cret"}}), ""));
  CHECK(is_authentic(hook, fields_of({{"authorization", "bearer s3cret"}}), ""));
  CHECK_FALSE(is_authentic(hook, {}, ""));
  for (const char* value :
       {"Bearer s3cre", "Bearer s3crets", "Bearer S3CRET", "Basic s3cret", "s3cret", "Bearer"}) {
    INFO(value);
    CHECK_FALSE(is_authentic(hook, fields_of({{"Authorization", value}}), ""));
  }
}

struct EventCase {
  const char* title;
  std::string selector;
  std::string json;
  std::vector<std::string> purged;
};

std::variant<HookOrder, PurgeError> order_of(const std::string& selector, const std::string& json) {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules.push_back(rule_of("published", {selector}));
  return order_of_event(hook, R"({"type":"published","data":)" + json + "}");
}

TEST_CASE("an event's values become selectors") {
  const EventCase cases[] = {
      {"no value", "tag:blog-lists", "{}", {"tag:blog-lists"}},
      {"all", "all", "{}", {"all"}},
      {"a path", "path:{/data/path}", R"({"path":"/blog/a/"})", {"path:/blog/a"}},
      {"a URL as a path",
       "path:{/data/path}",
       R"({"path":"http://example.com/a/"})",
       {"path:http://example.com/a"}},
      {"a prefix", "prefix:{/data/path}", R"({"path":"/blog/"})", {"prefix:/blog/"}},
      {"a capture", "slug:{/data/slug}", R"({"slug":"my-post"})", {"slug:my-post"}},
      {"a capture with a colon", "slug:{/data/slug}", R"({"slug":"tag:x"})", {"slug:tag:x"}},
      {"a number", "tag:page-{/data/id}", R"({"id":17})", {"tag:page-17"}},
      {"the template's own star", "tag:page-{/data/id}-*", R"({"id":17})", {"tag:page-17-*"}},
      {"two values", "path:/{/data/a}/{/data/b}", R"({"a":"x","b":"y"})", {"path:/x/y"}},
      {"an array", "slug:{/data/slugs}", R"({"slugs":["a","b"]})", {"slug:a", "slug:b"}},
      {"an empty array", "slug:{/data/slugs}", R"({"slugs":[]})", {}},
      {"an array's member", "slug:{/data/slugs/1}", R"({"slugs":["a","b"]})", {"slug:b"}},
      {"two arrays",
       "path:/{/data/a}/{/data/b}",
       R"({"a":["x","y"],"b":["1","2"]})",
       {"path:/x/1", "path:/x/2", "path:/y/1", "path:/y/2"}},
      {"optional and there", "slug:{/data/slug?}", R"({"slug":"a"})", {"slug:a"}},
      {"optional and missing", "slug:{/data/slug?}", "{}", {}},
      {"optional and null", "slug:{/data/slug?}", R"({"slug":null})", {}},
      {"optional and empty", "slug:{/data/slug?}", R"({"slug":""})", {}},
  };
  for (const EventCase& c : cases) {
    INFO(c.title);
    const auto result = order_of(c.selector, c.json);
    const auto* order = std::get_if<HookOrder>(&result);
    REQUIRE(order != nullptr);
    CHECK(order->has_rule);
    CHECK(order->event == "published");
    std::vector<std::string> purged;
    for (const cache::Selector& selector : order->purge.selectors) purged.push_back(cache::text_of(selector));
    CHECK(purged == c.purged);
  }
}

struct UnfitCase {
  const char* title;
  std::string selector;
  std::string json;
  std::string message;
};

TEST_CASE("an event that does not fit purges nothing and is told why") {
  std::string many = "[\"a\"";
  for (std::size_t i = 0; i < cache::selectors_max; ++i) many += ",\"a\"";
  many += "]";
  const UnfitCase cases[] = {
      {"missing", "slug:{/data/slug}", "{}", "no value at /data/slug"},
      {"null", "slug:{/data/slug}", R"({"slug":null})", "no value at /data/slug"},
      {"empty", "prefix:{/data/path}", R"({"path":""})", "no value at /data/path"},
      {"an object", "slug:{/data/slug}", R"({"slug":{}})", "neither a text nor a whole number"},
      {"a fraction", "slug:{/data/slug}", R"({"slug":1.5})", "neither a text nor a whole number"},
      {"an array of arrays", "slug:{/data/slug}", R"({"slug":[["a"]]})", "neither a text nor a whole number"},
      {"a tag that would be a prefix", "tag:{/data/tag}", R"({"tag":"*"})", "another kind of selector"},
      {"a tag that would be a longer prefix", "tag:{/data/tag}", R"({"tag":"b*"})",
       "another kind of selector"},
      {"a capture that would be a prefix", "slug:{/data/slug}", R"({"slug":"*"})", "becomes no selector"},
      {"a kind out of the event", "{/data/kind}:x", R"({"kind":"tag"})", "another kind of selector"},
      {"a control character", "tag:{/data/tag}", R"({"tag":"a\nb"})", "becomes no selector"},
      {"a path that is none", "path:{/data/path}", R"({"path":"blog"})", "becomes no selector"},
      {"too many", "slug:{/data/slugs}", R"({"slugs":)" + many + "}", "more than 1000"},
      {"too long", "tag:{/data/tag}", R"({"tag":")" + std::string(9000, 'a') + "\"}", "at most"},
  };
  for (const UnfitCase& c : cases) {
    INFO(c.title);
    const auto result = order_of(c.selector, c.json);
    const auto* error = std::get_if<PurgeError>(&result);
    REQUIRE(error != nullptr);
    CHECK_THAT(error->message, Catch::Contains(c.message));
  }
}

TEST_CASE("the rule is that of the event's name, else the rule for any") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("*", {"tag:any"}), rule_of("moved", {"tag:moved"}, true)};
  const auto moved = std::get<HookOrder>(order_of_event(hook, R"({"type":"moved"})"));
  CHECK(moved.purge.selectors.at(0).value == "moved");
  CHECK(moved.purge.mode == cache::PurgeMode::soft);
  const auto other = std::get<HookOrder>(order_of_event(hook, R"({"type":"other"})"));
  CHECK(other.purge.selectors.at(0).value == "any");
  CHECK(other.purge.mode == cache::PurgeMode::hard);
}

TEST_CASE("an event without a rule is nothing to do") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("moved", {"tag:moved"})};
  const auto order = std::get<HookOrder>(order_of_event(hook, R"({"type":"other"})"));
  CHECK_FALSE(order.has_rule);
  CHECK(order.purge.selectors.empty());
}

TEST_CASE("an event without a name is unfit, unless the hook asks for none") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("*", {"tag:any"})};
  CHECK(std::holds_alternative<PurgeError>(order_of_event(hook, "{}")));
  hook.event_pointer.clear();
  CHECK(std::get<HookOrder>(order_of_event(hook, "{}")).purge.selectors.size() == 1);
}

TEST_CASE("what is no event is unfit") {
  const config::Webhook hook = hook_of(HookAuth::none, "");
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[1,]"), std::string("\"\xff\""),
        std::string(R"({"type":"a","type":"b"})"), std::string("[]"), deep}) {
    INFO(text);
    CHECK(std::holds_alternative<PurgeError>(order_of_event(hook, text)));
  }
}

}  // namespace
}  // namespace larder::admin
