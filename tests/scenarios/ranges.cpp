// A range of a stored page comes from memory.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

constexpr const char* modified = "Mon, 01 Jan 2024 12:00:00 GMT";

// No two places alike, and more than one piece of the store.
std::string film_of(std::size_t size) {
  std::string film;
  for (std::size_t i = 0; film.size() < size; ++i) film += std::to_string(i) + " ";
  film.resize(size);
  return film;
}

}  // namespace

TEST_CASE("A range of a stored page comes from memory") {
  const std::string film = film_of(300'000);
  Upstream upstream([&film](Request request) {
    request.respond(fresh(film, 60,
                          {"ETag: \"one\"", std::string("Last-Modified: ") + modified,
                           "Content-Type: video/mp4", "Accept-Ranges: bytes"}));
  });
  Larder larder(upstream);
  CHECK(larder.get("/film.mp4").body == film);

  SECTION("by the bytes that were asked for") {
    struct Part {
      const char* range;
      const char* content_range;
      std::size_t first;
      std::size_t size;
    };
    for (const Part& part : {Part{"bytes=0-499", "bytes 0-499/300000", 0, 500},
                             Part{"bytes=65530-200000", "bytes 65530-200000/300000", 65530, 134471},
                             Part{"bytes=299999-", "bytes 299999-299999/300000", 299999, 1},
                             Part{"bytes=-70000", "bytes 230000-299999/300000", 230000, 70000},
                             Part{"bytes=0-", "bytes 0-299999/300000", 0, 300000}}) {
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
    CHECK(larder.get("/film.mp4", {"Range: bytes=0-0", unmodified}).status == 206);
    const Response other = larder.get("/film.mp4", {"Range: bytes=0-0", "If-Range: \"two\""});
    CHECK(other.status == 200);
    CHECK(other.body.size() == film.size());
  }
  SECTION("whole for several ranges, and for none that is one") {
    for (const char* range : {"bytes=0-0,-1", "bytes=1-0", "lines=0-1"}) {
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

TEST_CASE("A range of what is not stored is the upstream's to answer, and is not stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/film.mp4", {"Range: bytes=2-3"});
  Request request = upstream.next_request();
  CHECK(request["Range"] == "bytes=2-3");
  request.respond(response_text("206 Partial Content", "cd",
                                {"Content-Range: bytes 2-3/6", "Cache-Control: max-age=60"}));
  const Response part = visitor.read_response();
  CHECK(part.status == 206);
  CHECK(part.body == "cd");
  CHECK(part.cache_status()["detail"] == "range");

  visitor.get("/film.mp4");
  upstream.next_request().respond(fresh("abcdef"));
  CHECK(visitor.read_response().body == "abcdef");
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
