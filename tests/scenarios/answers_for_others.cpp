// What the answer to one request says of what is stored for others.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A page that is the same in two languages is fetched once, and asked about once") {
  Upstream upstream;
  Larder larder(upstream);
  const auto ask_for = [&larder](const char* language) {
    Connection visitor = larder.connect();
    visitor.get("/page/", {std::string("Accept-Language: ") + language});
    return visitor;
  };
  Connection german = ask_for("de");
  upstream.next_request().respond(fresh("Seite", 60, {"ETag: \"a\"", "Vary: Accept-Language"}));
  CHECK(german.read_response().body == "Seite");

  Connection swiss = ask_for("de-ch");
  Request request = upstream.next_request();
  CHECK(request["If-None-Match"] == "\"a\"");
  SECTION("the upstream says that it is the same") {
    request.respond(
        head_text("304 Not Modified", {"ETag: \"a\"", "Cache-Control: max-age=90", "Vary: Accept-Language"}));
    const Response response = swiss.read_response();
    CHECK(response.status == 200);
    CHECK(response.body == "Seite");
    CHECK(response.cache_status()["fwd"] == "vary-miss");
    CHECK(response.cache_status()["fwd-status"] == "304");
    CHECK(ask_for("de-ch").read_response().is_hit());
    larder.advance(std::chrono::seconds(70));  // the first one's life is renewed too
    CHECK(ask_for("de").read_response().is_hit());
  }
  SECTION("or that it is another") {
    request.respond(fresh("Siite", 60, {"ETag: \"b\"", "Vary: Accept-Language"}));
    CHECK(swiss.read_response().body == "Siite");
    CHECK(ask_for("de").read_response().body == "Seite");
    CHECK(ask_for("de-ch").read_response().body == "Siite");
  }
  SECTION("a purge that comes meanwhile outdates both") {
    larder.purge("path:/page/");
    request.respond(head_text("304 Not Modified", {"ETag: \"a\"", "Vary: Accept-Language"}));
    CHECK(swiss.read_response().body == "Seite");  // asked before the purge
    for (const char* language : {"de", "de-ch"}) {
      Connection later = ask_for(language);
      Request again = upstream.next_request();
      CHECK_FALSE(again.has("If-None-Match"));
      again.respond(response_text("200 OK", "neu", {"Cache-Control: no-store"}));
      CHECK(later.read_response().body == "neu");
    }
  }
}

TEST_CASE("A page that the upstream has answered anew does not come back, though the answer was not stored") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  const auto get = [&](std::string_view answer, const Lines& lines = {}) {
    visitor.get("/page/", lines);
    upstream.next_request().respond(answer);
    return visitor.read_response();
  };
  get(fresh("old", 60, {"ETag: \"a\"", "Cache-Control: stale-if-error=600, public"}));
  larder.advance(std::chrono::seconds(61));
  bool is_gone = false;
  SECTION("gone for good") {
    CHECK(get(response_text("410 Gone", "gone", {"Cache-Control: no-store"})).status == 410);
    is_gone = true;
  }
  SECTION("but an error of the server's says nothing of the page") {
    CHECK(get(response_text("501 Not Implemented", "?", {"Cache-Control: no-store"})).status == 501);
  }
  SECTION("nor does what is wrong with one request") {
    for (const char* status : {"400 Bad Request", "429 Too Many Requests", "431 Too Large"})
      get(response_text(status, "?"));
  }
  SECTION("nor what credentials get") {
    const Lines credentials{"Authorization: Basic YQ=="};
    CHECK(get(response_text("200 OK", "mine", {"Cache-Control: private"}), credentials).body == "mine");
  }
  upstream.stop();
  CHECK(larder.get("/page/").status == (is_gone ? 502 : 200));
}

TEST_CASE("The uncompressed page does not become the compressed one's, whatever its entity tag") {
  Upstream upstream;
  Larder larder(upstream);
  Connection bot = larder.connect();
  bot.get("/page/");
  upstream.next_request().respond(fresh("bare", 60, {"ETag: \"a\"", "Vary: Accept-Encoding"}));
  bot.read_response();
  Connection browser = larder.connect();
  browser.get("/page/", {"Accept-Encoding: gzip"});
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("zipped", 60, {"ETag: W/\"a\"", "Vary: Accept-Encoding", "Content-Encoding: gzip"}));
  CHECK(browser.read_response().body == "zipped");
}

