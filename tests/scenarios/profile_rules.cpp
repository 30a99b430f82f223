// No rule of a profile is decoration.
//
// Each is left out in turn, and then something of what the profile promises does not hold any more.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "larder/config/profile.hpp"
#include "support/scenario/larder.hpp"

using namespace scenario;
using larder::config::Profile;
using larder::config::ProfileRule;

namespace {

std::string cookie_of(const Request& request, const std::string& name) {
  const std::string cookies = "; " + request["Cookie"] + ";";
  const std::size_t begin = cookies.find("; " + name + "=");
  if (begin == std::string::npos) return "none";
  const std::size_t value = begin + name.size() + 3;
  return cookies.substr(value, cookies.find(';', value) - value);
}

// An unwary site: it makes its pages from what the visitor sends, and its fields never warn a cache. What the
// path names is added.
std::string page_for(const Request& request) {
  const std::string target = request.target();
  const auto names = [&](std::string_view word) { return target.find(word) != std::string::npos; };
  std::string body = "<html>" + target;
  for (const char* name : {"sessionid", "messages", "django_language", "theme", "_ga", "csrftoken"}) {
    body += std::string(" ") + name + ":" + cookie_of(request, name);
  }
  if (names("with-token")) body += "<input name=\"csrfmiddlewaretoken\" value=\"secret\">";
  if (names("with-bar")) body += "<div data-wagtail-userbar></div>";
  Lines lines{"Content-Type: text/html"};
  if (names("vary-cookie")) lines.emplace_back("Vary: Cookie");
  if (names("sets-cookie")) lines.emplace_back("Set-Cookie: basket=1");
  if (names("public")) lines.emplace_back("Cache-Control: public, max-age=600");
  return ok(body, lines);
}

class SiteUnderTest {
 public:
  explicit SiteUnderTest(const std::string& rules)
      : upstream_([](Request request) { request.respond(page_for(request)); }),
        larder_(upstream_, settings_with(rules)) {}

  Larder& larder() { return larder_; }
  Response get(const std::string& path, const std::string& cookie = {}) {
    Lines lines;
    if (!cookie.empty()) lines.push_back("Cookie: " + cookie);
    return larder_.get(path, lines);
  }
  bool is_stored_after_two(const std::string& path, const std::string& cookie = {}) {
    get(path, cookie);
    return get(path, cookie).is_hit();
  }
  // What one visitor fetched, asked for by a second.
  bool is_shared(const std::string& path, const std::string& first_cookie, const std::string& second_cookie) {
    get(path, first_cookie);
    return get(path, second_cookie).is_hit();
  }
  bool is_hit_after(const std::string& path, std::chrono::seconds time) {
    get(path);
    larder_.advance(time);
    const Response response = get(path);
    return response.is_hit() && !response.cache_status().has("detail");
  }

 private:
  static Settings settings_with(const std::string& rules) {
    Settings settings;
    settings.site = rules;
    return settings;
  }

