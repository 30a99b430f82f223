// On a route that varies on the session each session has a private copy, which nobody else ever gets.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const std::string private_route =
    "cookies: {bypass: [sessionid, messages], ignore: [\"_ga*\"]}\n"
    "routes:\n  - match: \"/account/**\"\n    ttl: 1m\n    cookies: {vary: [sessionid]}\n";

const Settings settings{.site = private_route, .upstream = {}, .public_listener = {}};

// Each page says for whom it was made.
Upstream::Handler personal(Lines lines = {}) {
  return [lines](Request request) { request.respond(ok("for " + request["Cookie"], lines)); };
}

Lines session(const std::string& value) {
  return {"Cookie: sessionid=" + value};
}

struct Visitor {
  Lines lines;
  std::string page;
};

}  // namespace

TEST_CASE("Two sessions and a visitor without one each have a copy of their own") {
  // As Django answers once it has looked at the session, and without that.
  const Lines upstream_lines = GENERATE(Lines{}, Lines{"Vary: Cookie"}, Lines{"Vary: Accept, cookie"});
  Upstream upstream(personal(upstream_lines));
  Larder larder(upstream, settings);
  const Visitor anna{session("anna"), "for sessionid=anna"};
  const Visitor ben{session("ben"), "for sessionid=ben"};
  const Visitor nobody{{}, "for "};
  const std::vector<Visitor> order =
      GENERATE_COPY(std::vector<Visitor>{anna, ben, nobody}, std::vector<Visitor>{nobody, ben, anna});
  for (const Visitor& visitor : order) {
    const Response first = larder.get("/account/", visitor.lines);
    CHECK(first.body == visitor.page);
    CHECK_FALSE(first.is_hit());
  }
  for (const Visitor& visitor : order) {
    const Response second = larder.get("/account/", visitor.lines);
    CHECK(second.body == visitor.page);
    CHECK(second.is_hit());
  }
  CHECK(upstream.requests() == 3);
  CHECK(larder.site().store.stats().private_entries == 2);
}

TEST_CASE("Two sessions that ask at once never share a fetch; one session does with itself") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Connection anna = larder.connect();
  Connection ben = larder.connect();
  Connection anna_again = larder.connect();
  anna.get("/account/", session("anna"));
  std::vector<Request> fetches;
  fetches.push_back(upstream.next_request());
  ben.get("/account/", session("ben"));
  fetches.push_back(upstream.next_request());
  anna_again.get("/account/", session("anna"));
  larder.wait_for_joined(1);
  for (Request& fetch : fetches) fetch.respond(ok("for " + fetch["Cookie"]));
  CHECK(anna.read_response().body == "for sessionid=anna");
  CHECK(ben.read_response().body == "for sessionid=ben");
  CHECK(anna_again.read_response().body == "for sessionid=anna");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("Other cookies beside the session's count as they do elsewhere") {
  Upstream upstream(personal({"Vary: Cookie"}));
  Larder larder(upstream, settings);
  larder.get("/account/", {"Cookie: sessionid=anna"});
  CHECK(larder.get("/account/", {"Cookie: _ga=1; sessionid=anna"}).is_hit());  // ignored
  CHECK_FALSE(larder.get("/account/", {"Cookie: sessionid=anna; theme=dark"}).is_hit());
  CHECK(larder.get("/account/", {"Cookie: sessionid=anna; theme=dark"}).is_hit());
  CHECK(larder.get("/account/", {"Cookie: sessionid=anna; messages=x"}).cache_status()["detail"] ==
        "bypass-cookie");
}

TEST_CASE("On other routes the session's cookie passes the cache by, as before") {
  Upstream upstream(personal({"Cache-Control: max-age=60"}));
  Larder larder(upstream, settings);
  for (int i = 0; i < 2; ++i) {
    CHECK(larder.get("/page/", session("anna")).cache_status()["detail"] == "bypass-cookie");
  }
  CHECK(larder.site().store.stats().entries == 0);
}

TEST_CASE("Whose session a request belongs to must be plain, or it passes the cache by") {
  const std::string cookie =
      GENERATE(as<std::string>{}, "sessionid=anna; sessionid=ben", "sessionid=anna; sessionid=anna",
               "sessionid=\"anna\"", "sessionid=", "sessionid", "sessionid=anna,ben");
  Upstream upstream(personal());
  Larder larder(upstream, settings);
  larder.get("/account/", session("anna"));
  larder.get("/account/", session("ben"));
  larder.get("/account/");
  for (int i = 0; i < 2; ++i) {
    const Response response = larder.get("/account/", {"Cookie: " + cookie});
    CHECK(response.body == "for " + cookie);
    CHECK(response.cache_status()["fwd"] == "bypass");
    CHECK(response.cache_status()["detail"] == "unclear-session");
  }
  const Response two_lines = larder.get("/account/", {"Cookie: sessionid=anna", "Cookie: sessionid=ben"});
  CHECK(two_lines.cache_status()["detail"] == "unclear-session");
  CHECK(larder.site().store.stats().entries == 3);
}

