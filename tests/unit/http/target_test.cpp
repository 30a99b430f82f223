// Request targets (RFC 9112 section 3.2), hosts, paths and queries (RFC 3986), cookies (RFC 6265).
#include <catch2/catch.hpp>
#include <string>

#include "larder/http/target.hpp"

using namespace larder::http;

namespace {

struct RequestRow {
  std::string line;
  TargetError error;
  TargetForm form;
  std::string url;  // scheme://host|path|?query
};

std::string text_of(const Target& target) {
  return std::string(target.scheme) + "://" + target.host + "|" + target.path + "|" +
         (target.has_query ? "?" + target.query : "");
}

TargetError target_of(const std::string& bytes, Target& target) {
  RequestHead head;
  REQUIRE(parse_request_head(bytes, {}, head).error == HeadError::none);
  return request_target(head, "http", target);
}

}  // namespace

TEST_CASE("a connection's next request has nothing of the one before") {
  Target target;
  HostMemo memo;
  const auto of = [&](const std::string& bytes) {
    RequestHead head;
    REQUIRE(parse_request_head(bytes, {}, head).error == HeadError::none);
    return request_target(head, "http", target, memo);
  };
  const std::string a = "GET /1?x HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(of(a) == TargetError::none);
  CHECK(text_of(target) == "http://a|/1|?x");
  CHECK(of("GET /2 HTTP/1.0\r\n\r\n") == TargetError::none);
  CHECK(text_of(target) == "http://|/2|");
  CHECK(of(a) == TargetError::none);
  CHECK(text_of(target) == "http://a|/1|?x");
  CHECK(of("GET /3 HTTP/1.1\r\nHost: b\r\n\r\n") == TargetError::none);
  CHECK(text_of(target) == "http://b|/3|");
  CHECK(of("GET /4 HTTP/1.1\r\nHost: u@a\r\n\r\n") == TargetError::bad_host);
  CHECK(of("GET http://c/5 HTTP/1.1\r\nHost: b\r\n\r\n") == TargetError::none);
  CHECK(text_of(target) == "http://c|/5|");
  CHECK(of("GET /6 HTTP/1.1\r\nHost: b\r\n\r\n") == TargetError::none);
  CHECK(text_of(target) == "http://b|/6|");
}

