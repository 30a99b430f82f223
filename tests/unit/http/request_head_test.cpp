// The grammar of request heads, case by case (RFC 9112 sections 2 to 5).
#include <catch2/catch.hpp>
#include <string>

#include "larder/http/message.hpp"

using namespace larder::http;
using namespace std::string_literals;

namespace {

HeadError error_of(std::string_view bytes) {
  RequestHead head;
  return parse_request_head(bytes, {}, head).error;
}

struct RefusedHead {
  std::string bytes;
  HeadError error;
};

}  // namespace

TEST_CASE("a request head is read into views") {
  // RFC 9112 section 2.1's example.
  const std::string bytes =
      "GET /hello.txt HTTP/1.1\r\n"
      "User-Agent: curl/7.64.1\r\n"
      "Host: www.example.com\r\n"
      "Accept-Language: en, mi\r\n"
      "\r\n";
  RequestHead head;
  const HeadResult result = parse_request_head(bytes + "GET /next", {}, head);
  REQUIRE(result.error == HeadError::none);
  CHECK(result.size == bytes.size());
  REQUIRE(parse_request_head(bytes, {}, head).error == HeadError::none);
  CHECK(head.method == Method::get);
  CHECK(head.method_text == "GET");
  CHECK(head.target == "/hello.txt");
  CHECK(head.minor_version == 1);
  REQUIRE(head.fields.size() == 3);
  CHECK(head.fields.find(FieldId::host) == "www.example.com");
  CHECK(head.fields.find("accept-language") == "en, mi");
  CHECK(head.target.data() == bytes.data() + 4);
}

TEST_CASE("what the grammar allows is accepted") {
  const std::string bytes = GENERATE(
      // An empty line before the request line (RFC 9112 section 2.2).
      "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
      // No field at all.
      "GET / HTTP/1.0\r\n\r\n"s,
      // Any token is a method (RFC 9110 section 9.1).
      "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n\r\n"s, "get / HTTP/1.1\r\n\r\n"s,
      // An empty value, and one without white space before it (RFC 9112 section 5).
      "GET / HTTP/1.1\r\nA:\r\nB: \t \r\nC:c\r\n\r\n"s,
      // HTAB within a value, obs-text (RFC 9110 section 5.5).
      "GET / HTTP/1.1\r\nA: b\tc\r\nB: \x80\xff\r\n\r\n"s,
      // Raw characters that browsers send in targets.
      "GET /a|b[c]\"<d>{e}^f`g\\h?i|j[]\"<{^`\\ HTTP/1.1\r\n\r\n"s,
      // RFC 9110 section 2.5: a higher minor version is read as the one we know.
      "GET / HTTP/1.9\r\n\r\n"s);
  CAPTURE(bytes);
  CHECK(error_of(bytes) == HeadError::none);
}

