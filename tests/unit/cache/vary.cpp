// Variants (RFC 9111 section 4.1).
#include "larder/cache/vary.hpp"

#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

struct SpecCase {
  const char* name;
  const char* response;
  const char* text;
};

const SpecCase spec_cases[] = {
    {"none", "Date: x", ""},
    {"an empty one", "Vary: ", ""},
    {"one", "Vary: Accept-Encoding", "accept-encoding"},
    {"sorted, lower case, once", "Vary: Cookie, ACCEPT, cookie", "accept,cookie"},
    {"two lines", "Vary: b\nVary: a", "a,b"},
    {"empty members", "Vary: ,a,,b,", "a,b"},
    {"*", "Vary: *", "*"},
    {"* among others", "Vary: a, *, b", "*"},
    {"* on another line", "Vary: a\nVary: *", "*"},
    {"no field name", "Vary: a b", "*"},
    {"a quoted one", "Vary: \"a,b\"", "*"},
    {"a name that no fetch carries", "Vary: a_b", "*"},
    // What the other fields imply.
    {"a coding", "Content-Encoding: gzip", "accept-encoding"},
    {"a coding, as Vary says", "Content-Encoding: br\nVary: Accept-Encoding", "accept-encoding"},
    {"a coding beside another name", "Content-Encoding: br\nVary: Accept", "accept,accept-encoding"},
    {"no coding", "Content-Encoding: Identity", ""},
    {"one origin let in", "Access-Control-Allow-Origin: https://a.example", "origin"},
    {"any origin let in", "Access-Control-Allow-Origin: *", ""},
    {"a coding and *", "Content-Encoding: br\nVary: *", "*"},
};

TEST_CASE("what Larder itself tells the upstream makes no variants (4.1)") {
  for (const char* name :
       {"X-Forwarded-For", "Forwarded", "Via", "x-real-ip", "X-Forwarded-Port", "Foo, via"}) {
    INFO(name);
    CHECK(vary_of(fixture::fields(std::string("Vary: ") + name)).is_star);
  }
  // In the key already.
  const VarySpec spec = vary_of(fixture::fields("Vary: Host, X-Forwarded-Proto, Foo, X-Forwarded-Host"));
  CHECK(spec.names == std::vector<std::string>{"foo"});
  CHECK_FALSE(spec.is_star);
}

TEST_CASE("the fields that Vary names") {
  for (const SpecCase& row : spec_cases) {
    INFO(row.name);
    const VarySpec spec = vary_of(fixture::fields(row.response));
    CHECK(text_of(spec) == row.text);
    CHECK(vary_from_text(row.text) == spec);
  }
}

struct MatchCase {
  const char* name;
  const char* vary;
  const char* one;
  const char* other;
  bool is_match;
};

