// Nobody is shown a private copy from before his log-out, also when it was being fetched meanwhile.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const std::string private_route =
    "routes:\n  - {match: \"/bye/\", unsafe: [set_cookie]}\n  - {match: \"/account/**\", ttl: 1m, stale: "
    "{while_revalidate: 1h, if_error: 1h}, "
    "cookies: {vary: [sessionid]}}\n";
const Settings settings{.site = private_route, .upstream = {}, .public_listener = {}};

const std::string cleared =
    "Set-Cookie: sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/";

Lines session(const std::string& value) {
  return {"Cookie: sessionid=" + value};
}

std::string redirect(const Lines& lines) {
  Lines all = lines;
  all.push_back("Location: /");
  return response_text("302 Found", "", all);
}

// Pages for whoever asks, and the answer to everything that is no GET.
Upstream::Handler site_with(const std::string& answer) {
  return [answer](Request request) {
    if (request.method() == "GET" && request.target().starts_with("/account/"))
      return request.respond(ok("for " + request["Cookie"]));
    request.respond(answer);
  };
}

bool is_hit(const Larder& larder, const std::string& name, const std::string& path = "/account/") {
  const Response response = larder.get(path, session(name));
  CHECK(response.body == "for sessionid=" + name);
  return response.is_hit();
}

std::uint64_t lines_of(Larder& larder) {
  return larder.site().purge_log.newest();
}

}  // namespace

TEST_CASE("A log-out outdates the copies of that session, and of no other") {
  const std::string set_cookie = GENERATE(
      as<std::string>{}, cleared, "Set-Cookie: sessionid=anna; Max-Age=-1", "Set-Cookie: sessionid=; Path=/",
      "Set-Cookie: a=b\r\nSet-Cookie: sessionid=x; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
      "Set-Cookie: sessionid=another; Max-Age=1209600",  // a log-in
      "Clear-Site-Data: \"cookies\"");
  CAPTURE(set_cookie);
  Upstream upstream(site_with(redirect({set_cookie})));
  Larder larder(upstream, settings);
  for (const char* name : {"anna", "ben"}) {
    for (const char* path : {"/account/", "/account/posts/"}) larder.get(path, session(name));
  }
  larder.get("/account/");
  const std::string method = GENERATE(as<std::string>{}, "POST", "GET", "DELETE");
  ask(larder.port(), method, "/logout/", session("anna"));
  CHECK(lines_of(larder) == 1);
  for (const char* path : {"/account/", "/account/posts/"}) {
    CHECK_FALSE(is_hit(larder, "anna", path));
    CHECK(is_hit(larder, "ben", path));
  }
  CHECK(larder.get("/account/").is_hit());
  CHECK(is_hit(larder, "anna"));  // a new one, fetched after it
}

TEST_CASE("A response that leaves the session as it is outdates nothing") {
  const std::string set_cookie =
      GENERATE(as<std::string>{}, "Set-Cookie: sessionid=anna; Max-Age=1209600",
               "Set-Cookie: csrftoken=; Max-Age=0", "Set-Cookie: Sessionid=; Max-Age=0");
  Upstream upstream(site_with(redirect({set_cookie})));
  Larder larder(upstream, settings);
  larder.get("/account/", session("anna"));
  ask(larder.port(), "POST", "/settings/", session("anna"));
  CHECK(is_hit(larder, "anna"));
  CHECK(lines_of(larder) == 0);
}

TEST_CASE("A log-out is seen wherever it happens") {
  Upstream upstream(site_with(redirect({cleared})));
  Larder larder(upstream, settings);
  larder.get("/account/", session("anna"));
  larder.get("/account/", session("ben"));

  SECTION("on a private page itself, which is fetched for it") {
    upstream.handle([](Request request) { request.respond(ok("gone", {cleared})); });
    CHECK(larder.get("/account/other/", session("anna")).body == "gone");
  }
  SECTION("in a 304") {
    upstream.handle([](Request request) {
      if (request.has("If-None-Match"))
        return request.respond(head_text("304 Not Modified", {"ETag: \"1\"", cleared}));
      request.respond(ok("for " + request["Cookie"], {"ETag: \"1\""}));
    });
    larder.get("/account/etag/", session("anna"));
    larder.get("/account/etag/", {"Cookie: sessionid=anna", "Cache-Control: no-cache"});
  }
  SECTION("in a response that is stored for everybody") {
    Lines lines{"Cache-Control: public, max-age=60", cleared};
    upstream.handle([lines](Request request) { request.respond(ok("bye", lines)); });
    larder.get("/bye/");
    CHECK(larder.get("/bye/", session("anna")).is_hit());
  }
  SECTION("with the session written in another way") {
    ask(larder.port(), "POST", "/logout/", {"Cookie: x=y; sessionid = \"anna\""});
  }
  SECTION("with the session repeated") {
    ask(larder.port(), "POST", "/logout/", {"Cookie: sessionid=anna; sessionid=carl"});
  }
  SECTION("in an error") {
    upstream.handle([](Request request) { request.respond(response_text("500 Oops", "", {cleared})); });
    ask(larder.port(), "POST", "/logout/", session("anna"));
  }
  SECTION("in an interim response") {
    upstream.handle(
        [](Request request) { request.respond(head_text("103 Early Hints", {cleared}) + ok("done")); });
    ask(larder.port(), "POST", "/logout/", session("anna"));
  }
  CHECK(lines_of(larder) >= 1);
  upstream.handle(site_with(""));
  CHECK_FALSE(is_hit(larder, "anna"));
  CHECK(is_hit(larder, "ben"));
}

