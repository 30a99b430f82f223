#include "larder/admin/webhook.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

namespace larder::admin {
namespace {

using config::HookAuth;

struct EventCase {
  const char* title;
  std::string selector;
  std::string json;
  std::vector<std::string> purged;
};

std::variant<HookOrder, PurgeError> order_of_json(const config::Webhook& hook, std::string json) {
  return order_of_event(hook, request_of("POST", "/hooks/wagtail", {}, std::move(json)));
}

std::variant<HookOrder, PurgeError> order_of(const std::string& selector, const std::string& json) {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules.push_back(rule_of("published", {selector}));
  return order_of_json(hook, R"({"type":"published","data":)" + json + "}");
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
      {"too long", "tag:{/data/tag}", R"({"tag":")" + std::string(9000, 'a') + "\"}", "becomes too long"},
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
  const auto moved = std::get<HookOrder>(order_of_json(hook, R"({"type":"moved"})"));
  CHECK(moved.purge.selectors.at(0).value == "moved");
  CHECK(moved.purge.mode == cache::PurgeMode::soft);
  const auto other = std::get<HookOrder>(order_of_json(hook, R"({"type":"other"})"));
  CHECK(other.purge.selectors.at(0).value == "any");
  CHECK(other.purge.mode == cache::PurgeMode::hard);
}

TEST_CASE("an event without a rule is nothing to do") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("moved", {"tag:moved"})};
  const auto order = std::get<HookOrder>(order_of_json(hook, R"({"type":"other"})"));
  CHECK_FALSE(order.has_rule);
  CHECK(order.purge.selectors.empty());
}

TEST_CASE("an event without a name is unfit, unless the hook asks for none") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("*", {"tag:any"})};
  CHECK(std::holds_alternative<PurgeError>(order_of_json(hook, "{}")));
  hook.event.reset();
  CHECK(std::get<HookOrder>(order_of_json(hook, "{}")).purge.selectors.size() == 1);
}

TEST_CASE("what is no event is unfit") {
  const config::Webhook hook = hook_of(HookAuth::none, "");
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[1,]"), std::string("\"\xff\""),
        std::string(R"({"type":"a","type":"b"})"), std::string("[]"), deep}) {
    INFO(text);
    CHECK(std::holds_alternative<PurgeError>(order_of_json(hook, text)));
  }
}

config::EventValue header_value(std::string name) {
  return {config::EventValue::From::header, std::move(name), false};
}
config::EventValue query_value(std::string name) {
  return {config::EventValue::From::query, std::move(name), false};
}

std::vector<std::string> purged_by(const std::variant<HookOrder, PurgeError>& result) {
  const auto* order = std::get_if<HookOrder>(&result);
  if (order == nullptr) return {"error: " + std::get<PurgeError>(result).message};
  std::vector<std::string> purged;
  for (const cache::Selector& selector : order->purge.selectors) purged.push_back(cache::text_of(selector));
  return purged;
}

using Texts = std::vector<std::string>;

TEST_CASE("values come from fields and from the query too") {
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.event = header_value("X-Event");
  config::SelectorTemplate both;
  both.text = "path:/{header:X-Section}/{query:slug}/";
  both.parts = {{"path:/", header_value("X-Section")}, {"/", query_value("slug")}, {"/", std::nullopt}};
  config::HookRule rule;
  rule.event = "published";
  rule.purge = {both};
  hook.rules = {rule};
  const FieldList fields = {{"x-event", "published"}, {"x-section", "blog"}};
  const auto at = [&](const char* target, const FieldList& with) {
    return purged_by(order_of_event(hook, request_of("POST", target, with, "")));
  };
  CHECK(at("/hooks/a?slug=my%2Dpost", fields) == Texts{"path:/blog/my-post"});
  CHECK(at("/hooks/a?slug=a&x=1&slug=b", fields) == Texts{"path:/blog/a", "path:/blog/b"});
  CHECK(at("/hooks/a", fields) == Texts{"error: the event has no value at query:slug, which "
                                        "\"path:/{header:X-Section}/{query:slug}/\" needs"});
  CHECK(at("/hooks/a?slug=", fields).front().starts_with("error: the event has no value at query:slug"));
  CHECK(at("/hooks/a?slug=%ff", fields) == Texts{"error: the value at query:slug is not UTF-8"});
  CHECK(at("/hooks/a?slug=%f", fields).front().starts_with("error: the query cannot be read"));
  CHECK(at("/hooks/a?slug=a", {{"x-section", "blog"}}) ==
        Texts{"error: the event has no name at header:X-Event"});
  CHECK(at("/hooks/a?slug=a", {{"x-event", "published"}})
            .front()
            .starts_with("error: the event has no value at header:X-Section"));
}

