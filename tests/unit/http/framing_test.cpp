// Message body length (RFC 9112 section 6).
#include <catch2/catch.hpp>
#include <string>

#include "larder/http/framing.hpp"

using namespace larder::http;

namespace {

Framing request_framing_of(const std::string& field_lines, int minor_version = 1) {
  const std::string bytes = "POST / HTTP/1." + std::to_string(minor_version) + "\r\n" + field_lines + "\r\n";
  RequestHead head;
  REQUIRE(parse_request_head(bytes, {}, head).error == HeadError::none);
  return request_framing(head);
}

Framing response_framing_of(const std::string& start, Method method) {
  const std::string bytes = start + "\r\n";
  ResponseHead head;
  REQUIRE(parse_response_head(bytes, {}, head).error == HeadError::none);
  return response_framing(head, method);
}

struct RequestRow {
  std::string lines;
  int minor_version;
  BodyKind kind;
  std::uint64_t length;
  FramingError error;
};

struct ResponseRow {
  std::string start;
  Method method;
  BodyKind kind;
  std::uint64_t length;
  FramingError error;
};

}  // namespace

TEST_CASE("request framing") {
  const std::string host = "Host: a\r\n";
  constexpr auto bad_length = FramingError::bad_content_length;
  constexpr auto unknown = FramingError::unknown_transfer_coding;
  constexpr auto not_last = FramingError::chunked_not_last;
  const RequestRow row = GENERATE_COPY(values<RequestRow>({
      // Section 6.3: neither field, no body.
      {host, 1, BodyKind::none, 0, FramingError::none},
      {host + "Content-Length: 0\r\n", 1, BodyKind::length, 0, FramingError::none},
      {host + "Content-Length: 42\r\n", 1, BodyKind::length, 42, FramingError::none},
      {host + "Transfer-Encoding: chunked\r\n", 1, BodyKind::chunked, 0, FramingError::none},
      {host + "Transfer-Encoding: CHUNKED\r\n", 1, BodyKind::chunked, 0, FramingError::none},
      // RFC 9110 section 8.6: a list of one and the same number.
      {host + "Content-Length: 42, 42\r\n", 1, BodyKind::length, 42, FramingError::none},
      {host + "Content-Length: 42\r\nContent-Length: 42\r\n", 1, BodyKind::length, 42, FramingError::none},
      {host + "Content-Length: 42, 43\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 42\r\nContent-Length: 43\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 42, 042\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 42,\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 42\r\nContent-Length:\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length:\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: +42\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: -1\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 4 2\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 0x10\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 9223372036854775807\r\n", 1, BodyKind::length, 9223372036854775807u,
       FramingError::none},
      {host + "Content-Length: 9223372036854775808\r\n", 1, BodyKind::none, 0, bad_length},
      {host + "Content-Length: 99999999999999999999\r\n", 1, BodyKind::none, 0, bad_length},
      // Section 6.1: both.
      {host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 1, BodyKind::none, 0,
       FramingError::both_lengths},
      {host + "Content-Length: x\r\nTransfer-Encoding: identity\r\n", 1, BodyKind::none, 0,
       FramingError::both_lengths},
      {host + "Transfer-Encoding: gzip, chunked\r\n", 1, BodyKind::none, 0, unknown},
      {host + "Transfer-Encoding: chunked, chunked\r\n", 1, BodyKind::none, 0, unknown},
      {host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 1, BodyKind::none, 0, unknown},
      {host + "Transfer-Encoding: chunked,\r\n", 1, BodyKind::none, 0, unknown},
      {host + "Transfer-Encoding: chunked;q=1\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: xchunked\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: \"chunked\"\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: identity\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding:\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: chunked, gzip\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", 1, BodyKind::none, 0, not_last},
      {host + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 1, BodyKind::none, 0, unknown},
      {host + "Transfer-Encoding: chunked\r\n", 0, BodyKind::none, 0, FramingError::transfer_coding_in_1_0},
      // Section 3.2: exactly one Host in 1.1, at most one in 1.0.
      {"", 1, BodyKind::none, 0, FramingError::missing_host},
      {"", 0, BodyKind::none, 0, FramingError::none},
      {host + host, 1, BodyKind::none, 0, FramingError::several_hosts},
      {host + host, 0, BodyKind::none, 0, FramingError::several_hosts},
  }));
  CAPTURE(row.lines, row.minor_version);
  const Framing framing = request_framing_of(row.lines, row.minor_version);
  CHECK(framing.kind == row.kind);
  CHECK(framing.length == row.length);
  CHECK(framing.error == row.error);
}

