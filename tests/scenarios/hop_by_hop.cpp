// Fields that concern one connection are not passed on, in either direction.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Fields that concern one connection are not passed on, in either direction") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/",
              {"Connection: keep-alive, X-Private, close-not", "X-Private: 1", "Keep-Alive: timeout=5",
               "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic eA==", "TE: gzip", "X-Public: 2"});
  Request request = upstream.next_request();
  for (const char* field : {"X-Private", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"}) {
    INFO(field);
    CHECK_FALSE(request.has(field));
  }
  CHECK(lower(request["TE"]).find("gzip") == std::string::npos);
  CHECK(request["Connection"].find("X-Private") == std::string::npos);
  CHECK(request["X-Public"] == "2");
  CHECK(request["Host"] == "www.example.com");

  const std::string page =
      fresh("page", 60, {"Connection: X-Secret", "X-Secret: 3", "Keep-Alive: timeout=5", "X-Open: 4"});
  request.respond(page);
  const Response first = visitor.read_response();
  // What another field was taken from is not stored: a Vary could name that field.
  CHECK(first.cache_status()["detail"] == "connection-option");
  visitor.get("/page/");
  upstream.next_request().respond(page);
  CHECK(visitor.read_response().cache_status().has("stored"));
  visitor.get("/page/");
  const Response stored = visitor.read_response();
  CHECK(stored.is_hit());
  for (const Response* response : {&first, &stored}) {
    CHECK(response->body == "page");
    CHECK_FALSE(response->has("X-Secret"));
    CHECK_FALSE(response->has("Keep-Alive"));
    CHECK((*response)["X-Open"] == "4");
  }
}

TEST_CASE("A known field that Connection names does not go on, and nothing made without it is stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {"Connection: User-Agent", "User-Agent: a"});
  Request stripped = upstream.next_request();
  CHECK_FALSE(stripped.has("User-Agent"));
  stripped.respond(fresh("for nobody", 60, {"Vary: User-Agent"}));
  CHECK(visitor.read_response().cache_status()["detail"] == "connection-option");
  visitor.get("/page/", {"User-Agent: a"});
  Request whole = upstream.next_request();
  CHECK(whole["User-Agent"] == "a");
  whole.respond(fresh("for a", 60,
                      {"Vary: User-Agent", "Connection: Last-Modified, Vary, Cache-Control",
                       "Last-Modified: Sat, 01 Nov 2025 10:00:00 GMT"}));
  CHECK(visitor.read_response().body == "for a");
  visitor.get("/page/", {"User-Agent: a"});
  const Response stored = visitor.read_response();
  CHECK(stored.is_hit());
  CHECK_FALSE(stored.has("Last-Modified"));
  CHECK(stored["Vary"] == "User-Agent");
  visitor.get("/page/", {"User-Agent: b"});
  upstream.next_request().respond(fresh("for b"));
  CHECK(visitor.read_response().body == "for b");
}
