// A range of a stored page comes from memory.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

constexpr const char* modified = "Mon, 01 Jan 2024 12:00:00 GMT";

// A part of a multipart/byteranges body, as a visitor reads it.
struct Part {
  std::string content_type;
  std::string content_range;
  std::string bytes;
};

std::string value_of(const std::string& head, const std::string& name) {
  const std::size_t begin = head.find(name + ": ");
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + name.size() + 2;
  return head.substr(value, head.find("\r\n", value) - value);
}

// Empty when the body is not built as RFC 2046 section 5.1.1 says, to the last byte.
std::vector<Part> parts_of(const Response& response) {
  const std::string type = response["Content-Type"];
  const std::string expected = "multipart/byteranges; boundary=";
  if (type.rfind(expected, 0) != 0) return {};
  const std::string delimiter = "--" + type.substr(expected.size());
  std::vector<Part> parts;
  std::size_t at = 0;
  while (response.body.compare(at, delimiter.size() + 2, delimiter + "\r\n") == 0) {
    at += delimiter.size() + 2;
    const std::size_t head_end = response.body.find("\r\n\r\n", at);
    if (head_end == std::string::npos) return {};
    const std::string head = response.body.substr(at, head_end + 2 - at);
    const std::size_t end = response.body.find("\r\n" + delimiter, head_end + 4);
    if (end == std::string::npos) return {};
    parts.push_back({value_of(head, "Content-Type"), value_of(head, "Content-Range"),
                     response.body.substr(head_end + 4, end - head_end - 4)});
    at = end + 2;
  }
  return response.body.substr(at) == delimiter + "--\r\n" ? parts : std::vector<Part>{};
}

}  // namespace

