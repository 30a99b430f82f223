// What was fetched before a purge is never served to anyone who asks after its acknowledgement.
//
// Each round holds a fetch at the upstream, purges, and lets others ask before the old answer comes.
// LARDER_FENCE_ROUNDS says how many rounds (20); tests/soak/fence makes 2,000.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

// A page of its own for each round, so that rounds do not meddle with each other.
struct Page {
  explicit Page(int number) : name("post-" + std::to_string(number)), path("/blog/" + name + "/") {}
  std::string name;
  std::string path;
};

struct Purge {
  const char* what;
  std::function<void(Larder&, const Page&, const char* mode)> carry_out;
};

void select(Larder& larder, const std::string& selector, const char* mode) {
  larder.purge(selector, mode);
}

// Every way to name the page. The first of them cannot be soft.
const std::vector<Purge>& purges() {
  static const std::vector<Purge> all{
      {"PURGE", [](Larder& larder, const Page& page, const char*) { larder.purge_by_method(page.path); }},
      {"url", [](Larder& larder, const Page& page,
                 const char* mode) { select(larder, "url:http://www.example.com" + page.path, mode); }},
      {"path",
       [](Larder& larder, const Page& page, const char* mode) { select(larder, "path:" + page.path, mode); }},
      {"prefix", [](Larder& larder, const Page& page,
                    const char* mode) { select(larder, "prefix:/blog/" + page.name, mode); }},
      {"host",
       [](Larder& larder, const Page&, const char* mode) { select(larder, "host:www.example.com", mode); }},
      {"tag",
       [](Larder& larder, const Page& page, const char* mode) { select(larder, "tag:" + page.name, mode); }},
      {"tag prefix", [](Larder& larder, const Page& page,
                        const char* mode) { select(larder, "tag:" + page.name + "*", mode); }},
      {"capture",
       [](Larder& larder, const Page& page, const char* mode) { select(larder, "slug:" + page.name, mode); }},
      {"all", [](Larder& larder, const Page&, const char* mode) { select(larder, "all", mode); }},
  };
  return all;
}

int rounds() {
  const char* text = std::getenv("LARDER_FENCE_ROUNDS");
  return text == nullptr ? 20 : std::stoi(text);
}

// Calls `round` with a new page for every purge, as often as asked for.
void for_each_round(const std::function<void(const Page&, const Purge&, bool is_odd)>& round) {
  int number = 0;
  for (int i = 0; i < rounds(); ++i) {
    for (const Purge& purge : purges()) {
      INFO("purge by " << purge.what << ", round " << i);
      round(Page(number++), purge, i % 2 == 1);
    }
  }
}

std::string tagged(const Page& page, const std::string& body, const Lines& lines = {}) {
  Lines all = lines;
  all.push_back("Surrogate-Key: " + page.name + " blog");
  return fresh(body, 60, all);
}

const Settings settings{
    .site = "routes:\n  - match: \"/blog/{slug}/\"\n", .upstream = {}, .public_listener = {}};

// Three visitors whose connections live for all rounds.
struct Visitors {
  explicit Visitors(Larder& larder) : before(larder.port()), after(larder.port()), late(larder.port()) {}
  Connection before;  // asks before the purge
  Connection after;   // after its acknowledgement, while the old fetch is still held
  Connection late;    // after the old answer has come
};

void check_body(Connection& visitor, const std::string& body) {
  const Response response = visitor.read_response();
  REQUIRE(response.status == 200);
  REQUIRE(response.is_complete);
  REQUIRE(response.body == body);
}

// The old answer comes first (or, in odd rounds, last): in no order does it reach who asked after the purge.
void answer_both(const Page& page, Visitors& visitors, Request& old_fetch, const std::string& old_answer,
                 Request& new_fetch, bool is_new_first) {
  if (is_new_first) new_fetch.respond(tagged(page, "new"));
  if (is_new_first) check_body(visitors.after, "new");
  old_fetch.respond(old_answer);
  check_body(visitors.before, "old");
  visitors.late.get(page.path);
  if (!is_new_first) new_fetch.respond(tagged(page, "new"));
  if (!is_new_first) check_body(visitors.after, "new");
  check_body(visitors.late, "new");
  visitors.late.get(page.path);
  check_body(visitors.late, "new");
}