  Upstream upstream_;
  Larder larder_;
};

struct Promise {
  std::string text;
  bool (*holds)(SiteUnderTest&);
  bool is_wagtails = false;  // not promised by the profile django
};

using namespace std::chrono_literals;

bool is_never_stored(SiteUnderTest& site, std::initializer_list<const char*> paths) {
  return std::none_of(paths.begin(), paths.end(),
                      [&](const char* path) { return site.is_stored_after_two(path); });
}

bool shares_with_everybody(SiteUnderTest& site, std::string_view path,
                           std::initializer_list<const char*> cookies) {
  return std::all_of(cookies.begin(), cookies.end(), [&](const char* cookie) {
    site.larder().purge("all");
    return site.is_shared(std::string(path), cookie, "") && site.is_shared(std::string(path), "", cookie);
  });
}

bool is_one_page(SiteUnderTest& site, std::initializer_list<const char*> queries) {
  site.larder().purge("all");
  site.get("/page/?a=1&b=2");
  return std::all_of(queries.begin(), queries.end(),
                     [&](const char* query) { return site.get(std::string("/page/?") + query).is_hit(); });
}

const std::vector<Promise>& promises() {
  static const std::vector<Promise> all{
      {"a page without any word about caching is kept",
       [](auto& site) { return site.is_stored_after_two("/page/"); }},
      {"who has a session gets the site's own page, also where everybody's is kept",
       [](auto& site) {
         site.get("/page/public/");
         return site.get("/page/public/", "sessionid=anna").body.find("sessionid:anna") != std::string::npos;
       }},
      {"a one-time message is shown, also where everybody's page is kept",
       [](auto& site) {
         site.get("/page/public/");
         return site.get("/page/public/", "messages=saved").body.find("messages:saved") != std::string::npos;
       }},
      {"a chosen language has its own page, which is kept",
       [](auto& site) {
         site.get("/page/", "django_language=de");
         return site.get("/page/", "django_language=fr").body.find("django_language:fr") !=
                    std::string::npos &&
                site.is_stored_after_two("/page/", "django_language=fr");
       }},
      {"cookies that change nothing share a page that varies on cookies",
       [](auto& site) {
         return shares_with_everybody(
             site, "/vary-cookie/",
             {"csrftoken=abcdef", "_ga=GA1.2.3", "_ga_A1B2=GS1.1", "_gid=GA1.2.4", "_gcl_au=1.1.2",
              "_fbp=fb.1.2", "_fbc=fb.1.3", "_pk_id.1.1fff=5", "_pk_ses.1.1fff=1"});
       }},
      {"campaign parameters are no pages of their own",
       [](auto& site) {
         return is_one_page(
             site, {"a=1&b=2&utm_source=x", "a=1&b=2&gclid=1", "a=1&b=2&gbraid=1", "a=1&b=2&wbraid=1",
                    "a=1&b=2&fbclid=1", "a=1&b=2&msclkid=1", "a=1&b=2&mc_cid=1", "a=1&b=2&mc_eid=1"});
       }},
      {"the order of parameters does not matter", [](auto& site) { return is_one_page(site, {"b=2&a=1"}); }},
      {"what an ignored cookie says does not reach the site, but for the token that Django renews",
       [](auto& site) {
         const std::string body = site.get("/page/", "_ga=evil; csrftoken=mine").body;
         return body.find("evil") == std::string::npos && body.find("csrftoken:mine") != std::string::npos;
       }},
      {"what a token opens is not kept",
       [](auto& site) {
         return is_never_stored(site, {"/page/?token=abc", "/page/?a=1&token=abc"});
       }},
      {"a page made from a cookie that no rule knows is not kept for others",
       [](auto& site) { return !site.is_shared("/page/", "theme=dark", ""); }},
      {"a page that sets a cookie is not kept, whatever it says",
       [](auto& site) { return is_never_stored(site, {"/public/sets-cookie/"}); }},
      {"the answer to a session is not kept where own rules let it past the bypass, for itself neither",
       [](auto& site) {
         return !site.is_shared("/own/public/", "sessionid=anna", "") &&
                !site.is_stored_after_two("/own/public/vary-cookie/", "sessionid=anna");
       }},
      {"a page with a CSRF token is not kept, whatever it says",
       [](auto& site) { return is_never_stored(site, {"/public/with-token/"}); }},
      {"a page with the user bar is not kept, whatever it says",
       [](auto& site) { return is_never_stored(site, {"/public/with-bar/"}); }, true},
      {"the admin is never kept, whatever it says",
       [](auto& site) {
         return is_never_stored(site, {"/admin/public/", "/accounts/public/"});
       }},
      {"Wagtail's admin is never kept",
       [](auto& site) { return is_never_stored(site, {"/django-admin/public/"}); }, true},
      {"documents are never kept",
       [](auto& site) { return is_never_stored(site, {"/documents/1/public.txt"}); }, true},
      {"documents are not kept by another way",
       [](auto& site) { return is_never_stored(site, {"/media/documents/public.txt"}); }, true},
      {"password forms are never kept", [](auto& site) { return is_never_stored(site, {"/_util/public/"}); },
       true},
      {"nor below a language", [](auto& site) { return is_never_stored(site, {"/de/_util/public/"}); }, true},
      {"answers to a search are not kept",
       [](auto& site) { return is_never_stored(site, {"/search/?query=public"}); }, true},
      {"nor below a language", [](auto& site) { return is_never_stored(site, {"/de/search/?query=public"}); },
       true},
      {"drafts are never kept",
       [](auto& site) { return is_never_stored(site, {"/api/v2/page_preview/public/"}); }, true},
      {"the API, which publishing does not purge, is a minute old at most, and another of grace",
       [](auto& site) { return !site.is_hit_after("/api/v2/pages/", 5min); }, true},
      {"a static file stays", [](auto& site) { return site.is_hit_after("/static/site.css", 30min); }},
      {"a rendition stays",
       [](auto& site) { return site.is_hit_after("/media/images/a.width-400.jpg", 240h); }, true},
      {"an upload stays for minutes", [](auto& site) { return site.is_hit_after("/media/a.jpg", 5min); }},
      {"made-up parameters find no place at last",
       [](auto& site) {
         for (int i = 0; i < 1000; ++i) site.get("/page/?x=" + std::to_string(i));
         return !site.is_stored_after_two("/page/?x=last");
       }},
  };
  return all;
}

// The first one that does not hold; empty when all do.
std::string broken_promise(Profile profile, const std::vector<ProfileRule>& rules) {
  const std::string own = "{match: \"/own/**\", ttl: 60s, cookies: {bypass: []}}";
  std::vector<ProfileRule> with_own = rules;
  const auto first_route = std::find_if(with_own.begin(), with_own.end(),
                                        [](const ProfileRule& rule) { return rule.place == "routes"; });
  with_own.insert(first_route, {"routes", own, "An own rule."});
  SiteUnderTest site(yaml_of(with_own));
  for (const Promise& promise : promises()) {
    if (promise.is_wagtails && profile == Profile::django) continue;
    site.larder().purge("all");
    if (!promise.holds(site)) return promise.text;
  }
  return {};
}

}  // namespace

TEST_CASE("A profile keeps its promises, and none of them without each of its rules") {
  const Profile profile = GENERATE(Profile::django, Profile::wagtail);
  const std::vector<ProfileRule> rules = rules_of(profile);
  INFO("profile " << name_of(profile));
  CHECK(broken_promise(profile, rules) == "");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    std::vector<ProfileRule> without = rules;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    INFO("without " << rules[i].place << ": " << rules[i].item);
    CHECK_FALSE(broken_promise(profile, without).empty());
  }
}