TEST_CASE("What the upstream does not let be stored is stored for no session") {
  const std::string line = GENERATE(as<std::string>{}, "Cache-Control: private, max-age=60",
                                    "Cache-Control: no-store", "Set-Cookie: sessionid=anna; Max-Age=1209600",
                                    "Cache-Control: max-age=60\r\nSet-Cookie: csrftoken=x");
  CAPTURE(line);
  Upstream upstream(personal({line}));
  Larder larder(upstream, {.site = "routes:\n  - {match: \"/**\", ttl: 1m, cookies: {vary: [sessionid]}, "
                                   "unsafe: [set_cookie]}\n",
                           .upstream = {},
                           .public_listener = {}});
  for (int i = 0; i < 2; ++i) {
    const Response response = larder.get("/account/", session("anna"));
    CHECK_FALSE(response.is_hit());
    CHECK(response.body == "for sessionid=anna");
  }
  CHECK(larder.site().store.stats().private_entries == 0);
}

TEST_CASE("Caches on the way are told that a private copy is one visitor's") {
  Upstream upstream(personal({"Cache-Control: public, max-age=60", "CDN-Cache-Control: max-age=60",
                              "Expires: Fri, 31 Dec 9999 23:59:59 GMT", "ETag: \"1\""}));
  Larder larder(upstream, {.site = private_route + "    downstream: {cache_control: \"public, max-age=9\"}\n",
                           .upstream = {},
                           .public_listener = {}});
  for (int i = 0; i < 2; ++i) {
    for (const std::string condition : {"Accept: */*", "If-None-Match: \"1\""}) {
      const Response copy = larder.get("/account/", {"Cookie: sessionid=anna", condition});
      CHECK(copy.status == (condition.starts_with("If") ? 304 : 200));
      CHECK(copy["Cache-Control"] == "private, max-age=0, must-revalidate");
      CHECK(copy["Vary"] == "Cookie");
      CHECK_FALSE(copy.has("CDN-Cache-Control"));
      CHECK_FALSE(copy.has("Expires"));
    }
  }
  const Response shared = larder.get("/account/");
  CHECK(shared["Cache-Control"] == "public, max-age=9");
  CHECK(shared["Vary"] == "Cookie");  // who logs in must not be shown it by his browser
  const Response elsewhere = larder.get("/page/");
  CHECK_FALSE(elsewhere.has("Vary"));
}

TEST_CASE("HEAD, revalidation and grace are each session's own") {
  Upstream upstream;
  Larder larder(upstream, {.site = private_route + "    stale: {while_revalidate: 1h, if_error: 1h}\n",
                           .upstream = {},
                           .public_listener = {}});
  Connection anna = larder.connect();
  Connection ben = larder.connect();
  for (auto* visitor : {&anna, &ben}) {
    const std::string name = visitor == &anna ? "anna" : "ben";
    visitor->get("/account/", session(name));
    upstream.next_request().respond(ok("for " + name, {"ETag: \"" + name + "\""}));
    visitor->read_response();
  }
  anna.send(request_text("HEAD", "/account/", session("anna")));
  const Response head = anna.read_response("HEAD");
  CHECK(head.is_hit());
  CHECK(head["ETag"] == "\"anna\"");

  larder.advance(std::chrono::seconds(100));
  anna.get("/account/", session("anna"));
  const Response stale = anna.read_response();
  CHECK(stale.body == "for anna");
  CHECK(stale.is_hit());
  Request refresh = upstream.next_request();
  CHECK(refresh["If-None-Match"] == "\"anna\"");
  CHECK(refresh["Cookie"] == "sessionid=anna");
  refresh.respond(head_text("304 Not Modified", {"ETag: \"anna\""}));
  larder.wait_for_no_flight();
  anna.get("/account/", session("anna"));
  const Response renewed = anna.read_response();
  CHECK(renewed.body == "for anna");
  CHECK(std::stoi(renewed.cache_status()["ttl"]) > 0);
  CHECK(renewed["Cache-Control"] == "private, max-age=0, must-revalidate");
  CHECK(renewed["Vary"] == "Cookie");

  ben.get("/account/", session("ben"));
  CHECK(ben.read_response().body == "for ben");
  upstream.next_request().respond(response_text("503 Service Unavailable", "down"));
  larder.wait_for_no_flight();
  ben.get("/account/", session("ben"));
  CHECK(ben.read_response().body == "for ben");
  upstream.next_request().respond(ok("new for ben"));
}

TEST_CASE("A purge takes everybody's copies, also those of sessions") {
  Upstream upstream(personal());
  Larder larder(upstream, settings);
  for (const char* name : {"anna", "ben"}) larder.get("/account/", session(name));
  larder.get("/account/");
  larder.purge("path:/account/");
  for (const char* name : {"anna", "ben"}) CHECK_FALSE(larder.get("/account/", session(name)).is_hit());
  CHECK_FALSE(larder.get("/account/").is_hit());
}
