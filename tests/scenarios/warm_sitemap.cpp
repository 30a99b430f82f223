// A sitemap names the pages to warm: by its priorities, of this site alone, and within bounds.
#include <zlib.h>
#include <catch2/catch.hpp>

#include "support/scenario/jobs.hpp"

using namespace scenario;
using nlohmann::json;

namespace {

std::string urlset(const std::string& entries) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""
         " xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\">" +
         entries + "</urlset>";
}

std::string entry(const std::string& url, const std::string& priority = "") {
  return "<url><loc>\n  " + url + " </loc><lastmod>2026-01-01</lastmod>" +
         (priority.empty() ? "" : "<priority>" + priority + "</priority>") +
         "<image:image><image:loc>http://www.example.com/image/</image:loc></image:image></url>";
}

std::string index_of(const std::vector<std::string>& urls) {
  std::string text = "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">";
  for (const std::string& url : urls) text += "<sitemap><loc>" + url + "</loc></sitemap>";
  return text + "</sitemapindex>";
}

std::string packed(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Failure("deflateInit2");
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Answers what is asked for by name, and notes the order; anything else is a page.
struct Site {
  explicit Site(std::map<std::string, std::string> files) : documents(std::move(files)) {
    upstream.handle([this](Request request) {
      const std::string target = request.target();
      {
        const std::scoped_lock lock(mutex);
        asked.push_back(target);
      }
      const auto found = documents.find(target);
      request.respond(found == documents.end() ? fresh("page") : response_text("200 OK", found->second));
    });
  }
  std::vector<std::string> targets() {
    const std::scoped_lock lock(mutex);
    return asked;
  }
  std::map<std::string, std::string> documents;
  std::mutex mutex;
  std::vector<std::string> asked;
  Upstream upstream;
};

json warm_sitemap(const Larder& larder, const std::string& path = "/sitemap.xml") {
  return ended_job(larder, warm(larder, {{"sitemap", url_of(path)}, {"concurrency", 1}}));
}

using Targets = std::vector<std::string>;

}  // namespace

TEST_CASE("A sitemap's pages are warmed by its priorities, the highest first") {
  Site site(
      {{"/sitemap.xml", urlset(entry(url_of("/low/"), "0.1") + entry(url_of("/plain/")) +
                               entry(url_of("/high/?a=1&amp;b=2"), "1.0") + entry(url_of("/odd/"), "x"))}});
  const Larder larder(site.upstream);
  const json ended = warm_sitemap(larder);
  CHECK(ended["state"] == "finished");
  CHECK(ended["fetched"] == 4);
  CHECK(ended["failed"] == 0);
  CHECK(site.targets() == Targets{"/sitemap.xml", "/high/?a=1&b=2", "/plain/", "/odd/", "/low/"});
  CHECK(larder.get("/high/?a=1&b=2", {"Accept-Encoding: gzip, deflate"}).is_hit());
}

TEST_CASE("An index of sitemaps, packed or not, gives the pages of all of them by priority") {
  Site site({{"/sitemap.xml", index_of({url_of("/a.xml"), url_of("/b.xml.gz")})},
             {"/a.xml", urlset(entry(url_of("/a/"), "0.2"))},
             {"/b.xml.gz", packed(urlset(entry(url_of("/b/"), "0.9")))}});
  const Larder larder(site.upstream);
  CHECK(warm_sitemap(larder)["fetched"] == 2);
  CHECK(site.targets() == Targets{"/sitemap.xml", "/a.xml", "/b.xml.gz", "/b/", "/a/"});
}