TEST_CASE("what the grammar does not allow is refused") {
  const RefusedHead refused = GENERATE(values<RefusedHead>({
      // Section 2.2: a bare LF may be recognised as a line's end; we do not. A bare CR must not be.
      {"GET / HTTP/1.1\nHost: a\n\n", HeadError::bad_start_line},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", HeadError::bad_field_value},
      {"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", HeadError::bad_field_value},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nHost: a\r\n\rX", HeadError::bad_field_name},
      {"GET / HTTP/1.1\rHost: a\r\n\r\n", HeadError::bad_start_line},
      {"\nGET / HTTP/1.1\r\n\r\n", HeadError::bad_method},
      {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", HeadError::bad_method},
      // Section 2.2: white space between the start line and the first field.
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", HeadError::bad_field_name},
      // Section 3: one SP between the parts, and none around them.
      {" GET / HTTP/1.1\r\n\r\n", HeadError::bad_method},
      {"GET  / HTTP/1.1\r\n\r\n", HeadError::bad_target},
      {"GET /  HTTP/1.1\r\n\r\n", HeadError::bad_start_line},
      {"GET\t/ HTTP/1.1\r\n\r\n", HeadError::bad_method},
      {"GET /\tHTTP/1.1\r\n\r\n", HeadError::bad_target},
      {"GET / HTTP/1.1 \r\n\r\n", HeadError::bad_start_line},
      {"GET /a b HTTP/1.1\r\n\r\n", HeadError::bad_start_line},
      {"GET /\r\n", HeadError::bad_start_line},
      {"GET\r\n", HeadError::bad_method},
      // Section 3.1: a method is a token.
      {"G(T / HTTP/1.1\r\n\r\n", HeadError::bad_method},
      {"G\xc3T / HTTP/1.1\r\n\r\n", HeadError::bad_method},
      // Section 3.2 and RFC 3986: no fragment, no control character, ASCII alone.
      {"GET /#top HTTP/1.1\r\n\r\n", HeadError::bad_target},
      {"GET /\x7f HTTP/1.1\r\n\r\n", HeadError::bad_target},
      {"GET /\0 HTTP/1.1\r\n\r\n"s, HeadError::bad_target},
      {"GET /\xc3\xa9 HTTP/1.1\r\n\r\n", HeadError::bad_target},
      // Section 2.3: HTTP-name is case-sensitive, one digit on either side of the point.
      {"GET / http/1.1\r\n\r\n", HeadError::bad_start_line},
      {"GET / HTTP/1\r\n\r\n", HeadError::bad_start_line},
      {"GET / HTTP/1.10\r\n\r\n", HeadError::bad_start_line},
      {"GET / HTTP/11.1\r\n\r\n", HeadError::bad_start_line},
      {"GET / HTTP/1.x\r\n\r\n", HeadError::bad_start_line},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HeadError::bad_version},
      {"GET / HTTP/0.9\r\n\r\n", HeadError::bad_version},
      // Section 5.1: no white space before the colon; a name is a token.
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\n: a\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nHost\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nH\0st: a\r\n\r\n"s, HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nH\xf6st: a\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nContent-Length[]: 5\r\n\r\n", HeadError::bad_field_name},
      // Section 5.2: obs-fold.
      {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", HeadError::bad_field_name},
      {"GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", HeadError::bad_field_name},
      // RFC 9110 section 5.5: control characters.
      {"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s, HeadError::bad_field_value},
      {"GET / HTTP/1.1\r\nA: long enough for a word\x01 and more\r\n\r\n", HeadError::bad_field_value},
      {"GET / HTTP/1.1\r\nA: long enough for a word\x7f and more\r\n\r\n", HeadError::bad_field_value},
  }));
  CAPTURE(refused.bytes);
  CHECK(error_of(refused.bytes) == refused.error);
}

TEST_CASE("every byte is judged alike wherever it stands in a value") {
  for (int byte = 0; byte < 256; ++byte) {
    // RFC 9110 section 5.5. CR and LF end the line, so they are refused for what follows.
    const bool is_allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string value(20, 'v');
      value[at] = static_cast<char>(byte);
      CAPTURE(byte, at);
      const HeadError expected = is_allowed ? HeadError::none : HeadError::bad_field_value;
      CHECK(error_of("GET / HTTP/1.1\r\nA:" + value + "\r\n\r\n") == expected);
    }
  }
}

TEST_CASE("limits bound a head") {
  const std::string fields = "A: 1\r\nB: 2\r\n\r\n";
  const std::string bytes = "GET / HTTP/1.1\r\n" + fields;
  RequestHead head;
  CHECK(parse_request_head(bytes, {bytes.size(), 2}, head).error == HeadError::none);
  CHECK(parse_request_head(bytes, {bytes.size() - 1, 2}, head).error == HeadError::too_large);
  CHECK(parse_request_head(bytes, {bytes.size(), 1}, head).error == HeadError::too_many_fields);
  CHECK(parse_request_head(bytes, {10, 2}, head).error == HeadError::target_too_long);
  CHECK(parse_request_head(bytes.substr(0, 10), {10, 2}, head).error == HeadError::target_too_long);
  CHECK(parse_request_head(bytes.substr(0, 9), {10, 2}, head).error == HeadError::incomplete);
}

TEST_CASE("each error has its status") {
  CHECK(status_of(HeadError::target_too_long) == 414);
  CHECK(status_of(HeadError::too_large) == 431);
  CHECK(status_of(HeadError::too_many_fields) == 431);
  CHECK(status_of(HeadError::bad_version) == 505);
  CHECK(status_of(HeadError::bad_field_name) == 400);
  CHECK(text_of(HeadError::bad_field_name) == "bad field name");
}

TEST_CASE("methods have the properties of RFC 9110 section 9.2") {
  struct Row {
    std::string_view text;
    Method method;
    bool is_safe;
    bool is_idempotent;
  };
  const Row row = GENERATE(values<Row>({
      {"GET", Method::get, true, true},
      {"HEAD", Method::head, true, true},
      {"OPTIONS", Method::options, true, true},
      {"TRACE", Method::trace, true, true},
      {"PUT", Method::put, false, true},
      {"DELETE", Method::delete_, false, true},
      {"POST", Method::post, false, false},
      {"PATCH", Method::patch, false, false},
      {"CONNECT", Method::connect, false, false},
      {"PURGE", Method::purge, false, false},
      {"get", Method::other, false, false},
      {"PROPFIND", Method::other, false, false},
  }));
  CAPTURE(row.text);
  CHECK(method_of(row.text) == row.method);
  CHECK(is_safe(row.method) == row.is_safe);
  CHECK(is_idempotent(row.method) == row.is_idempotent);
}
