// Heads as they go on: what is dropped, what is kept, what is added.
#include <catch2/catch.hpp>

#include "head_fixture.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::proxy {
namespace {

using fixture::asked;
using fixture::forwarded;
using fixture::Head;
using fixture::Way;

struct StartCase {
  std::string_view asked;
  bool is_shared;
  bool has_query;
  std::string_view query;
  std::string_view sent;
};

const StartCase start_cases[] = {
    {"GET /a%2fb/~x", false, false, "", "GET /a%2fb/~x HTTP/1.1"},  // the path as the client spelt it
    {"GET /a?b=2&utm_x=1", false, true, "b=2", "GET /a?b=2 HTTP/1.1"},
    {"GET /a?utm_x=1", false, false, "", "GET /a HTTP/1.1"},
    {"GET /a?", false, true, "", "GET /a? HTTP/1.1"},
    {"HEAD /a", true, false, "", "GET /a HTTP/1.1"},
    {"GET /%61%2fb/%7ex", true, false, "", "GET /a%2Fb/~x HTTP/1.1"},  // a shared fetch: as the key spells it
    {"HEAD /a", false, false, "", "HEAD /a HTTP/1.1"},
    {"PROPFIND /a", false, false, "", "PROPFIND /a HTTP/1.1"},
    {"OPTIONS *", false, false, "", "OPTIONS * HTTP/1.1"},
    // RFC 9112 section 3.2.1: an origin is sent the origin form.
    {"GET http://www.example.com/a?b=1", false, true, "b=1", "GET /a?b=1 HTTP/1.1"},
    {"GET http://www.example.com?b=1", false, true, "b=1", "GET /?b=1 HTTP/1.1"},
    {"GET http://www.example.com", false, false, "", "GET / HTTP/1.1"},
    // Section 3.2.4.
    {"OPTIONS http://www.example.com", false, false, "", "OPTIONS * HTTP/1.1"},
    {"OPTIONS http://www.example.com/", false, false, "", "OPTIONS / HTTP/1.1"},
    {"OPTIONS http://www.example.com?b=1", false, true, "b=1", "OPTIONS /?b=1 HTTP/1.1"},
    {"OPTIONS /", false, false, "", "OPTIONS / HTTP/1.1"},
};

TEST_CASE("the start line names the path that is asked for, and the query that is forwarded") {
  for (const StartCase& row : start_cases) {
    INFO(row.asked);
    Way way;
    way.options.is_shared = row.is_shared;
    way.options.has_query = row.has_query;
    way.options.query = row.query;
    CHECK(forwarded(asked(row.asked), way).start_line() == row.sent);
  }
}

TEST_CASE("Host comes before every other field, wherever the client had it") {
  const Head late("GET / HTTP/1.1\r\nAccept: */*\r\nCookie: a=1\r\nHost: www.example.com\r\n\r\n");
  const std::string sent = forwarded(late).text();
  CHECK(sent.starts_with("GET / HTTP/1.1\r\nHost: www.example.com\r\n"));
  CHECK(late["Host"] == forwarded(late)["Host"]);  // and comes once
}

TEST_CASE("what concerns one connection is dropped, and what its Connection names") {
  const Head sent = forwarded(asked("GET /",
                                    "Connection: keep-alive, X-Private, close\r\nX-Private: 1\r\n"
                                    "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\n"
                                    "Proxy-Authorization: Basic eA==\r\nUpgrade: websocket\r\n"
                                    "X-Public: 2\r\n"));
  for (const char* name : {"Connection", "X-Private", "Keep-Alive", "Proxy-Connection", "TE",
                           "Proxy-Authorization", "Upgrade", "Transfer-Encoding"}) {
    INFO(name);
    CHECK_FALSE(sent.has(name));
  }
  CHECK(sent["X-Public"] == "2");
}

TEST_CASE("Connection cannot strip what is meant for the upstream") {
  const Head sent =
      forwarded(asked("GET /",
                      "Connection: Host, Cookie, Authorization, X-Forwarded-For\r\nCookie: a=1\r\n"
                      "Authorization: Basic eA==\r\n"));
  CHECK(sent["Host"] == "www.example.com");
  CHECK(sent["Cookie"] == "a=1");
  CHECK(sent["Authorization"] == "Basic eA==");
  CHECK(sent["X-Forwarded-For"] == "203.0.113.7");
}

TEST_CASE("trailers are asked for where the client takes them") {
  const Head sent = forwarded(asked("GET /", "Connection: TE\r\nTE: deflate, trailers\r\n"));
  CHECK(sent["TE"] == "trailers");
  CHECK(sent["Connection"] == "TE");
}

struct UpgradeCase {
  std::string_view lines;
  std::string_view tunnelled;
};

const UpgradeCase upgrade_cases[] = {
    {"", ""},
    {"Upgrade: websocket\r\n", "websocket"},
    {"Upgrade: h2c\r\n", ""},
    {"Upgrade: H2C\r\n", ""},
    {"Upgrade: HTTP/2.0, IRC/6.9\r\n", "IRC/6.9"},
    {"Upgrade: TLS/1.2, HTTP/1.1\r\n", ""},
    {"Upgrade: h2c, websocket\r\nUpgrade: h2, RTA/x11\r\n", "websocket, RTA/x11"},
    {"Upgrade: h2cx\r\n", "h2cx"},
};

TEST_CASE("an upgrade is passed on where it is one, and never to what carries requests") {
  for (const UpgradeCase& row : upgrade_cases) {
    INFO(row.lines);
    const Head request = asked("GET /", row.lines);
    CHECK(tunnelled_protocols(request->fields) == row.tunnelled);
    Way way;
    way.options.keeps_upgrade = true;
    const Head sent = forwarded(request, way);
    CHECK(sent["Upgrade"] == row.tunnelled);
    CHECK(sent["Connection"] == (row.tunnelled.empty() ? "" : "upgrade"));
    CHECK_FALSE(forwarded(request).has("Upgrade"));
  }
}

struct HopsCase {
  std::string_view asked;
  std::string_view hops;
  std::string_view sent;
};

// RFC 9110 section 7.6.2.
const HopsCase hops_cases[] = {
    {"OPTIONS /", "10", "9"},
    {"TRACE /", "1", "0"},
    {"GET /", "10", "10"},
    {"POST /", "1", "1"},
    {"OPTIONS /", "ten", "ten"},
    {"OPTIONS /", "100", "99"},
    {"OPTIONS /", "010", "9"},
    {"OPTIONS /", "-1", "-1"},
    {"OPTIONS /", "18446744073709551616", "18446744073709551615"},
    {"TRACE /", "100000000000000000000000000000", "99999999999999999999999999999"},
};

TEST_CASE("Max-Forwards counts the hops of OPTIONS and TRACE, and of nothing else") {
  for (const HopsCase& row : hops_cases) {
    INFO(row.asked << " " << row.hops);
    const std::string line = "Max-Forwards: " + std::string(row.hops) + "\r\n";
    CHECK(forwarded(asked(row.asked, line))["Max-Forwards"] == row.sent);
  }
}

using Names = std::vector<std::string>;

struct CookieCase {
  Names forward_ignored;
  std::string_view cookie;
  std::string_view sent;
};

const CookieCase cookie_cases[] = {
    {{"*"}, "a=1; _ga_X=2; csrftoken=3", "a=1; _ga_X=2; csrftoken=3"},
    {{}, "a=1; _ga_X=2; csrftoken=3; b=4", "a=1; b=4"},
    {{"csrftoken"}, "a=1; _ga_X=2; csrftoken=3; b=4", "a=1; csrftoken=3; b=4"},
    {{}, "a=1; xcsrftoken=3", "a=1; xcsrftoken=3"},
    {{}, "a=\"x=y\"; _ga=1", "a=\"x=y\""},
    {{}, "odd; _ga=1;;  b = 4 ", "odd; b = 4"},  // the others as they were sent
};

TEST_CASE("cookies that are not compared are kept from the upstream where the site says so") {
  cache::CookieRule rule;
  rule.ignore = {"_ga*", "csrftoken"};
  Way way;
  way.options.cookies = &rule;
  for (const CookieCase& row : cookie_cases) {
    INFO(row.cookie);
    rule.forward_ignored = row.forward_ignored;
    const Head request = asked("GET /", "Cookie: " + std::string(row.cookie) + "\r\n");
    CHECK(forwarded(request, way)["Cookie"] == row.sent);
  }
  rule.forward_ignored.clear();
  CHECK_FALSE(forwarded(asked("GET /", "Cookie: _ga=1; csrftoken=2\r\n"), way).has("Cookie"));
}

TEST_CASE("a body's framing is written anew, as one length or as chunked") {
  CHECK(forwarded(asked("POST /", "Content-Length: 5\r\nContent-Length: 5\r\n"))["Content-Length"] == "5");
  CHECK(forwarded(asked("POST /", "Content-Length: 0\r\n"))["Content-Length"] == "0");
  const Head chunked = forwarded(asked("POST /", "Transfer-Encoding: chunked\r\n"));
  CHECK(chunked["Transfer-Encoding"] == "chunked");
  CHECK_FALSE(chunked.has("Content-Length"));
  CHECK_FALSE(forwarded(asked("GET /")).has("Content-Length"));
}

TEST_CASE("an expectation goes on where somebody waits for an answer to it") {
  const std::string_view line = "Expect: 100-Continue\r\n";
  CHECK(forwarded(asked("POST /", std::string(line) + "Content-Length: 5\r\n"))["Expect"] == "100-Continue");
  CHECK(forwarded(asked("POST /", std::string(line) + "Transfer-Encoding: chunked\r\n")).has("Expect"));
  CHECK_FALSE(forwarded(asked("POST /", std::string(line) + "Content-Length: 0\r\n")).has("Expect"));
  CHECK_FALSE(forwarded(asked("GET /", line)).has("Expect"));
  CHECK(forwarded(asked("GET /", "Expect: the-unexpected\r\n"))["Expect"] == "the-unexpected");
  const std::string old = "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n" + std::string(line) + "\r\n";
  CHECK_FALSE(forwarded(Head(old)).has("Expect"));
}

TEST_CASE("Via names Larder behind those before it, and the version that the client spoke") {
  CHECK(forwarded(asked("GET /", "Via: 1.0 outer\r\n"))["Via"] == "1.0 outer, 1.1 larder");
  CHECK(forwarded(Head("GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n"))["Via"] == "1.0 larder");
}

TEST_CASE("Via tells how many Larders a request has come through") {
  const auto before = [](std::string_view lines) { return larders_before(asked("GET /", lines)->fields); };
  CHECK(before("") == 0);
  CHECK(before("Via: 1.1 larder\r\n") == 1);
  CHECK(before("Via: 1.0 fred, 1.1 Larder (a, b), HTTP/2 edge\r\nVia: 1.1\tlarder(c)\r\n") == 2);
  CHECK(before("Via: 1.1 larder.example.com, 1.1 larder:80, larder, 1.1 mylarder (larder)\r\n") == 0);
}

TEST_CASE("a shared fetch asks for the whole page, under its own validators") {
  const Head request =
      asked("GET /",
            "If-None-Match: \"visitor\"\r\nIf-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
            "If-Match: \"x\"\r\nIf-Range: \"x\"\r\nRange: bytes=0-1\r\n");
  CHECK(forwarded(request)["If-None-Match"] == "\"visitor\"");
  Way way;
  way.options.is_shared = true;
  const Head unconditional = forwarded(request, way);
  for (const char* name : {"If-None-Match", "If-Modified-Since", "If-Match", "If-Range", "Range"}) {
    INFO(name);
    CHECK_FALSE(unconditional.has(name));
  }
  http::ResponseHead response;
  response.status = 200;
  response.reason = "OK";
  response.fields.add("ETag", "\"stored\"");
  cache::ResponseDraft stored;
  stored.head = cache::make_head(response, {}, false, {});
  const cache::Validation validation{cache::freeze(stored), {}};
  way.options.validation = &validation;
  CHECK(forwarded(request, way)["If-None-Match"] == "\"stored\"");
}

http::ResponseHead response_with(int status,
                                 std::initializer_list<std::pair<const char*, const char*>> lines) {
  http::ResponseHead head;
  head.status = status;
  head.reason = "Reason";
  for (const auto& [name, value] : lines) head.fields.add(name, value);
  return head;
}

TEST_CASE("an interim response goes on without what concerns one connection") {
  CHECK(write_interim_head(
            response_with(103, {{"Link", "</a.css>"}, {"Connection", "X-Hop"}, {"X-Hop", "1"}})) ==
        "HTTP/1.1 103 Reason\r\nLink: </a.css>\r\n\r\n");
  CHECK(write_interim_head(response_with(
            103, {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}, {"Link", "</a.css>"}})) ==
        "HTTP/1.1 103 Reason\r\nLink: </a.css>\r\n\r\n");
  CHECK(write_interim_head(response_with(101, {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}})) ==
        "HTTP/1.1 101 Reason\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
}