TEST_CASE("A range of a stored page comes from memory") {
  const std::string film = distinct_text(300'000);
  Upstream upstream([&film](Request request) {
    request.respond(fresh(film, 60,
                          {"ETag: \"one\"", std::string("Last-Modified: ") + modified,
                           "Content-Type: video/mp4", "Accept-Ranges: bytes"}));
  });
  Larder larder(upstream);
  CHECK(larder.get("/film.mp4").body == film);

  SECTION("by the bytes that were asked for") {
    struct Asked {
      const char* range;
      const char* content_range;
      std::size_t first;
      std::size_t size;
    };
    for (const Asked& part : {Asked{"bytes=0-499", "bytes 0-499/300000", 0, 500},
                              Asked{"bytes=65530-200000", "bytes 65530-200000/300000", 65530, 134471},
                              Asked{"bytes=299999-", "bytes 299999-299999/300000", 299999, 1},
                              Asked{"bytes=-70000", "bytes 230000-299999/300000", 230000, 70000},
                              Asked{"bytes=0-", "bytes 0-299999/300000", 0, 300000},
                              // Of several, one is left: sent as one.
                              Asked{"bytes=0-9,300000-", "bytes 0-9/300000", 0, 10},
                              Asked{"bytes=0-9,5-19", "bytes 0-19/300000", 0, 20}}) {
      INFO(part.range);
      const Response response = larder.get("/film.mp4", {std::string("Range: ") + part.range});
      CHECK(response.status == 206);
      CHECK(response.is_complete);
      CHECK(response["Content-Range"] == part.content_range);
      CHECK(response["Content-Length"] == std::to_string(part.size));
      CHECK((response.body == film.substr(part.first, part.size)));
      CHECK(response["ETag"] == "\"one\"");
      CHECK(response["Content-Type"] == "video/mp4");
      CHECK(response.is_hit());
    }
  }
  SECTION("several in the parts of one body, in the order in which they were asked for") {
    const Response response =
        larder.get("/film.mp4", {"Range: bytes=100000-250000, 0-0, 400000-, -5, 3-9, 5-10"});
    CHECK(response.status == 206);
    CHECK(response.is_complete);
    CHECK(response["Content-Length"] == std::to_string(response.body.size()));
    CHECK_FALSE(response.has("Content-Range"));
    CHECK(response["ETag"] == "\"one\"");
    CHECK(response["Last-Modified"] == modified);
    CHECK(response["Cache-Control"] == "max-age=60");
    CHECK(response.is_hit());
    const std::vector<Part> parts = parts_of(response);
    REQUIRE(parts.size() == 4);
    CHECK(parts[0].content_range == "bytes 100000-250000/300000");
    CHECK((parts[0].bytes == film.substr(100000, 150001)));
    CHECK(parts[1].content_range == "bytes 0-0/300000");
    CHECK(parts[1].bytes == film.substr(0, 1));
    CHECK(parts[2].content_range == "bytes 299995-299999/300000");
    CHECK(parts[2].bytes == film.substr(299995));
    CHECK(parts[3].content_range == "bytes 3-10/300000");
    CHECK(parts[3].bytes == film.substr(3, 8));
    for (const Part& part : parts) CHECK(part.content_type == "video/mp4");
  }
  SECTION("several at once on a connection that goes on") {
    Connection visitor = larder.connect();
    visitor.get("/film.mp4", {"Range: bytes=0-0,2-2"});
    visitor.get("/film.mp4", {"Range: bytes=4-4,6-6"});
    const Response first = visitor.read_response();
    const Response second = visitor.read_response();
    CHECK(parts_of(first).size() == 2);
    REQUIRE(parts_of(second).size() == 2);
    CHECK(parts_of(second)[1].bytes == film.substr(6, 1));
    CHECK(first["Content-Type"] != second["Content-Type"]);
  }
  SECTION("no byte twice, and no more parts than are reasonable") {
    std::string many = "Range: bytes=";
    std::string same = "Range: bytes=";
    for (int i = 0; i < 1000; ++i) {
      many += std::to_string(i * 2) + "-" + std::to_string(i * 2) + ",";
      if (i < 32) same += "0-,";
    }
    CHECK(larder.get("/film.mp4", {many}).status == 200);
    const Response response = larder.get("/film.mp4", {same});
    CHECK(response.status == 206);
    CHECK(response.body.size() == film.size());
  }
  SECTION("one beyond its end is told the size") {
    Connection visitor = larder.connect();
    visitor.get("/film.mp4", {"Range: bytes=300000-"});
    const Response response = visitor.read_response();
    CHECK(response.status == 416);
    CHECK(response["Content-Range"] == "bytes */300000");
    CHECK(response.is_hit());
    visitor.get("/film.mp4", {"Range: bytes=0-0"});
    CHECK(visitor.read_response().body == film.substr(0, 1));
  }
  SECTION("if it is still the page that the visitor has a part of; else he gets the new one whole") {
    CHECK(larder.get("/film.mp4", {"Range: bytes=0-0", "If-Range: \"one\""}).status == 206);
    const char* unmodified = "If-Range: Mon, 01 Jan 2024 12:00:00 GMT";
    const Response part = larder.get("/film.mp4", {"Range: bytes=0-0", unmodified});
    CHECK(part.status == 206);
    CHECK(part["ETag"] == "\"one\"");
    CHECK(part.has("Date"));
    // He has these (RFC 9110 section 15.3.7).
    CHECK_FALSE(part.has("Last-Modified"));
    CHECK_FALSE(part.has("Content-Type"));
    const Response other = larder.get("/film.mp4", {"Range: bytes=0-0", "If-Range: \"two\""});
    CHECK(other.status == 200);
    CHECK(other.body.size() == film.size());
  }
  SECTION("whole where what is asked for is no range") {
    for (const char* range : {"bytes=0-0,x", "bytes=1-0", "lines=0-1"}) {
      INFO(range);
      const Response response = larder.get("/film.mp4", {std::string("Range: ") + range});
      CHECK(response.status == 200);
      CHECK(response.body.size() == film.size());
      CHECK_FALSE(response.has("Content-Range"));
    }
  }
  SECTION("not for HEAD, and not where a condition is answered first") {
    const Response head = ask(larder.port(), "HEAD", "/film.mp4", {"Range: bytes=0-0"});
    CHECK(head.status == 200);
    CHECK(head["Content-Length"] == "300000");
    CHECK(larder.get("/film.mp4", {"Range: bytes=0-0", "If-None-Match: \"one\""}).status == 304);
  }
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Several ranges of what is not stored, or one under a condition, are the upstream's to answer") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  const Lines asked = GENERATE(Lines{"Range: bytes=2-3, 5-5"}, Lines{"Range: bytes=2-3", "If-Range: \"one\""},
                               Lines{"Range: bytes=2-3", "If-Match: \"one\""}, Lines{"Range: lines=2-3"});
  visitor.get("/film.mp4", asked);
  Request request = upstream.next_request();
  CHECK("Range: " + request["Range"] == asked[0]);
  request.respond(response_text("206 Partial Content", "cd",
                                {"Content-Range: bytes 2-3/6", "Cache-Control: max-age=60"}));
  const Response part = visitor.read_response();
  CHECK(part.status == 206);
  CHECK(part.body == "cd");
  CHECK(part.cache_status()["detail"] == "range");

  visitor.get("/film.mp4", {"Range: bytes=2-3"});
  upstream.next_request().respond(fresh("abcdef"));
  CHECK(visitor.read_response().cache_status()["fwd"] == "uri-miss");
}