// "match if and only if those in the first request can be transformed to those in the second request by ..."
const MatchCase match_cases[] = {
    {"the same", "foo", "Foo: a", "Foo: a", true},
    {"names have no case", "foo", "FOO: a", "foo: a", true},
    {"another value", "foo", "Foo: a", "Foo: b", false},
    {"values have case", "foo", "Foo: a", "Foo: A", false},
    {"absent is only absent", "foo", "Bar: a", "", true},
    {"absent is not present", "foo", "", "Foo: a", false},
    {"absent is not empty", "foo", "", "Foo: ", false},
    {"adding white space", "foo", "Foo: a,b", "Foo: a ,\t b", true},
    {"combining lines", "foo", "Foo: a\nFoo: b", "Foo: a, b", true},
    {"order may mean something", "foo", "Foo: a, b", "Foo: b, a", false},
    {"white space in quotes is data", "foo", "Foo: \"a,b\"", "Foo: \"a, b\"", false},
    {"white space within a member is data", "foo", "Foo: a b", "Foo: ab", false},
    {"fields that are not named", "foo", "Foo: a\nBar: 1", "Foo: a\nBar: 2", true},
    {"two fields, both the same", "bar,foo", "Foo: a\nBar: 1", "Bar: 1\nFoo: a", true},
    {"two fields, one differs", "bar,foo", "Foo: a\nBar: 1", "Bar: 2\nFoo: a", false},
    {"a value does not move to the next field", "bar,foo", "Bar: a", "Foo: a", false},
    {"empty and absent do not trade places", "bar,foo", "Bar: ", "Foo: ", false},
    {"a value that looks like the separators", "bar,foo", "Bar: a=b", "Bar: a\nFoo: b", false},
    {"User-Agent is no list", "user-agent", "User-Agent: x (a,b)", "User-Agent: x (a, b)", false},
    {"Accept-Encoding has no case", "accept-encoding", "Accept-Encoding: GZIP, Br",
     "Accept-Encoding: gzip, br", true},
    {"Accept-Encoding: space around ';'", "accept-encoding", "Accept-Encoding: gzip ; q=0.5,br",
     "Accept-Encoding: gzip;q=0.5, br", true},
    {"Accept-Encoding: space elsewhere", "accept-encoding", "Accept-Encoding: gz ip", "Accept-Encoding: gzip",
     false},
    {"Accept-Encoding: order means nothing", "accept-encoding", "Accept-Encoding: gzip, br",
     "Accept-Encoding: br, gzip", true},
    {"Accept-Encoding: empty is not absent", "accept-encoding", "Accept-Encoding: ", "", false},
    {"Accept-Language: order is left alone", "accept-language", "Accept-Language: en, de",
     "Accept-Language: de, en", false},
    {"Accept: order is left alone", "accept", "Accept: text/html, text/plain",
     "Accept: text/plain, text/html", false},
    {"Accept-Language has no case", "accept-language", "Accept-Language: EN-gb", "Accept-Language: en-GB",
     true},
    {"Accept-Language: empty is not absent", "accept-language", "Accept-Language: ", "", false},
    {"Authorization", "authorization", "Authorization: Basic YQ==", "Authorization: Basic Yg==", false},
    {"cookies", "cookie", "Cookie: a=1; b=2", "Cookie: a=1; b=2", true},
    {"cookies: white space", "cookie", "Cookie: a=1;b=2", "Cookie: a=1; b=2", true},
    {"cookies: lines", "cookie", "Cookie: a=1\nCookie: b=2", "Cookie: a=1; b=2", true},
    {"cookies: order", "cookie", "Cookie: a=1; b=2", "Cookie: b=2; a=1", false},
    {"cookies: ignored", "cookie", "Cookie: _ga=1; a=1; _gid=2", "Cookie: a=1", true},
    {"cookies: only ignored are none", "cookie", "Cookie: _ga=1", "", true},
    {"cookies: empty is not absent", "cookie", "Cookie: ", "", false},
    {"cookies: one is not none", "cookie", "Cookie: a=1", "", false},
    {"cookies: a comma is data", "cookie", "Cookie: a=1,2", "Cookie: a=1, 2", false},
    {"nothing varies", "", "Foo: a", "Foo: b", true},
};

TEST_CASE("which requests select the same variant") {
  CookieRule cookies;
  cookies.ignore = {"_ga*", "_gid"};
  for (const MatchCase& row : match_cases) {
    INFO(row.name);
    const VarySpec spec = vary_from_text(row.vary);
    const std::string one = secondary_key(spec, fixture::fields(row.one), cookies);
    const std::string other = secondary_key(spec, fixture::fields(row.other), cookies);
    CHECK((one == other) == row.is_match);
    std::string reused = "something";
    make_secondary_key(row.vary, fixture::fields(row.one), cookies, reused);
    CHECK(reused == one);
  }
}

TEST_CASE("without Vary the secondary key is empty") {
  CHECK(secondary_key({}, fixture::fields("Foo: a"), {}).empty());
}

}  // namespace
}  // namespace larder::cache