TEST_CASE("response framing") {
  constexpr auto get = Method::get;
  constexpr auto fine = FramingError::none;
  const ResponseRow row = GENERATE_COPY(values<ResponseRow>({
      // Section 6.3, in its order: 1.
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", Method::head, BodyKind::none, 0, fine},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", Method::head, BodyKind::none, 0, fine},
      {"HTTP/1.1 103 Early Hints\r\n", get, BodyKind::none, 0, fine},
      {"HTTP/1.1 204 No Content\r\n", get, BodyKind::none, 0, fine},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n", get, BodyKind::none, 0, fine},
      // 2.
      {"HTTP/1.1 200 OK\r\n", Method::connect, BodyKind::none, 0, fine},
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n", Method::connect, BodyKind::length, 5, fine},
      // 3 to 8.
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", get, BodyKind::none, 0,
       FramingError::both_lengths},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", get, BodyKind::chunked, 0, fine},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", get, BodyKind::none, 0,
       FramingError::chunked_not_last},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", get, BodyKind::none, 0,
       FramingError::transfer_coding_in_1_0},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n", get, BodyKind::none, 0,
       FramingError::bad_content_length},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", get, BodyKind::length, 5, fine},
      {"HTTP/1.1 200 OK\r\n", get, BodyKind::until_close, 0, fine},
      {"HTTP/1.0 404 Not Found\r\n", Method::post, BodyKind::until_close, 0, fine},
  }));
  CAPTURE(row.start, row.method);
  const Framing framing = response_framing_of(row.start, row.method);
  CHECK(framing.kind == row.kind);
  CHECK(framing.length == row.length);
  CHECK(framing.error == row.error);
}

TEST_CASE("framing errors have a status") {
  CHECK(status_of(FramingError::unknown_transfer_coding) == 501);
  CHECK(status_of(FramingError::chunked_not_last) == 400);
  CHECK(status_of(FramingError::both_lengths) == 400);
  CHECK(status_of(FramingError::missing_host) == 400);
  CHECK(text_of(FramingError::several_hosts) == "several Host fields");
}

TEST_CASE("chunk size lines") {
  char line[18];
  const auto written = [&line](std::uint64_t size) {
    return std::string(line, write_chunk_size(size, line));
  };
  CHECK(written(0) == "0\r\n");
  CHECK(written(500) == "1f4\r\n");
  CHECK(written(UINT64_MAX) == "ffffffffffffffff\r\n");
}

TEST_CASE("a Connection that takes another field with it is noticed") {
  const auto removes = [](const char* options) {
    Fields fields;
    fields.add("Connection", options);
    for (const auto* name : {"Host", "Cookie", "TE", "Keep-Alive", "HTTP2-Settings", "Accept-Language",
                             "User-Agent", "If-None-Match"}) {
      fields.add(name, "x");
    }
    return removes_other_fields(fields);
  };
  CHECK(removes("Accept-Language"));
  CHECK(removes("close, accept-LANGUAGE"));
  CHECK(removes("user-agent"));
  CHECK(removes("If-None-Match"));
  CHECK_FALSE(removes("keep-alive"));
  CHECK_FALSE(removes("close, TE, Upgrade, HTTP2-Settings"));
  CHECK_FALSE(removes("Cookie, Host"));     // those are not taken
  CHECK_FALSE(removes("Accept-Encoding"));  // there is none
}

TEST_CASE("a 426 keeps its Upgrade, and nothing else of what concerns one connection") {
  const auto left_of = [](int status) {
    ResponseHead head;
    head.status = status;
    head.fields.add("Connection", "upgrade, close");
    head.fields.add("Upgrade", "websocket");
    head.fields.add("Keep-Alive", "timeout=5");
    remove_hop_by_hop(head);
    remove_hop_by_hop(head);  // twice is once
    std::string left;
    for (const Field& field : head.fields) left.append(field.name).append(" ");
    return left;
  };
  CHECK(left_of(426) == "Upgrade ");
  CHECK(left_of(400).empty());
}

TEST_CASE("hop-by-hop fields are removed, and what Connection names") {
  Fields fields;
  fields.add("Connection", "close, X-Mine, user-agent");
  fields.add("Connection", "Last-Modified, Accept-Encoding");
  for (const auto* name : {"Keep-Alive", "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade",
                           "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "X-Mine",
                           "User-Agent", "Last-Modified", "Accept-Encoding"}) {
    fields.add(name, "x");
  }
  fields.add("X-Other", "x");
  fields.add("Trailer", "x");
  remove_hop_by_hop(fields);
  std::string left;
  for (const Field& field : fields) left.append(field.name).append(" ");
  CHECK(left == "X-Other Trailer ");
}

TEST_CASE(
    "Connection cannot take what decides where a message goes and ends, whose it is, and who may have it") {
  for (const auto* name : {"Age",
                           "Authorization",
                           "Cache-Control",
                           "Cache-Groups",
                           "Cache-Tag",
                           "CDN-Cache-Control",
                           "Content-Encoding",
                           "Content-Length",
                           "Content-Range",
                           "Content-Type",
                           "Cookie",
                           "Date",
                           "ETag",
                           "Expires",
                           "Forwarded",
                           "Host",
                           "Larder-Cache-Control",
                           "Max-Forwards",
                           "Pragma",
                           "Set-Cookie",
                           "Surrogate-Control",
                           "Surrogate-Key",
                           "Vary",
                           "Via",
                           "X-Forwarded-For",
                           "X-Forwarded-Host",
                           "X-Forwarded-Port",
                           "X-Forwarded-Proto",
                           "X-Real-IP"}) {
    INFO(name);
    Fields fields;
    fields.add("Connection", name);
    fields.add(name, "x");
    CHECK_FALSE(removes_other_fields(fields));
    remove_hop_by_hop(fields);
    CHECK(fields.has(name));
  }
}
