// The cookies that a fetch is made with, and those that nothing in the key answers for.
#include <catch2/catch.hpp>

#include "larder/cache/request_cookies.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

CookieRule rule() {
  CookieRule rule;
  rule.ignore = {"csrftoken", "_ga*"};
  rule.vary = {"language"};
  rule.forward_ignored = {"csrftoken"};
  return rule;
}

struct Case {
  const char* name;
  const char* fields;
  bool is_unkeyed;
  const char* fetched_with;  // without the ignored ones
  const char* for_others;    // without the unkeyed ones too
};

const Case cases[] = {
    {"none", "", false, "", ""},
    {"an ignored one", "Cookie: _ga=1", false, "", ""},
    {"one that goes upstream though ignored", "Cookie: csrftoken=a1", false, "csrftoken=a1", "csrftoken=a1"},
    {"one of the key", "Cookie: language=de", false, "language=de", "language=de"},
    {"another", "Cookie: theme=dark", true, "theme=dark", ""},
    {"among others", "Cookie: _ga=1; theme=dark; language=de", true, "theme=dark; language=de",
     "language=de"},
    {"on a second line", "Cookie: _ga=1\nCookie: theme=dark", true, "theme=dark", ""},
    {"without a name", "Cookie: dark", true, "dark", ""},
    {"names have case", "Cookie: CSRFToken=1", true, "CSRFToken=1", ""},
    {"RFC 2965's", "Cookie: $Version=1; csrftoken=a", true, "$Version=1; csrftoken=a", "csrftoken=a"},
    // Where a value ends is the server's word: what follows might be a cookie of its own.
    {"a comma in one that goes upstream", "Cookie: csrftoken=a,theme=dark", true, "csrftoken=a,theme=dark",
     ""},
    {"a quote in one", "Cookie: csrftoken=\"a; theme=dark\"", true, "csrftoken=\"a; theme=dark\"", ""},
    {"a space in one", "Cookie: csrftoken=a theme=dark", true, "csrftoken=a theme=dark", ""},
    {"a quote in one that does not", "Cookie: _ga=\"a,b\"", false, "", ""},
    {"white space of some alphabet", "Cookie: csrftoken\xc2\xa0=a", true, "csrftoken\xc2\xa0=a", ""},
};

std::string sent_cookies(const http::Fields& fields) {
  return fields.joined(http::FieldId::cookie).value_or("");
}

TEST_CASE("which cookies nothing in the key answers for") {
  for (const Case& row : cases) {
    INFO(row.name);
    CHECK(has_unkeyed_cookie(fixture::fields(row.fields), rule()) == row.is_unkeyed);
    http::Fields fetched = fixture::fields(row.fields);
    remove_ignored_cookies(fetched, rule());
    CHECK(sent_cookies(fetched) == row.fetched_with);
    remove_unkeyed_cookies(fetched, rule());
    CHECK(sent_cookies(fetched) == row.for_others);
    CHECK_FALSE(has_unkeyed_cookie(fetched, rule()));
  }
}

TEST_CASE("a Cookie field that nothing leaves stays as it was sent") {
  http::Fields fields = fixture::fields("Cookie: a=1;;  b\nCookie: c");
  remove_ignored_cookies(fields, rule());
  CHECK(sent_cookies(fields) == "a=1;;  b, c");
}

}  // namespace
}  // namespace larder::cache
