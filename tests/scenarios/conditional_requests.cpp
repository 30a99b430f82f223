// A visitor who has the page already is told so.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor who has the page already is told so") {
  const std::string modified = "Sat, 01 Nov 2025 10:00:00 GMT";
  Upstream upstream([&modified](Request request) {
    request.respond(
        fresh("page", 60, {"ETag: \"v1\"", "Last-Modified: " + modified, "Content-Type: text/html"}));
  });
  Larder larder(upstream);
  larder.get("/page/");

  for (const std::string condition :
       {"If-None-Match: \"v1\"", "If-None-Match: W/\"v1\"", "If-None-Match: \"v0\", \"v1\"",
        "If-None-Match: *", "If-Modified-Since: Sat, 01 Nov 2025 10:00:00 GMT",
        "If-Modified-Since: Sun, 02 Nov 2025 10:00:00 GMT"}) {
    INFO(condition);
    const Response response = larder.get("/page/", {condition});
    CHECK(response.status == 304);
    CHECK(response["ETag"] == "\"v1\"");
    CHECK(response.body.empty());
    CHECK(response.has("Date"));
    CHECK(response.cache_status().has("hit"));
  }
  for (const std::string condition :
       {"If-None-Match: \"v0\"", "If-Modified-Since: Fri, 31 Oct 2025 10:00:00 GMT",
        "If-Modified-Since: yesterday"}) {
    INFO(condition);
    const Response response = larder.get("/page/", {condition});
    CHECK(response.status == 200);
    CHECK(response.body == "page");
  }
  // If-None-Match decides alone where both are sent (RFC 9110 section 13.2.2).
  CHECK(larder.get("/page/", {"If-None-Match: \"v0\"", "If-Modified-Since: " + modified}).status == 200);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A visitor's conditions on a cold page do not keep the whole page from being stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {"If-None-Match: \"v1\""});
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("page", 60, {"ETag: \"v1\""}));
  CHECK(visitor.read_response().status == 304);
  const Response whole = larder.get("/page/");
  CHECK(whole.is_hit());
  CHECK(whole.body == "page");
}

TEST_CASE("A visitor's copy of a page that is his alone is asked about, and the 304 is his alone") {
  Upstream upstream;
  Larder larder(upstream);
  const Lines copy{"If-None-Match: \"mine\""};
  const auto personal = [](std::string_view body) {
    return ok(body, {"Cache-Control: private", "ETag: \"mine\""});
  };
  Connection visitor = larder.connect();
  visitor.get("/basket/");
  upstream.next_request().respond(personal("basket"));
  CHECK(visitor.read_response().body == "basket");

  visitor.get("/basket/", copy);
  Request request = upstream.next_request();
  CHECK(request["If-None-Match"] == "\"mine\"");
  request.respond(head_text("304 Not Modified", {"Cache-Control: private", "ETag: \"mine\""}));
  const Response unchanged = visitor.read_response();
  CHECK(unchanged.status == 304);
  CHECK(unchanged["ETag"] == "\"mine\"");
  CHECK(unchanged.cache_status()["detail"] == "hit-for-miss");

  SECTION("nothing was stored: who has no copy gets a page") {
    visitor.get("/basket/");
    Request whole = upstream.next_request();
    CHECK_FALSE(whole.has("If-None-Match"));
    whole.respond(personal("another"));
    CHECK(visitor.read_response().body == "another");
  }
  SECTION("once the page may be stored, who has no copy stores it") {
    visitor.get("/basket/", copy);
    upstream.next_request().respond(fresh("for all"));
    CHECK(visitor.read_response().body == "for all");
    visitor.get("/basket/");
    upstream.next_request().respond(fresh("for all"));
    CHECK(visitor.read_response().cache_status().has("stored"));
    visitor.get("/basket/", copy);
    CHECK(visitor.read_response().is_hit());
  }
  SECTION("and at the latest when the memory ends who has one") {
    larder.advance(std::chrono::seconds(121));
    visitor.get("/basket/", copy);
    Request whole = upstream.next_request();
    CHECK_FALSE(whole.has("If-None-Match"));
    whole.respond(fresh("for all"));
    CHECK(visitor.read_response().cache_status().has("stored"));
  }
}

TEST_CASE("Who waited for a page that turned out to be another's asks about his own copy") {
  Upstream upstream;
  Larder larder(upstream);
  Connection leader = larder.connect();
  leader.get("/basket/");
  Request first = upstream.next_request();
  Connection second = larder.connect();
  second.get("/basket/", {"If-None-Match: \"second\""});
  larder.wait_for_joined(1);
  first.respond(ok("the leader's", {"Cache-Control: private", "ETag: \"first\""}));
  Request own = upstream.next_request();
  CHECK(own["If-None-Match"] == "\"second\"");
  own.respond(head_text("304 Not Modified", {"Cache-Control: private", "ETag: \"second\""}));
  const Response answer = second.read_response();
  CHECK(answer.status == 304);
  CHECK(answer["ETag"] == "\"second\"");
  CHECK_FALSE(answer.cache_status().has("collapsed"));
  CHECK(leader.read_response().body == "the leader's");
}

TEST_CASE("What only the upstream may judge is passed, and its answer is not stored") {
  const std::string condition =
      GENERATE("If-Match: \"a\"", "If-Unmodified-Since: Sat, 01 Nov 2025 10:00:00 GMT");
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {condition});
  Request request = upstream.next_request();
  CHECK(request.has(condition.substr(0, condition.find(':'))));
  request.respond(response_text("412 Precondition Failed", "no", {"Cache-Control: max-age=60"}));
  const Response failed = visitor.read_response();
  CHECK(failed.status == 412);
  CHECK(failed.cache_status()["detail"] == "precondition");
  visitor.get("/page/");
  upstream.next_request().respond(fresh("page"));
  CHECK(visitor.read_response().body == "page");
  visitor.get("/page/", {condition});
  CHECK(visitor.read_response().is_hit());  // a cache must not evaluate it (RFC 9111 section 4.3.2)
}