TEST_CASE("a relayed response has Via and Date, no length, and tags only where they are kept") {
  http::ResponseHead head = response_with(
      200, {{"Content-Length", "5"}, {"Cache-Tag", "a"}, {"Surrogate-Key", "b"}, {"X-Open", "1"}});
  base::TextBuffer text;
  write_response_head(head, false, {}, text);
  CHECK(text.view() ==
        "HTTP/1.1 200 Reason\r\nX-Open: 1\r\nVia: 1.1 larder\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  head.minor_version = 0;
  head.fields.add("Date", "Mon, 01 Jan 2024 00:00:00 GMT");
  text.clear();
  write_response_head(head, true, {}, text);
  CHECK(text.view() ==
        "HTTP/1.1 200 Reason\r\nCache-Tag: a\r\nSurrogate-Key: b\r\nX-Open: 1\r\n"
        "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nVia: 1.0 larder\r\n");
}

// RFC 9112 section 4: "MUST send the space that separates the status-code from the reason-phrase even when
// the reason-phrase is absent".
TEST_CASE("without a reason a status line still ends in its space") {
  http::ResponseHead head = response_with(299, {});
  head.reason.clear();
  base::TextBuffer relayed;
  write_response_head(head, false, {}, relayed);
  CHECK(relayed.view().starts_with("HTTP/1.1 299 \r\n"));
  CHECK(cache::make_head(head, {}, false, {}).text.starts_with("HTTP/1.1 299 \r\n"));
  head.status = 103;
  CHECK(write_interim_head(head) == "HTTP/1.1 103 \r\n\r\n");
}

// RFC 9110 section 15.4.5.
TEST_CASE("a 304 has what tells a stored 200 apart") {
  cache::StoredHead stored;
  stored.text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Range: bytes 0-1/2\r\nLast-Modified: x\r\n"
      "Vary: Accept\r\nETag: \"a\"\r\n";
  base::TextBuffer text;
  write_not_modified_head(stored, text);
  CHECK(text.view() == "HTTP/1.1 304 Not Modified\r\nLast-Modified: x\r\nVary: Accept\r\nETag: \"a\"\r\n");
  stored.etag_begin = static_cast<std::uint32_t>(stored.text.find("\"a\""));
  stored.etag_size = 3;
  text.clear();
  write_not_modified_head(stored, text);
  CHECK(text.view() == "HTTP/1.1 304 Not Modified\r\nVary: Accept\r\nETag: \"a\"\r\n");
}

TEST_CASE("an entity tag is the body's, not its pieces'") {
  const std::string_view whole[] = {"abc"};
  const std::string_view pieces[] = {"a", "", "bc"};
  const std::string_view other[] = {"abd"};
  CHECK(entity_tag_of(whole) == entity_tag_of(pieces));
  CHECK(entity_tag_of(whole) != entity_tag_of(other));
  CHECK(entity_tag_of(whole).ends_with("-3"));
}

}  // namespace
}  // namespace larder::proxy