TEST_CASE("Whoever gets the log-out's answer meets no copy from before it, stale or not") {
  Upstream upstream(site_with(redirect({cleared})));
  Larder larder(upstream, settings);
  larder.get("/account/", session("anna"));
  larder.advance(std::chrono::seconds(100));  // within grace
  ask(larder.port(), "POST", "/logout/", session("anna"));
  upstream.handle([](Request request) { request.respond(response_text("503 Service Unavailable", "down")); });
  const Response response = larder.get("/account/", session("anna"));
  CHECK(response.status == 503);
  CHECK(response.body == "down");
}

TEST_CASE("A private page that was being fetched at the log-out reaches nobody who asks after it") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Connection before = larder.connect();
  Connection leaving = larder.connect();
  Connection after = larder.connect();
  before.get("/account/", session("anna"));
  Request old_fetch = upstream.next_request();
  leaving.send(request_text("POST", "/logout/", session("anna"), "a=b"));
  upstream.next_request().respond(redirect({cleared}));
  CHECK(leaving.read_response().status == 302);
  after.get("/account/", session("anna"));
  Request new_fetch = upstream.next_request();  // it did not join
  const bool is_new_first = GENERATE(false, true);
  if (is_new_first) {
    new_fetch.respond(ok("new"));
    CHECK(after.read_response().body == "new");
  }
  old_fetch.respond(ok("old"));
  CHECK(before.read_response().body == "old");  // asked before
  if (!is_new_first) {
    new_fetch.respond(ok("new"));
    CHECK(after.read_response().body == "new");
  }
  larder.wait_for_no_flight();
  const Response later = larder.get("/account/", session("anna"));
  CHECK(later.body == "new");
  CHECK(later.is_hit());
}

TEST_CASE("A private page whose body still came at the log-out is not kept") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Connection before = larder.connect();
  before.get("/account/", session("anna"));
  Request old_fetch = upstream.next_request();
  old_fetch.send(head_text("200 OK", {"Content-Length: 3"}) + "o");
  before.read_head();
  before.read_body_at_least(1);
  Connection leaving = larder.connect();
  leaving.send(request_text("POST", "/logout/", session("anna"), "a=b"));
  upstream.next_request().respond(redirect({cleared}));
  leaving.read_response();
  Connection after = larder.connect();
  after.get("/account/", session("anna"));
  Request new_fetch = upstream.next_request();
  old_fetch.respond("ld");
  CHECK(before.read_rest().body == "old");
  new_fetch.respond(ok("new"));
  CHECK(after.read_response().body == "new");
}

TEST_CASE("A log-out whose answer never came is taken for one") {
  Upstream upstream;
  Larder larder(upstream,
                {.site = private_route, .upstream = {"retries: {attempts: 0}"}, .public_listener = {}});
  Connection visitor = larder.connect();
  visitor.get("/account/", session("anna"));
  upstream.next_request().respond(ok("old"));
  visitor.read_response();
  const std::string method = GENERATE(as<std::string>{}, "POST", "GET");
  Connection leaving = larder.connect();
  leaving.send(request_text(method, "/logout/?x", session("anna")));
  Request request = upstream.next_request();
  request.close();
  CHECK(leaving.read_response().status >= 500);
  visitor.get("/account/", session("anna"));
  if (method == "GET") {  // a safe request ends nothing
    CHECK(visitor.read_response().is_hit());
    return;
  }
  upstream.next_request().respond(ok("new"));
  CHECK(visitor.read_response().body == "new");
}

TEST_CASE("Log-outs of sessions without copies leave the purge log alone") {
  Upstream upstream(site_with(redirect({cleared})));
  Larder larder(upstream, settings);
  larder.get("/account/", session("anna"));
  larder.get("/page/", session("made-up-5"));  // no private copy
  for (int i = 0; i < 100; ++i) {
    ask(larder.port(), "POST", "/logout/", session("made-up-" + std::to_string(i)));
  }
  // As Django answers a session it does not know, on a private page.
  upstream.handle([](Request request) { request.respond(ok("page", {cleared})); });
  for (int i = 0; i < 100; ++i) larder.get("/account/", session("unknown-" + std::to_string(i)));
  CHECK(lines_of(larder) == 0);
  CHECK(larder.site().purge_log.line_count() == 0);
  CHECK(is_hit(larder, "anna"));
}

TEST_CASE("Sessions of other names, and of one route alone") {
  Upstream upstream(site_with(redirect({"Set-Cookie: __Host-member=; Max-Age=0"})));
  Larder larder(upstream, {.site = "cookies: {session: []}\nroutes:\n  - {match: \"/account/**\", ttl: 1m, "
                                   "cookies: {vary: [__Host-member], session: [\"__Host-*\"]}}\n",
                           .upstream = {},
                           .public_listener = {}});
  const Lines anna{"Cookie: __Host-member=anna"};
  larder.get("/account/", anna);
  const Response copy = larder.get("/account/", anna);
  CHECK(copy.is_hit());
  CHECK(copy["Cache-Control"] == "private, max-age=0, must-revalidate");
  ask(larder.port(), "POST", "/logout/", anna);  // where the site's own list knows no session
  CHECK_FALSE(larder.get("/account/", anna).is_hit());
}