TEST_CASE("An index within an index is not followed, be it the index itself") {
  Site site({{"/sitemap.xml", index_of({url_of("/sitemap.xml"), url_of("/inner.xml"), url_of("/a.xml")})},
             {"/inner.xml", index_of({url_of("/sitemap.xml"), url_of("/b.xml")})},
             {"/a.xml", urlset(entry(url_of("/a/")))}});
  const Larder larder(site.upstream);
  const json ended = warm_sitemap(larder);
  CHECK(ended["state"] == "finished");
  CHECK(ended["fetched"] == 1);
  CHECK(ended["failed"] == 2);
  CHECK(ended["errors"][0] == json{{"url", url_of("/sitemap.xml")}, {"error", "an index within an index"}});
  CHECK(ended["errors"][1] == json{{"url", url_of("/inner.xml")}, {"error", "an index within an index"}});
  CHECK(site.targets() == Targets{"/sitemap.xml", "/sitemap.xml", "/inner.xml", "/a.xml", "/a/"});
}

TEST_CASE("No more of an index is read than a thousand sitemaps") {
  std::vector<std::string> urls(1003, url_of("/a.xml"));
  Site site({{"/sitemap.xml", index_of(urls)}, {"/a.xml", urlset(entry(url_of("/a/")))}});
  const Larder larder(site.upstream);
  const json ended = warm_sitemap(larder);
  CHECK(ended["errors"][0]["error"] == "it lists more than 1,000 sitemaps");
  CHECK(ended["fetched"] == 1);
  CHECK(ended["skipped"] == 999);
  CHECK(site.targets().size() == 1002);
}

TEST_CASE("Neither pages nor sitemaps of another host are asked for") {
  Site site({{"/sitemap.xml", index_of({url_of("/a.xml"), "http://other.example/b.xml"})},
             {"/a.xml",
              urlset(entry("http://169.254.169.254/latest/") + entry(url_of("/a/")) + entry("ftp://x/"))}});
  const Larder larder(site.upstream);
  const json ended = warm_sitemap(larder);
  CHECK(ended["fetched"] == 1);
  CHECK(ended["failed"] == 3);
  CHECK(ended["errors"][0] == json{{"url", "http://other.example/b.xml"}, {"error", "of another host"}});
  CHECK(ended["errors"][1]["url"] == "http://169.254.169.254/latest/");
  CHECK(site.targets() == Targets{"/sitemap.xml", "/a.xml", "/a/"});
}

TEST_CASE("With hosts, a sitemap may name the pages of all of them") {
  Site site({{"/sitemap.xml", urlset(entry("http://example.com/a/") + entry("http://shop.example/b/") +
                                     entry("http://other.example/c/"))}});
  const Larder larder(site.upstream, {.site = "hosts:\n  - {name: www.example.com, aliases: [example.com]}\n"
                                              "  - {name: shop.example}\n",
                                      .upstream = {},
                                      .public_listener = {}});
  const json ended = warm_sitemap(larder);
  CHECK(ended["fetched"] == 2);
  CHECK(ended["failed"] == 1);
  CHECK(larder.get("/a/", {"Accept-Encoding: gzip, deflate"}).is_hit());
}