void check_cold_fetch(const char* mode) {
  Upstream upstream;
  Larder larder(upstream, settings);
  Visitors visitors(larder);
  std::size_t expected = 0;
  for_each_round([&](const Page& page, const Purge& purge, bool is_odd) {
    visitors.before.get(page.path);
    Request old_fetch = upstream.next_request();
    purge.carry_out(larder, page, mode);
    visitors.after.get(page.path);
    Request new_fetch = upstream.next_request();  // it did not join: the old fetch is still held
    answer_both(page, visitors, old_fetch, tagged(page, "old"), new_fetch, is_odd);
    expected += 2;
    REQUIRE(upstream.requests() == expected);
  });
}

}  // namespace

TEST_CASE("What was fetched before a purge is never served to anyone who asks after its acknowledgement",
          "[fence]") {
  check_cold_fetch("hard");
}

TEST_CASE("A soft purge is as hard as a hard one where there is no grace", "[fence]") {
  check_cold_fetch("soft");
}

TEST_CASE("A revalidation that began before a purge renews nothing for those who ask after it", "[fence]") {
  Upstream upstream;
  Larder larder(upstream, settings);
  Visitors visitors(larder);
  for_each_round([&](const Page& page, const Purge& purge, bool is_odd) {
    visitors.before.get(page.path);
    upstream.next_request().respond(tagged(page, "old", {"ETag: \"1\""}));
    check_body(visitors.before, "old");
    larder.advance(std::chrono::seconds(61));
    visitors.before.get(page.path);
    Request old_fetch = upstream.next_request();
    REQUIRE(old_fetch["If-None-Match"] == "\"1\"");
    purge.carry_out(larder, page, "hard");
    visitors.after.get(page.path);
    Request new_fetch = upstream.next_request();
    REQUIRE_FALSE(new_fetch.has("If-None-Match"));  // what was purged is no source of validators
    const std::string not_modified =
        head_text("304 Not Modified", {"ETag: \"1\"", "Cache-Control: max-age=60"});
    answer_both(page, visitors, old_fetch, not_modified, new_fetch, is_odd);
  });
}

TEST_CASE("Both variants in flight when a purge comes stay on its far side", "[fence]") {
  Upstream upstream;
  Larder larder(upstream, settings);
  const auto in = [](const Request& request, const std::string& text) {
    return text + " " + request["Accept-Language"];
  };
  const std::vector<std::string> languages{"en", "fr"};
  std::vector<Connection> before;
  std::vector<Connection> after;
  for (std::size_t i = 0; i < languages.size(); ++i) before.push_back(larder.connect());
  for (std::size_t i = 0; i < languages.size(); ++i) after.push_back(larder.connect());
  const auto ask = [&languages](std::vector<Connection>& visitors, const Page& page) {
    for (std::size_t i = 0; i < languages.size(); ++i) {
      visitors[i].get(page.path, {"Accept-Language: " + languages[i]});
    }
  };
  const auto check = [&languages](std::vector<Connection>& visitors, const std::string& text) {
    for (std::size_t i = 0; i < languages.size(); ++i) check_body(visitors[i], text + " " + languages[i]);
  };
  const auto respond = [&in](const Page& page, std::vector<Request>& requests, const std::string& text) {
    for (Request& request : requests) {
      request.respond(tagged(page, in(request, text), {"Vary: Accept-Language"}));
    }
  };
  for_each_round([&](const Page& page, const Purge& purge, bool) {
    before[0].get(page.path, {"Accept-Language: xx"});  // makes the Vary known
    upstream.next_request().respond(tagged(page, "xx", {"Vary: Accept-Language"}));
    check_body(before[0], "xx");
    ask(before, page);
    std::vector<Request> old_fetches = upstream.next_requests(languages.size());
    purge.carry_out(larder, page, "hard");
    ask(after, page);
    std::vector<Request> new_fetches;
    new_fetches.push_back(upstream.next_request());
    respond(page, old_fetches, "old");
    check(before, "old");
    respond(page, new_fetches, "new");
    // Beside the first, or after its head if a sweep has just taken what made the Vary known.
    std::vector<Request> others;
    others.push_back(upstream.next_request());
    respond(page, others, "new");
    check(after, "new");
    ask(after, page);
    check(after, "new");
  });
}