TEST_CASE("A page that has gone is not hidden behind the stale one that varied") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/", {"Accept-Language: de"});
  upstream.next_request().respond(fresh("page", 1, {"Vary: Accept-Language"}));
  visitor.read_response();
  larder.advance(std::chrono::seconds(2));
  visitor.get("/page/", {"Accept-Language: de"});
  upstream.next_request().respond(response_text("404 Not Found", "gone", {"Cache-Control: max-age=600"}));
  CHECK(visitor.read_response().status == 404);
  const Response later = larder.get("/page/", {"Accept-Language: de"});
  CHECK(later.status == 404);
  CHECK(later.is_hit());
}

TEST_CASE("A HEAD's answer renews a stored page by its own validator alone") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(fresh("page", 60, {"ETag: \"a\""}));
  visitor.read_response();
  const auto head = [&](const Lines& fields) {
    Connection asker = larder.connect();
    asker.send(request_text("HEAD", "/page/", {"Cache-Control: no-store"}));
    upstream.next_request().respond(head_text("200 OK", fields));
    asker.read_response("HEAD");
  };
  head({"Cache-Control: max-age=600", "Link: <poison>"});
  CHECK_FALSE(larder.get("/page/").has("Link"));
  head({"Cache-Control: max-age=600", "ETag: \"a\"", "X-New: 1"});
  CHECK(larder.get("/page/")["X-New"] == "1");
  larder.advance(std::chrono::seconds(90));
  CHECK(larder.get("/page/").is_hit());
}

TEST_CASE("No visitor's page answers for another's because an upstream gives both one entity tag") {
  Upstream upstream;
  Larder larder(upstream);
  Connection mara = larder.connect();
  mara.get("/page/", {"Cookie: user=mara"});
  upstream.next_request().respond(fresh("mara", 60, {"ETag: \"a\"", "Vary: Cookie"}));
  mara.read_response();
  Connection nils = larder.connect();
  nils.get("/page/", {"Cookie: user=nils"});
  Request request = upstream.next_request();
  CHECK_FALSE(request.has("If-None-Match"));
  request.respond(fresh("nils", 60, {"ETag: \"a\"", "Vary: Cookie"}));
  CHECK(nils.read_response().body == "nils");
}

TEST_CASE("A POST's answer that names its target stands for GET, unless a purge came while it was made") {
  Upstream upstream;
  Larder larder(upstream);
  const bool is_stored_before = GENERATE(false, true);
  if (is_stored_before) {
    Connection visitor = larder.connect();
    visitor.get("/page/");
    upstream.next_request().respond(fresh("old"));
    visitor.read_response();
  }
  Connection editor = larder.connect();
  editor.send(request_text("POST", "/page/", {}, "a=b"));
  Request post = upstream.next_request();
  const bool is_purged = GENERATE(false, true);
  if (is_purged) larder.purge("path:/page/");
  post.respond(fresh("new", 60, {"Content-Location: /page/"}));
  CHECK(editor.read_response("POST").body == "new");

  Connection visitor = larder.connect();
  visitor.get("/page/");
  if (is_purged) upstream.next_request().respond(fresh("newest"));
  const Response response = visitor.read_response();
  CHECK(response.is_hit() != is_purged);
  CHECK(response.body == (is_purged ? "newest" : "new"));
  larder.purge("path:/page/");
  visitor.get("/page/");
  upstream.next_request().respond(fresh("last"));
  CHECK(visitor.read_response().body == "last");
}

TEST_CASE("An unsafe request that overtakes a POST's answer outdates that too") {
  Upstream upstream;
  Larder larder(upstream);
  Connection slow = larder.connect();
  slow.send(request_text("POST", "/page/", {}, "a=b"));
  Request post = upstream.next_request();
  const bool has_begun = GENERATE(false, true);
  const std::string head =
      head_text("200 OK", {"Content-Location: /page/", "Cache-Control: max-age=60", "Content-Length: 3"});
  if (has_begun) {
    post.send(head);
    slow.read_head("POST");
  }
  Connection other = larder.connect();
  other.send(request_text("PUT", "/page/", {}, "c=d"));
  upstream.next_request().respond(response_text("204 No Content", ""));
  CHECK(other.read_response("PUT").status == 204);
  post.respond(has_begun ? "old" : head + "old");
  const Response answer = has_begun ? slow.read_rest() : slow.read_response("POST");
  CHECK(answer.body == "old");
  upstream.handle([](Request request) { request.respond(fresh("new")); });
  CHECK(larder.get("/page/").body == "new");
}