TEST_CASE("A range of a stale page is answered by what is validated whole") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/film.mp4");
  upstream.next_request().respond(
      response_text("200 OK", "abcdef", {"Cache-Control: max-age=60, stale-if-error=60", "ETag: \"one\""}));
  visitor.read_response();
  larder.advance(std::chrono::seconds(61));
  visitor.get("/film.mp4", {"Range: bytes=2-3"});
  Request request = upstream.next_request();
  CHECK(request["If-None-Match"] == "\"one\"");
  CHECK_FALSE(request.has("Range"));
  SECTION("that is still the same") {
    request.respond(head_text("304 Not Modified", {"Cache-Control: max-age=60", "ETag: \"one\""}));
    const Response part = visitor.read_response();
    CHECK(part.status == 206);
    CHECK(part.body == "cd");
    CHECK(larder.get("/film.mp4").is_hit());
  }
  SECTION("that has changed") {
    request.respond(fresh("ABCDEF", 60, {"ETag: \"two\""}));
    const Response answer = visitor.read_response();
    CHECK((answer.status == 206 ? answer.body == "CD" : answer.body == "ABCDEF"));
    CHECK(larder.get("/film.mp4", {"Range: bytes=0-1"}).body == "AB");
  }
  SECTION("of what the upstream fails to say") {
    request.respond(response_text("503 Service Unavailable", "sorry"));
    const Response part = visitor.read_response();
    CHECK(part.status == 206);
    CHECK(part.body == "cd");
  }
}

TEST_CASE("Several ranges of a coded page are answered by the whole") {
  Upstream upstream(
      [](Request request) { request.respond(fresh("0123456789", 60, {"Content-Encoding: gzip"})); });
  Larder larder(upstream);
  const std::string coded = "Accept-Encoding: gzip";
  CHECK(larder.get("/", {coded}).status == 200);
  const Response whole = larder.get("/", {coded, "Range: bytes=0-1,4-5"});
  CHECK(whole.status == 200);
  CHECK(whole.body == "0123456789");
  CHECK(whole.is_hit());
  CHECK(larder.get("/", {coded, "Range: bytes=4-5"}).body == "45");
}

TEST_CASE("A range of a page that still comes is answered by the whole") {
  Upstream upstream;
  Larder larder(upstream);
  Connection first = larder.connect();
  first.get("/film.mp4");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Cache-Control: max-age=60", "Content-Length: 6"}) + "abc");
  first.read_head();
  Connection second = larder.connect();
  second.get("/film.mp4", {"Range: bytes=0-0"});
  CHECK(second.read_head().status == 200);
  request.respond("def");
  CHECK(second.read_rest().body == "abcdef");
  CHECK(upstream.requests() == 1);
}
