// A 206 out of a stored 200 (RFC 9110 sections 14.6 and 15.3.7).
#include "proxy/partial.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace larder;
using namespace larder::proxy;

namespace {

const std::string body = "0123456789";

cache::StoredHead stored() {
  cache::StoredHead head;
  head.status = 200;
  head.text =
      "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes 0-1/2\r\n"
      "Cache-Control: c\r\nExpires: e\r\nContent-Location: /l\r\nContent-Language: en\r\n"
      "Content-Encoding: gzip\r\nLast-Modified: m\r\nX-Other: x\r\nVary: Accept\r\nETag: \"a\"\r\n";
  return head;
}

std::string content_of(const Partial& partial) {
  std::string content;
  for (const Partial::Part& part : partial.parts) {
    content.append(part.before).append(body, part.range.first, part.range.size);
  }
  return content + partial.end;
}

}  // namespace

TEST_CASE("one range is sent as it is, section 15.3.7.1") {
  const Partial partial = make_partial(stored(), {{2, 3}}, 10, false, "");
  CHECK(partial.head ==
        "HTTP/1.1 206 Partial Content\r\nDate: d\r\nContent-Type: text/html; charset=utf-8\r\n"
        "Cache-Control: c\r\nExpires: e\r\nContent-Location: /l\r\nContent-Language: en\r\n"
        "Content-Encoding: gzip\r\nLast-Modified: m\r\nX-Other: x\r\nVary: Accept\r\nETag: \"a\"\r\n"
        "Content-Range: bytes 2-4/10\r\n");
  CHECK(content_of(partial) == "234");
  CHECK(partial.size == 3);
}

TEST_CASE("several ranges are parts of one body, sections 14.6 and 15.3.7.2") {
  const Partial partial = make_partial(stored(), {{0, 1}, {8, 2}}, 10, false, "BOUNDARY");
  CHECK(
      partial.head ==
      "HTTP/1.1 206 Partial Content\r\nDate: d\r\nCache-Control: c\r\nExpires: e\r\nContent-Location: /l\r\n"
      "Content-Language: en\r\nContent-Encoding: gzip\r\nLast-Modified: m\r\nX-Other: x\r\nVary: Accept\r\n"
      "ETag: \"a\"\r\nContent-Type: multipart/byteranges; boundary=BOUNDARY\r\n");
  const std::string content = content_of(partial);
  CHECK(content ==
        "--BOUNDARY\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n"
        "--BOUNDARY\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n"
        "--BOUNDARY--\r\n");
  CHECK(partial.size == content.size());
}

TEST_CASE("parts of a response without Content-Type have none") {
  cache::StoredHead head;
  head.text = "HTTP/1.1 200 OK\r\nDate: d\r\n";
  const std::string content = content_of(make_partial(head, {{0, 1}, {9, 1}}, 10, false, "B"));
  CHECK(content ==
        "--B\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n--B\r\nContent-Range: bytes "
        "9-9/10\r\n\r\n9\r\n--B--\r\n");
}

TEST_CASE("under If-Range the client has the representation's other fields, section 15.3.7") {
  CHECK(
      make_partial(stored(), {{2, 3}}, 10, true, "").head ==
      "HTTP/1.1 206 Partial Content\r\nDate: d\r\nCache-Control: c\r\nExpires: e\r\nContent-Location: /l\r\n"
      "X-Other: x\r\nVary: Accept\r\nETag: \"a\"\r\nContent-Range: bytes 2-4/10\r\n");
  // But the parts' own Content-Type is required.
  const Partial partial = make_partial(stored(), {{0, 1}, {8, 2}}, 10, true, "B");
  CHECK(partial.head.find("Content-Type: multipart/byteranges; boundary=B\r\n") != std::string::npos);
  CHECK(partial.parts[0].before.find("Content-Type: text/html; charset=utf-8\r\n") != std::string::npos);
}

TEST_CASE("no boundary is used twice, and each is one by RFC 2046 section 5.1.1") {
  std::set<std::string> boundaries;
  for (int i = 0; i < 1000; ++i) boundaries.insert(new_boundary());
  CHECK(boundaries.size() == 1000);
  for (const std::string& boundary : boundaries) {
    CHECK(boundary.size() == 32);
    CHECK(boundary.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}
