// A range of something that is not stored is fetched once, kept, and completed by others.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const std::string film = "0123456789";

// The part [first, last] of the film.
std::string part_of_film(std::size_t first, std::size_t last, Lines lines) {
  lines.push_back("Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/10");
  return response_text("206 Partial Content", film.substr(first, last + 1 - first), lines);
}

const Lines fresh_with_tag{"Cache-Control: max-age=60", "ETag: \"one\"", "Content-Type: video/mp4"};

struct Visit {
  Larder& larder;
  Upstream& upstream;

  // Asks for a range; the upstream must be asked for that range, and answers so.
  Response fetched(const std::string& range, const std::string& answer, const Lines& more = {}) const {
    Connection visitor = larder.connect();
    Lines lines{"Range: bytes=" + range};
    lines.insert(lines.end(), more.begin(), more.end());
    visitor.get("/film.mp4", lines);
    Request request = upstream.next_request();
    CHECK(request["Range"] == "bytes=" + range);
    request.respond(answer);
    Response response = visitor.read_response();
    larder.wait_for_no_flight();
    return response;
  }
  Response get(const std::string& range) const { return larder.get("/film.mp4", {"Range: bytes=" + range}); }
};

}  // namespace

TEST_CASE("A part is stored and answers for the ranges within it") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  const bool has_tag = GENERATE(true, false);
  const Lines lines = has_tag ? fresh_with_tag : Lines{"Cache-Control: max-age=60"};
  const Response first = visit.fetched("4-9", part_of_film(4, 9, lines));
  CHECK(first.status == 206);
  CHECK(first.body == "456789");
  CHECK(first["Content-Range"] == "bytes 4-9/10");
  CHECK(first.cache_status()["fwd"] == "uri-miss");
  CHECK(first.cache_status().has("stored"));

  larder.advance(std::chrono::seconds(7));
  for (const auto& [range, bytes] : {std::pair{"4-9", "456789"},
                                     {"4-", "456789"},
                                     {"-6", "456789"},
                                     {"5-6", "56"},
                                     {"-1", "9"},
                                     {"9-99", "9"}}) {
    INFO(range);
    const Response response = visit.get(range);
    CHECK(response.status == 206);
    CHECK(response.body == bytes);
    CHECK(response["Content-Length"] == std::to_string(response.body.size()));
    CHECK(response["Age"] == "7");
    CHECK(response.is_hit());
  }
  CHECK(visit.get("5-6")["Content-Range"] == "bytes 5-6/10");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A part does not answer for what it has not, nor for the whole") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  visit.fetched("2-5", part_of_film(2, 5, fresh_with_tag));
  const Response other = visit.fetched("8-9", part_of_film(8, 9, fresh_with_tag));
  CHECK(other.body == "89");
  CHECK(other.cache_status()["fwd"] == "partial");
  visit.fetched("0-9", part_of_film(0, 9, {"Cache-Control: no-store"}));
  Connection visitor = larder.connect();
  visitor.get("/film.mp4");
  Request whole = upstream.next_request();
  CHECK_FALSE(whole.has("Range"));
  whole.respond(fresh(film));
  const Response response = visitor.read_response();
  CHECK(response.status == 200);
  CHECK(response.body == film);
  CHECK(visit.get("0-1").body == "01");  // of the whole
  CHECK(upstream.requests() == 4);
}

TEST_CASE("Parts of the same strong entity tag are joined until they are whole") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  visit.fetched("0-3", part_of_film(0, 3, fresh_with_tag));
  visit.fetched("4-6", part_of_film(4, 6, fresh_with_tag));
  CHECK(visit.get("2-5").body == "2345");
  CHECK(visit.get("2-5")["Content-Range"] == "bytes 2-5/10");
  CHECK(upstream.requests() == 2);
  visit.fetched("5-", part_of_film(5, 9, fresh_with_tag));

  const Response whole = larder.get("/film.mp4");
  CHECK(whole.status == 200);
  CHECK(whole.body == film);
  CHECK(whole["Content-Length"] == "10");
  CHECK(whole["Content-Type"] == "video/mp4");
  CHECK(whole["ETag"] == "\"one\"");
  CHECK_FALSE(whole.has("Content-Range"));
  CHECK(whole.is_hit());
  CHECK(visit.get("0-0,9-9").status == 206);
  CHECK(larder.get("/film.mp4", {"If-None-Match: \"one\""}).status == 304);
  CHECK(upstream.requests() == 3);
}

