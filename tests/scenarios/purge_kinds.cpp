// Every selector, hard and soft, takes every kind of thing that is stored.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "support/scenario/larder.hpp"
#include "support/scenario/waiting.hpp"

using namespace scenario;

namespace {

// A page of its own for each case, whose answers say how often the upstream was asked.
struct Page {
  std::string slug;
  std::string path;
};

struct Kind {
  const char* name;
  const char* folder;
  Lines lines;                  // of the requests
  const char* method = "GET";   // by which it comes into the store
  bool is_stale_softly = true;  // else a soft purge is as hard
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"a page", "/blog/", {}},
      {"a variant", "/blog/", {"Accept-Language: de"}},
      {"a part", "/blog/", {"Range: bytes=4-9"}, "GET", false},  // answers only while it is fresh
      {"a private copy", "/account/", {"Cookie: sessionid=anna"}},
      {"a POST's answer", "/blog/", {}, "POST"},
      {"a page without grace", "/plain/", {}, "GET", false},
  };
  return all;
}

std::vector<std::string> selectors_of(const Page& page, const std::string& folder) {
  return {"url:http://www.example.com" + page.path,
          "url:" + page.path,
          "path:" + page.path,
          "path:http://www.example.com" + page.path,
          "prefix:" + folder + page.slug.substr(0, page.slug.size() - 1),
          "host:www.example.com",
          "tag:footer",
          "tag:foo*",
          "tag:by-route",
          "slug:" + page.slug,
          "tag:slug:" + page.slug,
          "all"};
}

std::string answer_to(const Request& request, int count) {
  const std::string text = std::to_string(100'000'000 + count) + "0";  // ten bytes
  const bool is_plain = request.target().starts_with("/plain/");
  Lines lines{
      "Surrogate-Key: menu footer", "Vary: Accept-Language",
      is_plain ? "Cache-Control: max-age=60" : "Cache-Control: max-age=60, stale-while-revalidate=60"};
  if (request.method() == "POST") {
    lines.push_back("Content-Location: " + request.target());
    lines.erase(lines.begin() + 1);  // the GET that it answers names no language either
  }
  if (!request.has("Range")) return ok(text, lines);
  lines.push_back("Content-Range: bytes 4-9/10");
  return response_text("206 Partial Content", text.substr(4), lines);
}

const Settings settings{
    .site =
        "routes:\n"
        "  - {match: \"/blog/{slug}/\", tags: [by-route]}\n"
        "  - {match: \"/plain/{slug}/\", tags: [by-route]}\n"
        "  - {match: \"/account/{slug}/\", tags: [by-route], cookies: {vary: [sessionid]}}\n",
    .upstream = {},
    .public_listener = {}};

void check(Larder& larder, const Kind& kind, const Page& page, const std::string& selector,
           const std::string& mode) {
  INFO(mode << " " << selector << " takes " << kind.name);
  const std::string body = std::string(kind.method) == "POST" ? "x=1" : "";
  const auto insertions = [&larder] { return larder.site().store.stats().insertions; };
  const std::uint64_t earlier = insertions();
  ask(larder.port(), kind.method, page.path, kind.lines, body);
  wait_until("the answer to be stored", [&] { return insertions() > earlier; });
  const Response before = larder.get(page.path, kind.lines);
  REQUIRE(before.is_hit());
  larder.purge(selector, mode);
  const Response after = larder.get(page.path, kind.lines);
  if (mode == "soft" && kind.is_stale_softly) {
    CHECK(after.body == before.body);
    CHECK(after.cache_status()["detail"] == "soft-purged");
    larder.wait_for_no_flight();  // refreshed behind
    CHECK(larder.get(page.path, kind.lines).body != before.body);
  } else {
    CHECK_FALSE(after.is_hit());
    CHECK(after.body != before.body);
  }
}

}  // namespace

TEST_CASE("Every selector, hard and soft, takes every kind of thing that is stored") {
  std::atomic<int> count = 0;
  Upstream upstream([&count](Request request) {
    const std::string answer = answer_to(request, ++count);
    request.respond(answer);
  });
  Larder larder(upstream, settings);
  int number = 1000;
  for (const Kind& kind : kinds()) {
    const std::size_t selector_count = selectors_of({"s", "/"}, "/").size();
    for (std::size_t i = 0; i < selector_count; ++i) {
      for (const char* mode : {"hard", "soft"}) {
        const std::string slug = "post-" + std::to_string(++number) + "-";
        const Page page{slug, kind.folder + slug + "/"};
        check(larder, kind, page, selectors_of(page, kind.folder)[i], mode);
      }
    }
  }
}

TEST_CASE("Several selectors are one line: no visitor finds the one applied and the other not") {
  Upstream upstream([](Request request) { request.respond(fresh("page", 3600)); });
  Larder larder(upstream);
  const larder::cache::PurgeLog& log = larder.site().purge_log;
  const Lines paths{"/a/", "/b/"};
  for (int round = 0; round < 50; ++round) {
    for (const std::string& path : paths) larder.get(path);
    std::atomic<bool> is_over = false;
    std::atomic<int> torn = 0;
    // Of two pages that one line outdates: with what is loaded once, both are valid or neither is.
    const auto stored = [&larder](const std::string& path) {
      larder::cache::StoredPtr found;
      for (std::size_t shard = 0; shard < larder.site().store.shard_count(); ++shard) {
        larder.site().store.walk_shard(shard, [&](const larder::cache::StoredPtr& each, std::uint32_t) {
          if (each->key().path() == path) found = each;
          return true;
        });
      }
      return found;
    };
    const auto a = stored("/a/");
    const auto b = stored("/b/");
    REQUIRE((a && b));
    std::thread reader([&] {
      while (!is_over) {
        const std::uint64_t newest = log.newest();
        const bool is_a_gone = log.validity(*a, newest) == larder::cache::Validity::outdated;
        const bool is_b_gone = log.validity(*b, log.newest()) == larder::cache::Validity::outdated;
        if (is_a_gone && !is_b_gone) ++torn;
      }
    });
    const Response response =
        ask(larder.admin_port(), "POST", "/api/purge", {"Content-Type: application/json"},
            R"({"select": ["path:/a/", "path:/b/"]})");
    CHECK(response.status == 200);
    is_over = true;
    reader.join();
    CHECK(torn == 0);
    CHECK(log.newest() == static_cast<std::uint64_t>(round + 1));
  }
}
