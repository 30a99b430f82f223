// `refuse`: what is not stored whatever its fields say.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

const Lines html{"Content-Type: text/html; charset=utf-8", "Cache-Control: max-age=600"};
const Lines chunked_html{"Content-Type: text/html", "Cache-Control: max-age=600",
                         "Transfer-Encoding: chunked"};
const std::string form = "<form><input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"secret\"></form>";
const std::string bar = "<template><div data-wagtail-userbar></div></template>";
const std::string page = "<html>a page for everybody</html>";

Settings refusing(const std::string& words) {
  Settings settings;
  settings.site = "refuse: [" + words + "]\n";
  return settings;
}

bool is_stored(const Response& response) {
  return response.cache_status().has("stored");
}

}  // namespace

TEST_CASE("A page with a CSRF token or a user bar is not stored, and says why") {
  const auto [body, detail] =
      GENERATE(table<std::string, std::string>({{form, "csrf-token"}, {bar, "user-bar"}}));
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token, user_bar"));
  Connection visitor = larder.connect();
  for (int i = 0; i < 3; ++i) {
    visitor.get("/page/");
    upstream.next_request().respond(ok(body, html));
    const Response response = visitor.read_response();
    CHECK(response.body == body);
    CHECK(response.cache_status()["detail"] == detail);
    CHECK_FALSE(is_stored(response));
  }
  // Mended: it can be shared again.
  visitor.get("/page/");
  upstream.next_request().respond(ok(page, html));
  CHECK(is_stored(visitor.read_response()));
  visitor.get("/page/");
  CHECK(visitor.read_response().is_hit());
}

TEST_CASE("A refused page is not handed to the caches behind as if it could be shared") {
  Upstream upstream;
  Settings settings = refusing("csrf_token");
  settings.site +=
      "routes: [{match: \"/**\", ttl: 60s, downstream: {cache_control: \"public, max-age=300\"}}]\n";
  Larder larder(upstream, settings);
  Connection visitor = larder.connect();
  visitor.get("/page/");
  upstream.next_request().respond(ok(form, {"Content-Type: text/html"}));
  CHECK(visitor.read_response()["Cache-Control"] == "private, max-age=0, must-revalidate");
  visitor.get("/page/");
  upstream.next_request().respond(ok(page, {"Content-Type: text/html"}));
  CHECK(visitor.read_response()["Cache-Control"] == "public, max-age=300");
}

TEST_CASE("Only what a rule names is looked for, and only in HTML") {
  Upstream upstream;
  Larder larder(upstream, refusing("user_bar"));
  Connection visitor = larder.connect();
  visitor.get("/form/");
  upstream.next_request().respond(ok(form, html));
  CHECK(is_stored(visitor.read_response()));
  visitor.get("/data.json");
  upstream.next_request().respond(ok(bar, {"Content-Type: application/json", "Cache-Control: max-age=600"}));
  CHECK(is_stored(visitor.read_response()));
}

TEST_CASE("Those who wait for a page that turns out to be one visitor's get their own") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Connection first = larder.connect();
  first.get("/page/");
  Request leader = upstream.next_request();
  Connection second = larder.connect();
  second.get("/page/");
  larder.wait_for_joined(1);
  leader.respond(ok("first's " + form, html));
  CHECK(first.read_response().body == "first's " + form);
  upstream.next_request().respond(ok("second's " + form, html));
  CHECK(second.read_response().body == "second's " + form);
}

TEST_CASE("A clean page is one fetch for all who wait while it is read") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Connection first = larder.connect();
  first.get("/page/");
  Request leader = upstream.next_request();
  leader.send(head_text("200 OK", chunked_html) + chunk("<html>half a "));
  Connection second = larder.connect();
  second.get("/page/");
  larder.wait_for_joined(1);
  leader.send(chunk("page</html>") + std::string(last_chunk));
  leader.finish();
  CHECK(first.read_response().body == "<html>half a page</html>");
  CHECK(second.read_response().body == "<html>half a page</html>");
  CHECK(upstream.requests() == 1);
  CHECK(larder.get("/page/").is_hit());
}

