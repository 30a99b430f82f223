// The cache key's text and its parts (key.hpp).
#include "larder/cache/key.hpp"

#include <catch2/catch.hpp>

#include "larder/base/hash.hpp"
#include "larder/cache/private_copy.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

http::Target target(const char* host, const char* path, std::optional<const char*> query) {
  http::Target result;
  result.scheme = "http";
  result.host = host;
  result.path = path;
  result.has_query = query.has_value();
  if (query) result.query = *query;
  return result;
}

CacheKey key_of(const http::Target& target, const RoutePolicy& policy, const char* request = "") {
  CacheKey key;
  make_key(target, fixture::fields(request), policy, key);
  return key;
}

TEST_CASE("a key's text has scheme, host, path and query") {
  const CacheKey key = key_of(target("example.com:8080", "/a/b", "c=d"), {});
  CHECK(key.text == "http://example.com:8080/a/b?c=d");
  CHECK(key.host() == "example.com:8080");
  CHECK(key.path() == "/a/b");
  CHECK(key.url() == "example.com:8080/a/b?c=d");
  CHECK(key.hash == base::hash64(key.text));
}

struct PresenceCase {
  const char* name;
  bool has_rule;
  std::optional<const char*> query;
  const char* text;
};

const PresenceCase presence_cases[] = {
    {"no query", false, std::nullopt, "http://h/a"},
    {"an empty query is another key", false, "", "http://h/a?"},
    {"byte for byte", false, "b=%7e&&a;=|", "http://h/a?b=%7e&&a;=|"},
    {"a rule: no query", true, std::nullopt, "http://h/a"},
    {"a rule: an empty query is none", true, "", "http://h/a"},
    {"a rule: one of ignored parameters is none", true, "utm_x=1", "http://h/a"},
    {"a rule: the rest is kept", true, "utm_x=1&a=2", "http://h/a?a=2"},
};

TEST_CASE("a question mark counts only where no rule speaks of the query") {
  for (const PresenceCase& row : presence_cases) {
    INFO(row.name);
    RoutePolicy policy;
    if (row.has_rule) policy.query.ignore = {"utm_*"};
    CHECK(key_of(target("h", "/a", row.query), policy).text == row.text);
  }
}

struct CookieCase {
  const char* name;
  const char* request;
  const char* text;
};

const CookieCase cookie_cases[] = {
    {"none", "", "http://h/a?q"},
    {"another", "Cookie: x=1", "http://h/a?q"},
    {"one", "Cookie: x=1; lang=de", "http://h/a?q\nlang=de"},
    {"an empty value is not none", "Cookie: lang=", "http://h/a?q\nlang="},
    {"two of one name", "Cookie: lang=de; lang=fr", "http://h/a?q\nlang=de;lang=fr"},
    {"on two lines", "Cookie: lang=de\nCookie: lang=fr", "http://h/a?q\nlang=de;lang=fr"},
    {"in the rule's order, whatever the request's", "Cookie: theme=b; lang=de",
     "http://h/a?q\nlang=de;theme=b"},
    {"white space around", "Cookie:  lang=de ;x=1", "http://h/a?q\nlang=de"},
    {"a name that a lenient server reads", "Cookie: \xc2\xa0lang=de", "http://h/a?q\n\xc2\xa0lang=de"},
};

TEST_CASE("the cookies a route varies on are part of the key") {
  RoutePolicy policy;
  policy.cookies.vary = {"lang", "theme"};
  for (const CookieCase& row : cookie_cases) {
    INFO(row.name);
    const CacheKey key = key_of(target("h", "/a", "q"), policy, row.request);
    CHECK(key.text == row.text);
    CHECK(key.url() == "h/a?q");
  }
}

TEST_CASE("a reused key keeps its memory") {
  CacheKey key;
  RoutePolicy policy;
  policy.query.sort = true;
  const auto sorted = target("example.com", "/a", "d=4&c=3&b=2&a=1");
  make_key(sorted, {}, policy, key);
  const char* memory = key.text.data();
  make_key(sorted, {}, policy, key);
  CHECK(key.text == "http://example.com/a?a=1&b=2&c=3&d=4");
  CHECK(key.text.data() == memory);
  make_key(target("h", "/", std::nullopt), {}, policy, key);
  CHECK(key.text == "http://h/");
  CHECK(key.path_end == key.url_end);
}

struct BypassCase {
  const char* name;
  const char* request;
  bool has_it;
};

const BypassCase bypass_cases[] = {
    {"no cookie", "Accept: a/b", false},
    {"another", "Cookie: a=b", false},
    {"it", "Cookie: sessionid=x", true},
    {"it among others", "Cookie: a=b;sessionid=x ;c=d", true},
    {"on a second line", "Cookie: a=b\nCookie: sessionid=x", true},
    {"without a value", "Cookie: sessionid=", true},
    {"without '='", "Cookie: sessionid", true},
    {"by a pattern", "Cookie: wp_logged_in_1=x", true},
    {"as a value", "Cookie: a=sessionid", false},
    {"as a part of a name", "Cookie: xsessionid=x", false},
    {"names have case", "Cookie: SessionId=x", false},
    {"space before '='", "Cookie: sessionid =x", true},
    {"a name that a lenient server reads", "Cookie: \xa0sessionid=x", true},
    {"behind pairs that are empty or have no name", "Cookie: ;; ; =a; \xa0; \xa0=b;sessionid=x", true},
    {"behind pairs without '='", "Cookie: a; s; sessionid", true},
    {"as another's value", "Cookie: a=sessionid; b= sessionid", false},
};

TEST_CASE("a bypass cookie is found wherever a server would find it") {
  CookieRule rule;
  rule.bypass = {"sessionid", "wp_logged_in_*"};
  for (const BypassCase& row : bypass_cases) {
    INFO(row.name);
    CHECK(cookie_facts_of(fixture::fields(row.request), rule).has_bypass == row.has_it);
    CHECK_FALSE(cookie_facts_of(fixture::fields(row.request), {}).has_bypass);
  }
}

TEST_CASE("a pattern for every name is met by a cookie without one, and a pattern of nothing by it alone") {
  CookieRule every;
  every.bypass = {"*"};
  CookieRule nameless;
  nameless.bypass = {""};
  for (const char* cookies : {"=x", "a=1; =x", "a=1;\xa0=x"}) {
    INFO(cookies);
    const http::Fields request = fixture::fields(std::string("Cookie: ") + cookies);
    CHECK(cookie_facts_of(request, every).has_bypass);
    CHECK(cookie_facts_of(request, nameless).has_bypass);
  }
  CHECK(cookie_facts_of(fixture::fields("Cookie: a=1"), every).has_bypass);
  CHECK_FALSE(cookie_facts_of(fixture::fields("Cookie: a=1"), nameless).has_bypass);
}

}  // namespace
}  // namespace larder::cache