TEST_CASE("After a soft purge what was fetched before it is served only as stale, and says so", "[fence]") {
  Upstream upstream;
  Larder larder(
      upstream,
      {.site = settings.site + "    stale: {while_revalidate: 1h}\n", .upstream = {}, .public_listener = {}});
  Visitors visitors(larder);
  for_each_round([&](const Page& page, const Purge& purge, bool) {
    const bool is_soft = purge.what != std::string("PURGE");
    visitors.before.get(page.path);
    Request old_fetch = upstream.next_request();
    purge.carry_out(larder, page, "soft");
    old_fetch.respond(tagged(page, "old"));
    check_body(visitors.before, "old");

    visitors.after.get(page.path);
    Request new_fetch = upstream.next_request();  // asked for by `after`, or behind its back
    if (is_soft) {
      const Response stale = visitors.after.read_response();
      REQUIRE(stale.body == "old");
      REQUIRE(stale.is_hit());
      const CacheStatus status = stale.cache_status();
      REQUIRE((status["detail"].find("soft") != std::string::npos || status["ttl"].starts_with("-")));
    }
    new_fetch.respond(tagged(page, "new"));
    if (!is_soft) check_body(visitors.after, "new");
    larder.wait_for_no_flight();
    visitors.late.get(page.path);
    check_body(visitors.late, "new");
  });
}

TEST_CASE("Who asked before the purge and waits for the same fetch is answered by it", "[fence]") {
  Upstream upstream;
  Larder larder(upstream, settings);
  const Page page(0);
  std::vector<Connection> before = ask_all(larder.port(), 5, page.path);
  Request old_fetch = upstream.next_request();
  larder.wait_for_joined(4);
  larder.purge("path:" + page.path);
  std::vector<Connection> after = ask_all(larder.port(), 5, page.path);
  Request new_fetch = upstream.next_request();
  larder.wait_for_joined(8);  // they share the next fetch
  old_fetch.respond(tagged(page, "old"));
  for (Connection& visitor : before) check_body(visitor, "old");
  new_fetch.respond(tagged(page, "new"));
  for (Connection& visitor : after) check_body(visitor, "new");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("A purge of something else leaves a fetch in flight alone", "[fence]") {
  Upstream upstream;
  Larder larder(upstream, settings);
  const Page page(1);
  Connection first = larder.connect();
  first.get(page.path);
  Request fetch = upstream.next_request();
  for (const char* selector : {"path:/blog/other/", "prefix:/news/", "host:other.example", "slug:other",
                               "url:http://www.example.com/blog/post-1/?page=2"}) {
    larder.purge(selector);
  }
  Connection second = larder.connect();
  second.get(page.path);
  larder.wait_for_joined(1);
  fetch.respond(tagged(page, "page"));
  check_body(first, "page");
  check_body(second, "page");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("A body that still grows when the purge comes is joined by nobody", "[fence]") {
  Upstream upstream;
  Larder larder(upstream, settings);
  const Page page(2);
  Visitors visitors(larder);
  visitors.before.get(page.path);
  Request old_fetch = upstream.next_request();
  old_fetch.send(head_text("200 OK", {"Content-Length: 3", "Cache-Control: max-age=60"}) + "o");
  visitors.before.read_head();
  visitors.before.read_body_at_least(1);
  larder.purge("path:" + page.path);
  visitors.after.get(page.path);
  Request new_fetch = upstream.next_request();
  old_fetch.respond("ld");
  CHECK(visitors.before.read_rest().body == "old");
  new_fetch.respond(tagged(page, "new"));
  check_body(visitors.after, "new");
  visitors.late.get(page.path);
  check_body(visitors.late, "new");
  CHECK(upstream.requests() == 2);
}