TEST_CASE("A part that is the whole answers for the whole, whatever its validator") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  const Response first = visit.fetched("0-", part_of_film(0, 9, {"Cache-Control: max-age=60"}));
  CHECK(first.status == 206);
  const Response whole = larder.get("/film.mp4");
  CHECK(whole.status == 200);
  CHECK(whole.body == film);
  CHECK_FALSE(whole.has("Content-Range"));
  CHECK(visit.get("0-")["Content-Range"] == "bytes 0-9/10");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Parts that no strong validator holds together are not joined") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  const auto with = [](const char* validator) { return Lines{"Cache-Control: max-age=60", validator}; };
  const auto [one, other] = GENERATE(values<std::pair<const char*, const char*>>(
      {{"ETag: \"a\"", "ETag: \"b\""},
       {"ETag: W/\"a\"", "ETag: W/\"a\""},
       {"X-None: 1", "X-None: 1"},
       {"Last-Modified: Mon, 01 Jan 2024 12:00:00 GMT", "Last-Modified: Mon, 01 Jan 2024 12:00:00 GMT"}}));
  visit.fetched("0-4", part_of_film(0, 4, with(one)));
  visit.fetched("5-9", part_of_film(5, 9, with(other)));
  CHECK(visit.get("6-7").is_hit());  // the latest
  visit.fetched("4-5", part_of_film(4, 5, with(other)));
  Connection visitor = larder.connect();
  visitor.get("/film.mp4");
  upstream.next_request().respond(fresh(film));
  CHECK_FALSE(visitor.read_response().is_hit());
}

TEST_CASE("A part is gone when it is stale, and when it is purged") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  visit.fetched(
      "0-3", part_of_film(0, 3, {"Cache-Control: max-age=60, stale-while-revalidate=60", "ETag: \"one\""}));
  CHECK(visit.get("0-3").is_hit());
  SECTION("stale") {
    larder.advance(std::chrono::seconds(61));
  }
  SECTION("purged by its path") {
    larder.purge("path:/film.mp4");
  }
  SECTION("purged by its address") {
    larder.purge("url:http://www.example.com/film.mp4");
  }
  SECTION("purged softly") {
    larder.purge("path:/film.mp4", "soft");
  }
  const Response again = visit.fetched("0-3", part_of_film(0, 3, fresh_with_tag));
  CHECK_FALSE(again.is_hit());
}

TEST_CASE("What was purged lends nothing to what comes after") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  Lines tagged = fresh_with_tag;
  tagged.push_back("Surrogate-Key: films");
  visit.fetched("0-4", part_of_film(0, 4, tagged));
  SECTION("before the next part is asked for") {
    larder.purge("tag:films");
    visit.fetched("5-9", part_of_film(5, 9, fresh_with_tag));
  }
  SECTION("while the next part comes") {
    Connection visitor = larder.connect();
    visitor.get("/film.mp4", {"Range: bytes=5-9"});
    Request request = upstream.next_request();
    request.send(head_text("206 Partial Content", {"Cache-Control: max-age=60", "ETag: \"one\"",
                                                   "Content-Range: bytes 5-9/10", "Content-Length: 5"}) +
                 "567");
    visitor.read_head();
    larder.purge("tag:films");
    const larder::cache::PurgeLog& log = larder.site().purge_log;
    wait_until("the purge log to forget", [&log] { return log.floor() == log.newest(); });
    request.respond("89");
    visitor.read_rest();
    larder.wait_for_no_flight();
  }
  CHECK(visit.get("5-6").is_hit());
  visit.fetched("4-5", part_of_film(4, 5, {"Cache-Control: no-store"}));
}