TEST_CASE("A sitemap that cannot be read fails its job, and says why") {
  std::string many;
  for (int i = 0; i < 50'001; ++i) many += "<url><loc>/</loc></url>";
  std::string nested;
  for (int i = 0; i < 1'000'000; ++i) nested += "<a>";
  Site site({{"/cut.xml", urlset(entry(url_of("/a/"))).substr(0, 200)},
             {"/html.xml", "<html><body/></html>"},
             {"/empty.xml", ""},
             {"/bomb.xml", "<!DOCTYPE urlset [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" + urlset("&b;")},
             {"/nested.xml.gz", packed(urlset(nested))},
             {"/many.xml.gz", packed(urlset(many))},
             {"/large.xml.gz", packed(urlset(std::string(51u << 20, ' ')))},
             {"/cut.xml.gz", packed(urlset(entry(url_of("/a/")))).substr(0, 60)}});
  const Larder larder(site.upstream);
  const auto why = [&larder](const std::string& path) {
    const json ended = warm_sitemap(larder, path);
    CHECK(ended["state"] == "failed");
    CHECK(ended["fetched"] == 0);
    return ended["errors"][0]["error"].get<std::string>();
  };
  CHECK(why("/cut.xml").starts_with("not a sitemap: line "));
  CHECK(why("/html.xml") == "not a sitemap: it is neither a urlset nor a sitemapindex");
  CHECK(why("/empty.xml") == "not a sitemap: line 1: no element found");
  CHECK(why("/bomb.xml") == "not a sitemap: it has a DTD");
  CHECK(why("/nested.xml.gz") == "not a sitemap: its elements are nested deeper than 32");
  CHECK(why("/many.xml.gz") == "not a sitemap: it has more than 50,000 entries");
  CHECK(why("/large.xml.gz") == "not a sitemap: it is larger than 50 MiB");
  CHECK(why("/cut.xml.gz") == "not a sitemap: its gzip packing is cut short");
  site.upstream.handle([](Request request) { request.respond(response_text("404 Not Found", "no")); });
  CHECK(why("/missing.xml") == "answered 404");
}

TEST_CASE("The URLs that an index's sitemaps name are bounded by their size") {
  std::string many;
  const std::string path(8000, 'a');
  for (int i = 0; i < 1500; ++i) many += "<url><loc>http://other.example/" + path + "</loc></url>";
  Site site({{"/sitemap.xml", index_of({url_of("/a.xml.gz"), url_of("/b.xml.gz"), url_of("/c.xml.gz")})},
             {"/a.xml.gz", packed(urlset(many))},
             {"/b.xml.gz", packed(urlset(many))}});
  const Larder larder(site.upstream);
  const json ended = warm_sitemap(larder);
  CHECK(ended["errors"][0]["error"] == "URLs of more than 16 MiB together");
  CHECK(ended["failed"].get<int>() > 1500);
  CHECK(ended["failed"].get<int>() < 3000);
  CHECK(site.targets() == Targets{"/sitemap.xml", "/a.xml.gz", "/b.xml.gz"});
}

TEST_CASE("A job whose sitemap has not been read can be cancelled") {
  Upstream upstream;
  const Larder larder(upstream);
  const std::string first = warm(larder, {{"sitemap", url_of("/sitemap.xml")}});
  const std::string second = warm(larder, {{"sitemap", url_of("/sitemap.xml")}});
  Request held = upstream.next_request();
  for (const std::string& id : {second, first}) {
    CHECK(ask(larder.admin_port(), "DELETE", "/api/jobs/" + id).status == 200);
    CHECK(ended_job(larder, id)["state"] == "cancelled");
  }
  held.wait_until_abandoned();
  CHECK(upstream.requests() == 1);
}

TEST_CASE("What warm.on_start names is fetched when the sidecar starts") {
  Site site({{"/sitemap.xml", urlset(entry(url_of("/a/")))}});
  const Larder larder(site.upstream,
                      {.site = "warm: {on_start: {urls: [\"http://www.example.com/first/\"], "
                               "sitemap: \"http://www.example.com/sitemap.xml\", concurrency: 1}}\n",
                       .upstream = {},
                       .public_listener = {}});
  const json ended = ended_job(larder, "1");
  CHECK(ended["cause"] == "start");
  CHECK(ended["fetched"] == 2);
  CHECK(larder.get("/first/", {"Accept-Encoding: gzip, deflate"}).is_hit());
  CHECK(larder.get("/a/", {"Accept-Encoding: gzip, deflate"}).is_hit());
}

TEST_CASE("The start waits for an upstream that is still starting, with growing pauses") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  upstream.stop();
  Larder larder(upstream, {.site = "warm: {on_start: {urls: [\"http://www.example.com/page/\"]}}\n",
                           .upstream = {},
                           .public_listener = {}});
  int retried = 0;
  for (const int pause : {1, 2, 4}) {
    wait_until("the page to be put off again", [&] { return job(larder, "1")["retried"] > retried; });
    ++retried;
    CHECK(job(larder, "1")["state"] == "running");
    CHECK(job(larder, "1")["done"] == 0);
    if (pause == 4) upstream.start();
    larder.advance(std::chrono::seconds(pause));
  }
  const json ended = ended_job(larder, "1");
  CHECK(ended["state"] == "finished");
  CHECK(ended["fetched"] == 1);
  CHECK(ended["failed"] == 0);
  CHECK(ended["retried"].get<int>() >= 3);
  CHECK(larder.get("/page/", {"Accept-Encoding: gzip, deflate"}).is_hit());
}

