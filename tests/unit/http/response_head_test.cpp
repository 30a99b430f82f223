// The grammar of status lines (RFC 9112 section 4), and trailer sections.
#include <catch2/catch.hpp>
#include <string>

#include "larder/http/message.hpp"

using namespace larder::http;

TEST_CASE("a response head is read") {
  const std::string bytes = "HTTP/1.1 404 Not \xc3\xa4 Found\r\nServer: x\r\n\r\n";
  ResponseHead head;
  const HeadResult result = parse_response_head(bytes + "body", {}, head);
  REQUIRE(result.error == HeadError::none);
  CHECK(result.size == bytes.size());
  CHECK(head.status == 404);
  CHECK(head.reason == "Not \xc3\xa4 Found");
  CHECK(head.minor_version == 1);
  CHECK(head.fields.size() == 1);
}

TEST_CASE("status lines") {
  struct Row {
    std::string bytes;
    HeadError error;
  };
  const Row row = GENERATE(values<Row>({
      // The reason may be empty, the SP before it may not be missing (section 4).
      {"HTTP/1.1 200 \r\n\r\n", HeadError::none},
      {"HTTP/1.0 200 OK\r\n\r\n", HeadError::none},
      {"HTTP/1.1 599 x\r\n\r\n", HeadError::none},
      {"HTTP/1.1 200\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1  200 OK\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 20 OK\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 2000 OK\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 200 O\rK\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 200 OK\n\r\n", HeadError::bad_start_line},
      // RFC 9110 section 15: 100 to 599.
      {"HTTP/1.1 099 x\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 600 x\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/2.0 200 OK\r\n\r\n", HeadError::bad_version},
      {"ICY 200 OK\r\n\r\n", HeadError::bad_start_line},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", HeadError::bad_start_line},
      {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", HeadError::bad_field_name},
  }));
  CAPTURE(row.bytes);
  ResponseHead head;
  CHECK(parse_response_head(row.bytes, {}, head).error == row.error);
}

TEST_CASE("field lines stand alone as a trailer section") {
  Fields fields;
  CHECK(parse_field_lines("\r\n", {}, fields).size == 2);
  CHECK(fields.empty());
  const HeadResult result = parse_field_lines("A: b\r\nC: d\r\n\r\nrest", {}, fields);
  CHECK(result.error == HeadError::none);
  CHECK(result.size == 14);
  CHECK(fields.find("c") == "d");
  CHECK(parse_field_lines("A: b\r\n", {}, fields).error == HeadError::incomplete);
}

TEST_CASE("reason phrases") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(431) == "Request Header Fields Too Large");
  CHECK(reason_phrase(511) == "Network Authentication Required");
  CHECK(reason_phrase(299) == "Unknown");
  CHECK(reason_phrase(999) == "Unknown");
}
