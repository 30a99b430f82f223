// The mappings of config/webhooks, each held against payloads in the shape that the CMS's documentation
// gives, and signed as it signs. The signatures are by "a-secret-for-this-test", made with Python's hmac.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "larder/admin/webhook.hpp"
#include "larder/config/load.hpp"
#include "support.hpp"

namespace larder::admin {
namespace {

using Texts = std::vector<std::string>;
using Verdict = Authenticity::Verdict;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The only webhook of a mapping, read as `larder serve` would.
config::Webhook hook_in(const std::string& mapping) {
  config::Surroundings surroundings;
  surroundings.environment = [](std::string_view name) {
    return name == "LARDER_HOOK_SECRET" ? std::optional<std::string>("a-secret-for-this-test") : std::nullopt;
  };
  const std::string yaml = "listen: \":8080\"\nupstream: \"http://127.0.0.1:8000\"\n" +
                           content_of(TEST_DIR "/../config/webhooks/" + mapping + ".yaml");
  const auto loaded = config::load(yaml, mapping, surroundings);
  const auto& config = *std::get<config::ConfigPtr>(loaded);
  REQUIRE(config.webhooks.size() == 1);
  return config.webhooks.front();
}

struct MappingCase {
  const char* mapping;
  const char* page;     // whose example or table the payload follows
  const char* payload;  // of tests/webhooks
  FieldList fields;
  std::int64_t now_ms;  // when it was signed
  Texts purged;
  bool is_soft = false;
  bool wants_refresh = false;
};

const FieldList bearer = {{"Authorization", "Bearer a-secret-for-this-test"}};

FieldList bearer_and(std::string_view name, std::string_view value) {
  return {{"Authorization", "Bearer a-secret-for-this-test"}, {std::string(name), std::string(value)}};
}

const Texts ghost_lists = {"path:/",          "prefix:/page/", "prefix:/tag/",
                           "prefix:/author/", "prefix:/rss/",  "prefix:/sitemap"};

Texts and_lists(Texts selectors) {
  selectors.insert(selectors.end(), ghost_lists.begin(), ghost_lists.end());
  return selectors;
}

const MappingCase cases[] = {
    {"wagtail",
     "deploy/wagtail/larder_wagtail/README.md",
     "wagtail_purge.json",
     {{"webhook-id", "row-17"},
      {"webhook-timestamp", "1736935200"},
      {"webhook-signature", "v1,TGqRU4GU/Hz6drg9AGbcOhzd8t2gDxQLhhEsA8G8QNQ="}},
     1736935200000,
     {"path:/blog/hello", "prefix:/old/", "tag:blog-lists", "slug:hello"},
     true,
     true},
    {"wagtail_events",
     "docs/configuration.md",
     "wagtail_published.json",
     {{"webhook-id", "row-18"},
      {"webhook-timestamp", "1736935200"},
      {"webhook-signature", "v1,/kiasWFFF53aubevKvdvJCx+fwGS7AFg+Dd1Mv/69Z4="}},
     1736935200000,
     {"path:/blog/hello", "slug:hello", "tag:blog-lists"},
     false,
     true},
    {"wagtail_events",
     "docs/configuration.md",
     "wagtail_moved.json",
     {{"webhook-id", "row-19"},
      {"webhook-timestamp", "1736935200"},
      {"webhook-signature", "v1,ChF/wVt/XrowYhZm45tpnW5BvLSFk4ZQtkWP+yv+k/M="}},
     1736935200000,
     {"prefix:/blog/hello/", "prefix:/news/hello/"}},
    {"strapi",
     "https://docs.strapi.io/cms/backend-customization/webhooks#entrypublish",
     "strapi_publish.json",
     bearer_and("X-Strapi-Event", "entry.publish"),
     0,
     {"tag:strapi-address", "tag:strapi-address-1"}},
    {"strapi",
     "https://docs.strapi.io/cms/backend-customization/webhooks#mediaupdate",
     "strapi_media.json",
     bearer_and("X-Strapi-Event", "media.update"),
     0,
     {"path:/uploads/353fc98a19e44da9acf61d71b11895f9.png"}},
    // The body is the entry: .../references/content-management-api/entries/publish-an-entry, with the headers
    // of
    // .../extensibility/webhooks/headers and the signature of .../webhooks/request-verification.
    {"contentful",
     "https://www.contentful.com/developers/docs/extensibility/webhooks/overview",
     "contentful_publish.json",
     {{"X-Contentful-Topic", "ContentManagement.Entry.publish"},
      {"X-Contentful-CRN", "crn:contentful:::content:spaces/yadj1kx9rmg0/entries/5KsDBWseXY6QegucYAoacS"},
      {"X-Contentful-Timestamp", "1732539451946"},
      {"X-Contentful-Signed-Headers",
       "x-contentful-crn,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic"},
      {"X-Contentful-Signature", "bdf84794748e69faea41bc631d001afe67513cb644a54703a20a91b97f6c1ec8"}},
     1732539451946,
     {"tag:contentful-5KsDBWseXY6QegucYAoacS", "tag:contentful-type-hfM9RCJIk0wIm06WkEOQY"}},
    // The whole document after the change; the signature as https://github.com/sanity-io/webhook-toolkit has
    // it.
    {"sanity",
     "https://www.sanity.io/docs/webhooks",
     "sanity_document.json",
     {{"sanity-webhook-signature", "t=1633519811129,v1=GOFk3vaeGP-jaIDWh1weqo9k6woVsxbBtj-HwyUagVA"}},
     1633519811129,
     {"tag:sanity-0d1a3e5c-2f4b-4f1e-9a57-8c6f2b1f6a10", "tag:sanity-type-post", "slug:groq-hooks-are-neat"}},
    // Bodies: ghost/core/test/e2e-webhooks/__snapshots__/posts.test.js.snap of github.com/TryGhost/Ghost,
    // shortened; signature: https://github.com/TryGhost/Ghost/pull/20500.
    {"ghost",
     "https://docs.ghost.org/webhooks",
     "ghost_edited.json",
     {{"X-Ghost-Signature",
       "sha256=6ba3badf04d8f349b3ba273396b17abf362f8942fb9a0e60e1d8de80daf1939d, t=1732539451946"}},
     1732539451946,
     and_lists({"path:http://www.example.com/test", "path:/test-draft"})},
    {"ghost",
     "https://docs.ghost.org/webhooks",
     "ghost_deleted.json",
     {{"X-Ghost-Signature",
       "sha256=06b9c1628d94cfc27ea99dff1e550cf03cdbf0a851d2b30ce47320663274b9dc, t=1732539451946"}},
     1732539451946,
     and_lists({"path:/test"})},
    // $trigger holds the meta of the action event: https://docs.directus.io/app/flows/triggers
    {"directus",
     "https://docs.directus.io/extensions/hooks",
     "directus_create.json",
     bearer,
     0,
     {"tag:directus-articles", "tag:directus-articles-1", "slug:my-first-item"}},
    {"directus",
     "https://docs.directus.io/extensions/hooks",
     "directus_update.json",
     bearer,
     0,
     {"tag:directus-articles", "tag:directus-articles-1", "tag:directus-articles-2"}},
    {"directus",
     "https://docs.directus.io/extensions/hooks",
     "directus_delete.json",
     bearer,
     0,
     {"tag:directus-articles"}},
};

Request request_of(const MappingCase& c) {
  return admin::request_of("POST", std::string("/hooks/") + c.mapping, c.fields,
                           content_of(std::string(TEST_DIR "/webhooks/") + c.payload));
}

TEST_CASE("Each shipped mapping purges what its CMS's event means") {
  for (const MappingCase& c : cases) {
    INFO(c.mapping << " " << c.payload << ", " << c.page);
    const config::Webhook hook = hook_in(c.mapping);
    const auto result = order_of_event(hook, request_of(c));
    if (const auto* error = std::get_if<PurgeError>(&result)) FAIL_CHECK(error->message);
    const auto* order = std::get_if<HookOrder>(&result);
    if (order == nullptr) continue;
    Texts purged;
    for (const cache::Selector& selector : order->purge.selectors) purged.push_back(cache::text_of(selector));
    CHECK(purged == c.purged);
    CHECK((order->purge.mode == cache::PurgeMode::soft) == c.is_soft);
    CHECK(order->purge.wants_refresh == c.wants_refresh);
  }
}

TEST_CASE("Each shipped mapping believes its CMS, and nobody else") {
  for (const MappingCase& c : cases) {
    INFO(c.mapping << " " << c.payload);
    config::Webhook hook = hook_in(c.mapping);
    const base::WallTime now{base::Duration(c.now_ms)};
    const Request request = request_of(c);
    CHECK(authenticate(hook, request, now).verdict == Verdict::authentic);
    if (hook.auth != config::HookAuth::bearer) {
      Request changed = request;
      changed.body.back() = ' ';
      CHECK(authenticate(hook, changed, now).verdict == Verdict::refused);
      CHECK(authenticate(hook, request, now + std::chrono::minutes(6)).verdict == Verdict::stale);
    }
    hook.secrets = {"another-secret-for-this-test"};
    CHECK(authenticate(hook, request, now).verdict == Verdict::refused);
  }
}

}  // namespace
}  // namespace larder::admin