TEST_CASE("The start waits for its sitemap as for its pages") {
  Site site({{"/sitemap.xml", urlset(entry(url_of("/a/")))}});
  site.upstream.stop();
  Larder larder(site.upstream,
                {.site = "warm: {on_start: {sitemap: \"http://www.example.com/sitemap.xml\"}}\n",
                 .upstream = {},
                 .public_listener = {}});
  wait_until("the sitemap to be put off", [&] { return job(larder, "1")["retried"] >= 1; });
  site.upstream.start();
  larder.advance(std::chrono::seconds(1));
  const json ended = ended_job(larder, "1");
  CHECK(ended["state"] == "finished");
  CHECK(ended["fetched"] == 1);
  CHECK(ended["failed"] == 0);
}

TEST_CASE("A page of the start that fails beside others that do not is tried no more") {
  Upstream upstream([](Request request) {
    request.respond(request.target() == "/good/" ? fresh("page")
                                                 : response_text("503 Service Unavailable", "no"));
  });
  const Larder larder(upstream, {.site = "warm: {on_start: {urls: [\"http://www.example.com/good/\", "
                                         "\"http://www.example.com/bad/\"], concurrency: 1}}\n",
                                 .upstream = {},
                                 .public_listener = {}});
  const json ended = ended_job(larder, "1");
  CHECK(ended["fetched"] == 1);
  CHECK(ended["failed"] == 1);
  CHECK(ended["retried"] == 0);
}

TEST_CASE("The start gives up on an upstream that stays away") {
  Upstream upstream;
  upstream.stop();
  Larder larder(upstream, {.site = "warm: {on_start: {urls: [\"http://www.example.com/page/\"]}}\n",
                           .upstream = {},
                           .public_listener = {}});
  json last;
  wait_until("the job to end", [&] {
    last = job(larder, "1");
    larder.advance(std::chrono::seconds(30));
    return !last["finished"].is_null();
  });
  CHECK(last["failed"] == 1);
  CHECK(last["retried"] > 0);
  CHECK(last["errors"][0]["error"] == "answered 502");
}

TEST_CASE("A job that is not the start's tells at once that the upstream is away") {
  Upstream upstream;
  upstream.stop();
  const Larder larder(upstream);
  const json ended = ended_job(larder, warm(larder, {{"urls", {url_of("/page/")}}}));
  CHECK(ended["failed"] == 1);
  CHECK(ended["retried"] == 0);
}

TEST_CASE("What a job found fresh is not in use for that") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  const Larder larder(upstream);
  const json urls{url_of("/page/")};
  for (int i = 0; i < 3; ++i) ended_job(larder, warm(larder, {{"urls", urls}}));
  CHECK(ended_job(larder, warm(larder, {{"hot", 5}}))["total"] == 0);
  larder.get("/page/", {"Accept-Encoding: gzip, deflate"});
  CHECK(ended_job(larder, warm(larder, {{"hot", 5}}))["total"] == 1);
}

TEST_CASE("The hottest stored pages are fetched again where they are stale") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream);
  for (int i = 0; i < 4; ++i) larder.get("/often/");
  for (int i = 0; i < 3; ++i) larder.get("/sometimes/");
  for (int i = 0; i < 2; ++i) larder.get("/seldom/");
  larder.advance(std::chrono::seconds(61));
  const json ended = ended_job(larder, warm(larder, {{"hot", 2}}));
  CHECK(ended["total"] == 2);
  CHECK(ended["fetched"] == 2);
  CHECK(larder.get("/often/").is_hit());
  CHECK(larder.get("/sometimes/").is_hit());
  CHECK_FALSE(larder.get("/seldom/").is_hit());
}