TEST_CASE("request targets") {
  constexpr auto fine = TargetError::none;
  constexpr auto origin = TargetForm::origin;
  const RequestRow row = GENERATE_COPY(values<RequestRow>({
      // Section 3.2.1's example.
      {"GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n", fine, origin,
       "http://www.example.org|/where|?q=now"},
      {"GET /a? HTTP/1.1\r\nHost: a\r\n", fine, origin, "http://a|/a|?"},
      {"GET /a.b?c HTTP/1.1\r\nHost: a\r\n", fine, origin, "http://a|/a.b|?c"},
      {"GET /%61.b?%61.? HTTP/1.1\r\nHost: a\r\n", fine, origin, "http://a|/a.b|?%61.?"},
      {"GET /a/path/of/more/than/one/block?%zz.b HTTP/1.1\r\nHost: a\r\n", fine, origin,
       "http://a|/a/path/of/more/than/one/block|?%zz.b"},
      {"GET /a/path/of/more/than/one/block.%7e HTTP/1.1\r\nHost: a\r\n", fine, origin,
       "http://a|/a/path/of/more/than/one/block.~|"},
      {"GET /a?b?c=%zz&|[] HTTP/1.1\r\nHost: a\r\n", fine, origin, "http://a|/a|?b?c=%zz&|[]"},
      {"GET //b/c HTTP/1.1\r\nHost: a\r\n", fine, origin, "http://a|//b/c|"},
      {"GET / HTTP/1.1\r\nHost: Example.COM:80\r\n", fine, origin, "http://example.com|/|"},
      {"GET / HTTP/1.1\r\nHost: a:8080\r\n", fine, origin, "http://a:8080|/|"},
      {"GET / HTTP/1.0\r\n", fine, origin, "http://|/|"},
      {"GET / HTTP/1.1\r\n", TargetError::bad_host, origin, ""},
      {"GET / HTTP/1.1\r\nHost:\r\n", TargetError::bad_host, origin, ""},
      {"GET / HTTP/1.1\r\nHost: a, b\r\n", TargetError::bad_host, origin, ""},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", TargetError::bad_host, origin, ""},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n", TargetError::bad_host, origin, ""},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"GET /100% HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"GET a HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"GET ?a HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      // Section 3.2.2: the authority replaces Host; a bad Host is refused even so (section 3.2).
      {"GET http://www.example.org/pub/WWW/ HTTP/1.1\r\nHost: other\r\n", fine, TargetForm::absolute,
       "http://www.example.org|/pub/WWW/|"},
      {"GET HTTPS://A.b:443?x HTTP/1.1\r\nHost: a\r\n", fine, TargetForm::absolute, "https://a.b|/|?x"},
      {"PURGE http://a/b HTTP/1.1\r\nHost: a\r\n", fine, TargetForm::absolute, "http://a|/b|"},
      {"GET http://a/ HTTP/1.1\r\nHost: b/c\r\n", TargetError::bad_host, origin, ""},
      {"GET http:///a HTTP/1.1\r\nHost: a\r\n", TargetError::bad_host, origin, ""},
      {"GET http:/a HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n", TargetError::userinfo, origin, ""},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n", TargetError::bad_scheme, origin, ""},
      {"GET http://a\\@b/ HTTP/1.1\r\nHost: a\r\n", TargetError::userinfo, origin, ""},
      {"GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n", TargetError::bad_host, origin, ""},
      // Section 3.2.3.
      {"CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n", fine, TargetForm::authority,
       "http://www.example.com:80||"},
      {"CONNECT a HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"CONNECT a: HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      {"CONNECT /a:1 HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
      // Section 3.2.4.
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n", fine, TargetForm::asterisk, "http://a||"},
      {"GET * HTTP/1.1\r\nHost: a\r\n", TargetError::bad_target, origin, ""},
  }));
  CAPTURE(row.line);
  Target target;
  target.query = "left from before";
  REQUIRE(target_of(row.line + "\r\n", target) == row.error);
  if (row.error != TargetError::none) return;
  CHECK(target.form == row.form);
  CHECK(text_of(target) == row.url);
}

TEST_CASE("URLs") {
  Target target;
  // RFC 9110 section 4.2.3: these are one URL.
  for (const auto* url : {"http://example.com:80/~smith/home.html", "http://EXAMPLE.com/%7Esmith/home.html",
                          "http://EXAMPLE.com:/%7esmith/home.html#top"}) {
    CAPTURE(url);
    REQUIRE(parse_url(url, target) == TargetError::none);
    CHECK(text_of(target) == "http://example.com|/~smith/home.html|");
  }
  CHECK(parse_url("https://a#b?c", target) == TargetError::none);
  CHECK(text_of(target) == "https://a|/|");
  CHECK(parse_url("http://a/ b", target) == TargetError::bad_target);
  CHECK(parse_url("http://a/\xc3\xa9", target) == TargetError::bad_target);
  CHECK(parse_url("/a", target) == TargetError::bad_target);
  CHECK(parse_url("", target) == TargetError::bad_target);
  CHECK(parse_url("javascript:alert(1)", target) == TargetError::bad_scheme);
}

TEST_CASE("hosts") {
  struct Row {
    std::string host;
    std::string scheme;
    std::optional<std::string> normal;
  };
  const Row row = GENERATE(values<Row>({
      {"Example.COM", "http", "example.com"},
      {"a:80", "http", "a"},
      {"a:443", "https", "a"},
      {"a:443", "http", "a:443"},
      {"a:80", "https", "a:80"},
      {"a:", "http", "a"},
      {"a:0080", "http", "a"},
      {"a_b-c.d~e", "http", "a_b-c.d~e"},
      {"127.0.0.1:65535", "http", "127.0.0.1:65535"},
      {"[::1]", "http", "[::1]"},
      {"[2001:DB8::1]:80", "http", "[2001:db8::1]"},
      {"[::ffff:1.2.3.4]:81", "http", "[::ffff:1.2.3.4]:81"},
      {"", "http", {}},
      {":80", "http", {}},
      {"a:65536", "http", {}},
      {"a:0", "http", {}},
      {"a:b", "http", {}},
      {"a:-1", "http", {}},
      {"a:99999999999999999999", "http", {}},
      {"a b", "http", {}},
      {"a/b", "http", {}},
      {"a,b", "http", {}},
      {"a%41", "http", {}},
      {"u@a", "http", {}},
      {"a\xc3\xa9", "http", {}},
      {"::1", "http", {}},
      {"a:1:2", "http", {}},
      {"[::1", "http", {}},
      {"[::1]x", "http", {}},
      {"[::1]x:80", "http", {}},
      {"[]", "http", {}},
      {"[1.2.3.4]", "http", {}},
      {"[fe80::1%25eth0]", "http", {}},
      {std::string(254, 'a'), "http", {}},
  }));
  CAPTURE(row.host, row.scheme);
  CHECK(normalise_host(row.host, row.scheme) == row.normal);
}

TEST_CASE("paths") {
  struct Row {
    std::string path;
    std::optional<std::string> normal;
  };
  const Row row = GENERATE(values<Row>({
      {"/", "/"},
      {"/a/b.html", "/a/b.html"},
      // RFC 3986 sections 6.2.2.1 and 6.2.2.2.
      {"/%3a%3A", "/%3A%3A"},
      {"/%41%7a%30%2d%2E%5f%7E", "/Az0-._~"},
      {"/%2f%5c%00%25%20", "/%2F%5C%00%25%20"},
      // What an escape decodes to is not decoded again.
      {"/%2541", "/%2541"},
      {"/|[]\"<{^`\\", "/|[]\"<{^`\\"},
      {"/%", {}},
      {"/%4", {}},
      {"/%4g", {}},
      {"/%g4", {}},
  }));
  CAPTURE(row.path);
  CHECK(normalise_path(row.path) == row.normal);
}

TEST_CASE("dot segments make a path ambiguous") {
  struct Row {
    std::string path;
    bool is_ambiguous;
  };
  const Row row = GENERATE(values<Row>({
      {"/a/./b", true},         {"/a/../b", true}, {"/..", true},       {"/.", true},
      {"/a/%2e%2E/b", true},    {"/a/.%2e", true}, {"/a\\..\\b", true}, {"/a/..\\b", true},
      {"/a%2f..%2fb", true},    {"/a%5c..", true}, {"/..;x=y/b", true}, {"/..%3bx/b", true},
      {"/a/...", false},        {"/a/..b", false}, {"/a/b..", false},   {"/a.b/c.d", false},
      {"/.well-known/", false}, {"/a/.b/", false}, {"/a?/../b", false}, {"//", false},
  }));
  CAPTURE(row.path);
  Target target;
  REQUIRE(target_of("GET " + row.path + " HTTP/1.1\r\nHost: a\r\n\r\n", target) == TargetError::none);
  CHECK(target.is_path_ambiguous == row.is_ambiguous);
}