TEST_CASE("A POST's answer is not stored where it was made of what no key knows") {
  Settings settings;
  settings.site =
      "query: {ignore: [\"utm_*\"]}\ncookies: {ignore: [lang]}\n"
      "hosts: [{name: www.example.com, aliases: [example.com]}]\n";
  Upstream upstream([](Request request) {
    if (request.method() == "GET") return request.respond(fresh("clean"));
    request.respond(fresh("poison", 60, {"Content-Location: " + request.target()}));
  });
  Larder larder(upstream, settings);
  ask(larder.port(), "POST", "/page/?utm_source=poison", {}, "a=b");
  CHECK(larder.get("/page/").body == "clean");
  ask(larder.port(), "POST", "/other/", {"Cookie: lang=poison"}, "a=b");
  CHECK(larder.get("/other/").body == "clean");
  ask(larder.port(), "POST", "/third/", {"Host: example.com"}, "a=b");
  CHECK(larder.get("/third/").body == "clean");
}

TEST_CASE("A POST's answer is not stored where its request was spelt as no fetch is") {
  Upstream upstream([](Request request) {
    if (request.method() == "GET") return request.respond(fresh("clean"));
    request.respond(fresh("poison", 60, {"Content-Location: /page/"}));
  });
  Larder larder(upstream);
  ask(larder.port(), "POST", "/page/", {"Accept_Language: poison"}, "a=b");
  CHECK(larder.get("/page/").body == "clean");
  larder.purge("all");
  ask(larder.port(), "POST", "/%70age/", {}, "a=b");
  CHECK(larder.get("/page/").body == "clean");
}

TEST_CASE(
    "A POST's answer that broke off, or is too large, or sets a cookie under a profile, is not stored") {
  const int which = GENERATE(0, 1, 2);
  Settings settings;
  if (which == 1) settings.site = "store: {memory: {max_object: 1KiB}}\n";
  if (which == 2) settings.site = "profile: django\n";
  Upstream upstream([which](Request request) {
    if (request.method() == "GET") return request.respond(fresh("got"));
    Lines lines{"Content-Location: /page/", "Cache-Control: max-age=60"};
    if (which == 2) lines.push_back("Set-Cookie: a=b");
    if (which == 0) {
      lines.push_back("Content-Length: 10");
      request.send(head_text("200 OK", lines) + "short");
      return request.close();
    }
    request.respond(response_text("200 OK", std::string(which == 1 ? 5000 : 10, 'x'), lines));
  });
  Larder larder(upstream, settings);
  ask(larder.port(), "POST", "/page/", {}, "a=b");
  CHECK(larder.get("/page/").body == "got");
}

TEST_CASE(
    "Cache groups are emptied by an unsafe request, of one host, also while a member is being fetched") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/early/");
  upstream.next_request().respond(fresh("early", 60, {"Cache-Groups: \"news\""}));
  visitor.read_response();
  visitor.get("/late/");
  Request late = upstream.next_request();

  Connection editor = larder.connect();
  editor.send(request_text("POST", "/edit/", {}, "a=b"));
  upstream.next_request().respond(response_text("200 OK", "done", {"Cache-Group-Invalidation: \"news\""}));
  editor.read_response("POST");
  late.respond(fresh("late", 60, {"Cache-Groups: \"news\""}));
  CHECK(visitor.read_response().body == "late");  // asked before

  for (const char* path : {"/early/", "/late/"}) {
    visitor.get(path);
    upstream.next_request().respond(fresh("again", 60, {"Cache-Groups: \"news\""}));
    CHECK(visitor.read_response().body == "again");
  }
  SECTION("and nothing is appended to the purge log where nothing is stored of it") {
    const auto newest = larder.site().purge_log.newest();
    editor.send(request_text("POST", "/edit/", {}, "a=b"));
    upstream.next_request().respond(
        response_text("200 OK", "done", {"Cache-Group-Invalidation: \"sports\""}));
    editor.read_response("POST");
    CHECK(larder.site().purge_log.newest() == newest);
  }
}