TEST_CASE("A page that does not end is not held back for ever, nor kept") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Connection first = larder.connect();
  first.get("/stream/");
  Request leader = upstream.next_request();
  leader.send(head_text("200 OK", chunked_html) + chunk("<html>the beginning"));
  Connection second = larder.connect();
  second.get("/stream/");
  larder.wait_for_joined(1);
  // Its own request comes when the wait is over; then the first visitor has what is there.
  Request follower = upstream.next_request();
  follower.respond(ok(page, html));
  CHECK(second.read_response().body == page);
  leader.send(chunk(", " + form) + std::string(last_chunk));
  leader.finish();
  const Response streamed = first.read_response();
  CHECK(streamed.body == "<html>the beginning, " + form);
  CHECK(streamed.cache_status()["detail"] == "unread-page");
  CHECK(larder.get("/stream/").body == page);
}

TEST_CASE("A page that is too long to be held back goes to who asked, and is not kept") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  const std::string text(3 * 1024 * 1024, 'x');
  Connection visitor = larder.connect();
  for (int i = 0; i < 2; ++i) {
    visitor.get("/long/");
    upstream.next_request().respond(ok(text, html));
    const Response response = visitor.read_response();
    CHECK(response.body == text);
    CHECK(response.cache_status()["detail"] == "unread-page");
  }
}

TEST_CASE("HTML in a coding that cannot be read is passed on as it is") {
  Upstream upstream;
  Larder larder(upstream, refusing("user_bar"));
  Connection visitor = larder.connect();
  Lines coded = html;
  coded.emplace_back("Content-Encoding: br");
  visitor.get("/page/");
  upstream.next_request().respond(ok("not really brotli", coded));
  const Response response = visitor.read_response();
  CHECK(response.body == "not really brotli");
  CHECK(response.cache_status()["detail"] == "unread-page");
}

TEST_CASE("A page that breaks off while it is held back is an error, never half a page") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", chunked_html) + chunk("<html>half"));
  request.close();
  CHECK(visitor.read_response().status == 502);
}

TEST_CASE("A visitor who leaves while a page is held back leaves it for the next one") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Request request;
  {
    Connection visitor = larder.connect();
    visitor.get("/page/");
    request = upstream.next_request();
    request.send(head_text("200 OK", chunked_html) + chunk("<html>half a "));
    Connection other = larder.connect();
    other.get("/page/");
    larder.wait_for_joined(1);
  }
  request.send(chunk("page</html>") + std::string(last_chunk));
  request.finish();
  larder.wait_for_no_flight();
  CHECK(larder.get("/page/").body == "<html>half a page</html>");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A purge that comes while a page is held back outdates it") {
  Upstream upstream;
  Larder larder(upstream, refusing("csrf_token"));
  Connection visitor = larder.connect();
  visitor.get("/page/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", chunked_html) + chunk("<html>the old "));
  larder.purge("path:/page/");
  request.send(chunk("page</html>") + std::string(last_chunk));
  request.finish();
  CHECK(visitor.read_response().body == "<html>the old page</html>");
  visitor.get("/page/");
  upstream.next_request().respond(ok("the new page", html));
  CHECK(visitor.read_response().body == "the new page");
}

TEST_CASE("A response that sets a cookie is refused also where it names a lifetime") {
  Upstream upstream;
  Larder larder(upstream, refusing("set_cookie"));
  Connection visitor = larder.connect();
  for (int i = 0; i < 2; ++i) {
    visitor.get("/page/");
    upstream.next_request().respond(ok(page, {"Cache-Control: public, max-age=600", "Set-Cookie: a=b"}));
    const Response response = visitor.read_response();
    CHECK_FALSE(is_stored(response));
    CHECK(response.cache_status()["detail"] == "response-set-cookie");
  }
}

TEST_CASE("The answer to a session whose cookie is not in the key is not stored, and nobody waits for it") {
  Upstream upstream;
  Larder larder(upstream, refusing("session"));
  const Lines anna{"Cookie: sessionid=anna"};
  Connection first = larder.connect();
  first.get("/page/", anna);
  Request of_anna = upstream.next_request();
  // Another visitor does not join, also before the head tells that it is not shareable.
  Connection second = larder.connect();
  second.get("/page/");
  Request of_all = upstream.next_request();
  of_anna.respond(fresh("anna's page"));
  const Response personal = first.read_response();
  CHECK(personal.body == "anna's page");
  CHECK(personal.cache_status()["detail"] == "session-cookie");
  of_all.respond(fresh("everybody's page"));
  CHECK(is_stored(second.read_response()));
  CHECK(larder.get("/page/").body == "everybody's page");
  CHECK(upstream.requests() == 2);
}