TEST_CASE("a form's members are read by their names") {
  const FieldList form = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  config::Webhook hook = hook_of(HookAuth::none, "");
  hook.rules = {rule_of("published", {"slug:{/slug}"})};
  const auto of = [&](const std::string& body) {
    return purged_by(order_of_event(hook, request_of("POST", "/hooks/a", form, body)));
  };
  CHECK(of("type=published&slug=a") == Texts{"slug:a"});
  CHECK(of("slug=a&type=published&slug=b") == Texts{"slug:a", "slug:b"});
  CHECK(of("type=published&slug=caf%C3%A9") == Texts{"slug:caf%C3%A9"});
  CHECK(of("type=published") ==
        Texts{"error: the event has no value at /slug, which \"slug:{/slug}\" needs"});
  CHECK(of("type=published&slug=%C3") == Texts{"error: the value at /slug is not UTF-8"});
  CHECK(of("type=published&slug=\xff") == Texts{"error: the form is not UTF-8"});
  CHECK(of("type=published&slug=%zz").front().starts_with("error: not a form"));
  CHECK(of("type") == Texts{"error: the event has no name at /type"});
  std::string many = "type=published&slug=a";
  for (int i = 0; i < 1000; ++i) many += "&x=" + std::to_string(i);
  CHECK(of(many).front().starts_with("error: not a form"));
}

TEST_CASE("a signed event may give the selectors themselves") {
  config::Webhook hook = hook_of(HookAuth::standard, "s3cret");
  hook.rules = {rule_of("purge", {"{/data/select}"})};
  const auto of = [&](const std::string& select) {
    return purged_by(order_of_json(hook, R"({"type":"purge","data":{"select":)" + select + "}}"));
  };
  CHECK(of(R"(["path:/a/","tag:b","tag:c-*","slug:d","all","host:e.example","prefix:/f/","url:/g?h=1"])") ==
        Texts{"path:/a", "tag:b", "tag:c-*", "slug:d", "all", "host:e.example", "prefix:/f/", "url:/g?h=1"});
  CHECK(of(R"("tag:b")") == Texts{"tag:b"});
  CHECK(of("[]") == Texts{});
  CHECK(of(R"(["tag:b","everything"])").front().starts_with("error: \"{/data/select}\" becomes no selector"));
  CHECK(of(R"([["tag:b"]])").front().starts_with("error: the value at /data/select"));
  CHECK(of("null").front().starts_with("error: the event has no value at /data/select"));
}

TEST_CASE("an event may say how it purges") {
  config::Webhook hook = hook_of(HookAuth::standard, "s3cret");
  hook.rules = {rule_of("purge", {"tag:a"})};
  hook.rules[0].mode = config::EventValue{config::EventValue::From::body, "/mode", true};
  hook.rules[0].refresh = config::EventValue{config::EventValue::From::body, "/refresh", false};
  const auto of = [&](const std::string& rest) {
    return order_of_json(hook, R"({"type":"purge")" + rest + "}");
  };
  const auto soft = std::get<HookOrder>(of(R"(,"mode":"soft","refresh":true)"));
  CHECK(soft.purge.mode == cache::PurgeMode::soft);
  CHECK(soft.purge.wants_refresh);
  const auto hard = std::get<HookOrder>(of(R"(,"mode":"hard","refresh":false)"));
  CHECK(hard.purge.mode == cache::PurgeMode::hard);
  CHECK_FALSE(hard.purge.wants_refresh);
  CHECK(std::get<HookOrder>(of(R"(,"refresh":"false")")).purge.mode == cache::PurgeMode::hard);
  CHECK(purged_by(of(R"(,"mode":"gentle","refresh":true)")) ==
        Texts{"error: the value at /mode is neither soft nor hard"});
  CHECK(purged_by(of("")) == Texts{"error: the event has no value at /refresh"});
  CHECK(purged_by(of(R"(,"refresh":1)")) == Texts{"error: the value at /refresh is neither true nor false"});
}

}  // namespace
}  // namespace larder::admin