TEST_CASE("What is not exactly the part that it says is not stored as one") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  const std::string answer = GENERATE(
      response_text("206 Partial Content", "0123",
                    {"Cache-Control: max-age=60", "Content-Range: bytes 0-4/10"}),
      response_text("206 Partial Content", "0123",
                    {"Cache-Control: max-age=60", "Content-Range: bytes 0-3/*"}),
      response_text("206 Partial Content", "0123", {"Cache-Control: max-age=60"}),
      response_text("206 Partial Content", "0123",
                    {"Cache-Control: max-age=60", "Content-Type: multipart/byteranges; boundary=x"}),
      part_of_film(0, 3, {"Cache-Control: private, max-age=60"}), part_of_film(0, 3, {"ETag: \"one\""}),
      part_of_film(0, 3, {"Cache-Control: max-age=60", "Vary: *"}),
      response_text("416 Range Not Satisfiable", "none",
                    {"Cache-Control: max-age=60", "Content-Range: bytes */3"}),
      response_text("404 Not Found", "gone", {"Cache-Control: max-age=60"}));
  const Response first = visit.fetched("0-3", answer);
  CHECK(first.body.size() == 4);
  CHECK_FALSE(first.cache_status().has("stored"));
  const Response second = visit.fetched("0-3", part_of_film(0, 3, fresh_with_tag));
  CHECK(second.status == 206);
}

TEST_CASE("An upstream that knows no ranges fills the store with the whole") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  const Response first = visit.fetched("2-3", fresh(film, 60, {"ETag: \"one\""}));
  CHECK((first.status == 200 ? first.body == film : first.body == "23"));
  CHECK(larder.get("/film.mp4").is_hit());
  CHECK(visit.get("2-3").body == "23");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A part that broke off is not kept") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  Connection visitor = larder.connect();
  visitor.get("/film.mp4", {"Range: bytes=0-4"});
  Request request = upstream.next_request();
  request.send(head_text("206 Partial Content", {"Cache-Control: max-age=60", "ETag: \"one\"",
                                                 "Content-Range: bytes 0-4/10", "Content-Length: 5"}) +
               "012");
  visitor.read_head();
  request.close();
  CHECK_FALSE(visitor.read_rest().is_complete);
  larder.wait_for_no_flight();
  visit.fetched("0-1", part_of_film(0, 1, fresh_with_tag));
}

TEST_CASE("Visitors who want the same range at once share one fetch") {
  Upstream upstream;
  Larder larder(upstream);
  std::vector<Connection> visitors = ask_all(larder.port(), 5, "/film.mp4", {"Range: bytes=2-5"});
  larder.wait_for_joined(4);
  upstream.next_request().respond(part_of_film(2, 5, fresh_with_tag));
  for (const Response& response : read_all(visitors)) {
    CHECK(response.status == 206);
    CHECK(response.body == "2345");
    CHECK(response["Content-Range"] == "bytes 2-5/10");
  }
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Who asks for other ranges of it is not kept waiting") {
  Upstream upstream;
  Larder larder(upstream);
  Connection one = larder.connect();
  one.get("/film.mp4", {"Range: bytes=0-1"});
  Request first = upstream.next_request();
  Connection other = larder.connect();
  other.get("/film.mp4", {"Range: bytes=8-9"});
  upstream.next_request().respond(part_of_film(8, 9, fresh_with_tag));
  CHECK(other.read_response().body == "89");
  first.respond(part_of_film(0, 1, fresh_with_tag));
  CHECK(one.read_response().body == "01");
}

TEST_CASE("A part answers who wants nothing but what is stored") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  visit.fetched("0-4", part_of_film(0, 4, fresh_with_tag));
  const Lines only{"Range: bytes=1-2", "Cache-Control: only-if-cached"};
  CHECK(larder.get("/film.mp4", only).body == "12");
  CHECK(larder.get("/film.mp4", {"Range: bytes=7-8", "Cache-Control: only-if-cached"}).status == 504);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("Parts are variants like pages") {
  Upstream upstream;
  Larder larder(upstream);
  const Visit visit{larder, upstream};
  Lines varied = fresh_with_tag;
  varied.push_back("Vary: Accept-Language");
  visit.fetched("0-4", part_of_film(0, 4, varied), {"Accept-Language: en"});
  visit.fetched("0-4", part_of_film(0, 4, varied), {"Accept-Language: de"});
  CHECK(larder.get("/film.mp4", {"Range: bytes=0-4", "Accept-Language: en"}).is_hit());
  visit.fetched("5-9", part_of_film(5, 9, varied), {"Accept-Language: de"});
  CHECK(larder.get("/film.mp4", {"Accept-Language: de"}).is_hit());
  CHECK(upstream.requests() == 3);
}
