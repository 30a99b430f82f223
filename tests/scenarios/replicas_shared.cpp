// Replicas that share what they store and take turns to fetch: one fetch for a page in the whole fleet.
#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "support/scenario/larder_process.hpp"
#include "support/scenario/mass_client.hpp"
#include "support/scenario/replicas.hpp"
#include "support/scenario/waiting.hpp"

using namespace scenario;

namespace {

constexpr std::string_view page_head =
    "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 4\r\n\r\n";

// `fields`: lines with their ends.
std::string page(std::string_view body, std::string_view fields = {}) {
  std::string text = "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n";
  text.append(fields).append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

larder::store::RedisStoreStats second_level_of(Larder& larder) {
  return larder.site().second_level->stats();
}

// So that what one replica has put there can be found by the next.
void wait_for_writes(Larder& larder, std::uint64_t count) {
  wait_until("responses to stand in Redis", [&] { return second_level_of(larder).writes >= count; });
}

void wait_for_turns_waited(Larder& larder, std::uint64_t count) {
  wait_until("a flight to wait for another replica's",
             [&] { return larder.site().fleet->stats().turns_waited >= count; });
}

// INFO's count of a command that has been carried out.
std::uint64_t calls_of(redis_support::RedisServer& redis, const std::string& command) {
  const std::string info = redis.ask({"INFO", "commandstats"});
  const std::string field = "cmdstat_" + command + ":calls=";
  const std::size_t at = info.find(field);
  return at == std::string::npos ? 0 : std::stoull(info.substr(at + field.size()));
}

}  // namespace

TEST_CASE("A replica that starts beside a warm Redis serves what it never fetched") {
  Upstream upstream([](Request request) { request.respond(page("of " + request.target())); });
  Replicas replicas(upstream, 1);
  const Response first = replicas[0].get("/page/");
  CHECK_FALSE(first.is_hit());
  wait_for_writes(replicas[0], 1);
  Larder& late = replicas.add();
  replicas.wait_for_leases();
  const Response known = late.get("/page/");
  CHECK(known.body == "of /page/");
  CHECK(known.is_hit());
  CHECK(known.cache_status()["detail"] == "second-level");
  CHECK(std::stoi(known["Age"]) < 60);
  CHECK(upstream.requests() == 1);
  CHECK(late.get("/page/").cache_status()["detail"].empty());  // from memory from then on
  CHECK(late.get("/other/").body == "of /other/");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("What a purge has outdated is not used, though it stands in Redis") {
  const std::string selector = GENERATE("path:/page/", "tag:topic", "prefix:/pa", "all");
  INFO(selector);
  std::atomic<int> version{1};
  Upstream upstream([&](Request request) {
    request.respond(page("v" + std::to_string(version), "Surrogate-Key: topic\r\n"));
  });
  Replicas replicas(upstream, 3);
  CHECK(replicas[0].get("/page/").body == "v1");
  wait_for_writes(replicas[0], 1);
  ++version;
  REQUIRE(purge_at(replicas[1], selector).status == 200);
  CHECK(replicas[2].get("/page/").body == "v2");
  wait_for_writes(replicas[2], 1);
  CHECK(replicas[1].get("/page/").body == "v2");
  CHECK(replicas[0].get("/page/").body == "v2");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("Each visitor gets his own variant out of Redis") {
  Upstream upstream([](Request request) {
    request.respond(page("in " + request["Accept-Language"], "Vary: Accept-Language\r\n"));
  });
  Replicas replicas(upstream, 2);
  for (const char* language : {"de", "fr"}) {
    const std::string body = std::string("in ") + language;
    CHECK(replicas[0].get("/", {std::string("Accept-Language: ") + language}).body == body);
  }
  wait_for_writes(replicas[0], 2);
  for (const char* language : {"fr", "de"}) {
    const std::string body = std::string("in ") + language;
    CHECK(replicas[1].get("/", {std::string("Accept-Language: ") + language}).body == body);
  }
  CHECK(upstream.requests() == 2);
}

TEST_CASE("A thousand visitors of three replicas who want one cold page cost one fetch") {
  Upstream upstream([](Request request) {
    request.work_for(Milliseconds(300));
    request.respond(page("page"));
  });
  Replicas replicas(upstream, 3);
  allow_descriptors(4096);
  const std::string request = request_text("GET", "/cold/", {});
  std::vector<std::future<std::vector<MassAnswer>>> crowds;
  for (std::size_t i = 0; i < 3; ++i) {
    crowds.push_back(std::async(std::launch::async, [&replicas, &request, i] {
      return ask_at_once(replicas[i].port(), i == 0 ? 334 : 333, request);
    }));
  }
  std::size_t answered = 0;
  for (auto& crowd : crowds) {
    for (const MassAnswer& answer : crowd.get()) {
      if (answer.response.status == 200 && answer.response.body == "page") ++answered;
    }
  }
  CHECK(answered == 1000);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("When the replica that fetches is killed, another takes over and everybody is answered") {
  Upstream upstream;
  ReplicaSettings settings;
  Replicas replicas(upstream, 2, settings);
  const std::string redis = "{url: \"unix:" + replicas.redis().unix_path() + "\", " + settings.redis + "}";
  LarderProcess victim(LARDER_BINARY, "upstream: \"" + upstream.address() + "\"\nstore:\n  redis: " + redis +
                                          "\nlog: {level: \"off\", access: \"off\"}\n");
  Connection lost(victim.port());
  lost.get("/page/");
  const Request dying = upstream.next_request();
  std::vector<std::vector<Connection>> crowds;
  for (std::size_t i = 0; i < 2; ++i) {
    crowds.push_back(ask_all(replicas[i].port(), 20, "/page/"));
    replicas[i].wait_for_joined(19);
    wait_for_turns_waited(replicas[i], 1);
  }
  CHECK_FALSE(upstream.has_request());
  victim.kill();
  Request second = upstream.next_request();
  second.respond(page("page"));
  for (auto& crowd : crowds) {
    for (const Response& response : read_all(crowd)) CHECK(response.body == "page");
  }
  CHECK(upstream.requests() == 2);
}

TEST_CASE("A replica that stops in the middle of its fetch hands the turn over") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  Connection first = replicas[0].connect();
  first.get("/page/");
  const Request dying = upstream.next_request();
  auto waiting = ask_all(replicas[1].port(), 1, "/page/");
  wait_for_turns_waited(replicas[1], 1);
  replicas.stop(0);
  Request second = upstream.next_request();
  second.respond(page("page"));
  CHECK(read_all(waiting).front().body == "page");
}

TEST_CASE("What cannot be shared keeps nobody waiting in the other replicas") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  const std::string own = "HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: 3\r\n\r\nown";
  auto first = ask_all(replicas[0].port(), 1, "/page/");
  Request held = upstream.next_request();
  auto crowd = ask_all(replicas[1].port(), 5, "/page/");
  replicas[1].wait_for_joined(4);
  wait_for_turns_waited(replicas[1], 1);
  CHECK_FALSE(upstream.has_request());
  held.respond(own);
  CHECK(read_all(first).front().body == "own");
  for (Request& request : upstream.next_requests(5)) request.respond(own);  // all at once
  for (const Response& response : read_all(crowd)) CHECK(response.body == "own");
  // And who comes later, to a replica that has not asked for it yet, knows.
  Larder& late = replicas.add();
  replicas.wait_for_leases();
  auto others = ask_all(late.port(), 5, "/page/");
  for (Request& request : upstream.next_requests(5)) request.respond(own);
  for (const Response& response : read_all(others)) CHECK(response.body == "own");
  CHECK(late.site().fleet->stats().turns == 0);
}

TEST_CASE("Who asks after a purge does not wait for the fetch that it has overtaken, in any replica") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  auto before = ask_all(replicas[0].port(), 1, "/page/");
  Request old = upstream.next_request();
  REQUIRE(purge_at(replicas[0], "path:/page/").status == 200);
  auto after = ask_all(replicas[1].port(), 1, "/page/");
  Request fresh = upstream.next_request();
  fresh.respond(page("new"));
  CHECK(read_all(after).front().body == "new");
  old.respond(page("old"));
  CHECK(read_all(before).front().body == "old");  // he asked before
  for (std::size_t i = 0; i < 2; ++i) CHECK(replicas[i].get("/page/").body == "new");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("A body that does not end keeps the other replicas waiting for a moment only") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  auto first = ask_all(replicas[0].port(), 1, "/slow/");
  Request slow = upstream.next_request();
  slow.send(page_head);
  slow.send("sl");
  auto second = ask_all(replicas[1].port(), 1, "/slow/");
  wait_for_turns_waited(replicas[1], 1);
  upstream.next_request().respond(page("slow"));
  CHECK(read_all(second).front().body == "slow");
  slow.send("ow");
  slow.finish();
  CHECK(read_all(first).front().body == "slow");
}

TEST_CASE("A hit in memory costs Redis nothing") {
  Upstream upstream([](Request request) { request.respond(page("page")); });
  Replicas replicas(upstream, 2);
  replicas[0].get("/page/");
  wait_for_writes(replicas[0], 1);
  const auto look_ups = second_level_of(replicas[0]).look_ups;
  const auto turns = replicas[0].site().fleet->stats().turns;
  const auto reads = calls_of(replicas.redis(), "mget");
  for (int i = 0; i < 100; ++i) CHECK(replicas[0].get("/page/").is_hit());
  CHECK(second_level_of(replicas[0]).look_ups == look_ups);
  CHECK(replicas[0].site().fleet->stats().turns == turns);
  CHECK(calls_of(replicas.redis(), "mget") == reads);
  CHECK(reads > 0);
}

TEST_CASE("A Redis that stands still delays no hit, and a miss by its budget") {
  Upstream upstream([](Request request) { request.respond(page("page")); });
  ReplicaSettings settings;
  settings.redis = "lease: 9s, read_budget: 20ms";
  Replicas replicas(upstream, 2, settings);
  replicas[0].get("/page/");
  wait_for_writes(replicas[0], 1);
  replicas.redis().pause();
  CHECK(replicas[0].get("/page/").is_hit());
  for (int i = 0; i < 20; ++i) {
    CHECK(replicas[1].get("/cold/" + std::to_string(i) + "/").body == "page");
  }
  CHECK(second_level_of(replicas[1]).timeouts > 0);
  replicas.redis().resume();
  wait_until("a miss to be looked for in Redis again", [&, i = 0]() mutable {
    const auto misses = second_level_of(replicas[1]).misses;
    replicas[1].get("/again/" + std::to_string(++i) + "/");
    return second_level_of(replicas[1]).misses > misses;
  });
}

TEST_CASE("What is not Larder's in Redis is a miss, and counted") {
  Upstream upstream([](Request request) { request.respond(page("page")); });
  Replicas replicas(upstream, 2);
  replicas[0].get("/page/");
  wait_for_writes(replicas[0], 1);
  const std::string keys = replicas.redis().ask({"KEYS", "larder:*:r:*"});
  const std::size_t at = keys.find("larder:");
  REQUIRE(at != std::string::npos);
  replicas.redis().ask({"SET", keys.substr(at, keys.find("\r\n", at) - at), "rubbish"});
  CHECK(replicas[1].get("/page/").body == "page");
  CHECK(upstream.requests() == 2);
  CHECK(second_level_of(replicas[1]).corrupt > 0);
}

TEST_CASE("Private copies, ranges and answers to credentials stay out of Redis") {
  Upstream upstream([](Request request) {
    if (request.has("Range")) {
      request.respond(
          "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=600\r\nETag: \"1\"\r\n"
          "Content-Range: bytes 0-1/4\r\nContent-Length: 2\r\n\r\npa");
      return;
    }
    request.respond("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=600\r\nContent-Length: 4\r\n\r\npage");
  });
  ReplicaSettings settings;
  settings.site = "routes:\n  - {match: \"/own/**\", ttl: 60s, cookies: {vary: [sessionid]}}\n";
  Replicas replicas(upstream, 2, settings);
  replicas[0].get("/own/", {"Cookie: sessionid=0123456789abcdef"});
  replicas[0].get("/known/", {"Authorization: Basic YTpi"});
  CHECK(replicas[0].get("/part/", {"Range: bytes=0-1"}).status == 206);
  replicas[0].get("/shared/");  // written after whatever came before
  CHECK(replicas[1].get("/shared/").is_hit());
  CHECK(replicas.redis().ask({"KEYS", "larder:*:r:*"}).starts_with("*1\r\n"));
}

TEST_CASE("A purge that comes while a body still arrives outdates it in every replica") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  auto first = ask_all(replicas[0].port(), 1, "/page/");
  Request slow = upstream.next_request();
  slow.send(page_head);
  slow.send("o");
  wait_until("the page to be stored", [&] { return replicas[0].site().store.stats().entries == 1; });
  // A line of this replica alone comes between, which Redis numbers before the purge or after it.
  auto unsafe =
      std::async(std::launch::async, [&] { return ask(replicas[0].port(), "POST", "/other/", {}, "x=1"); });
  upstream.next_request().respond(
      "HTTP/1.1 303 See Other\r\nLocation: /elsewhere/\r\nContent-Length: 0\r\n\r\n");
  CHECK(unsafe.get().status == 303);
  REQUIRE(purge_at(replicas[1], "path:/page/").status == 200);
  slow.send("ld!");
  slow.finish();
  CHECK(read_all(first).front().body == "old!");
  replicas[0].wait_for_no_flight();
  auto later = ask_all(replicas[1].port(), 1, "/page/");
  upstream.next_request().respond(page("new"));
  CHECK(read_all(later).front().body == "new");
  CHECK(replicas[0].get("/page/").body == "new");
}

TEST_CASE("What is known not to be shareable is not written to Redis again and again") {
  Upstream upstream([](Request request) {
    request.respond("HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: 3\r\n\r\nown");
  });
  Replicas replicas(upstream, 1);
  for (int i = 0; i < 10; ++i) replicas[0].get("/own/");
  replicas[0].wait_for_no_flight();
  CHECK(second_level_of(replicas[0]).writes + second_level_of(replicas[0]).superseded <= 1);
  CHECK(replicas[0].site().fleet->stats().turns == 1);
  CHECK(upstream.requests() == 10);
}

TEST_CASE("Who leaves while another replica fetches leaves nothing behind") {
  Upstream upstream;
  Replicas replicas(upstream, 2);
  auto first = ask_all(replicas[0].port(), 1, "/page/");
  Request held = upstream.next_request();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Connection leaving = replicas[1].connect();
    leaving.get("/page/");
    wait_for_turns_waited(replicas[1], i);
    leaving.close();
    replicas[1].wait_for_no_flight();
  }
  held.respond(page("page"));
  CHECK(read_all(first).front().body == "page");
  CHECK(replicas[1].get("/page/").body == "page");
  CHECK(upstream.requests() == 1);
}

TEST_CASE("An upstream's error does not take the place of a page in Redis") {
  std::atomic<bool> is_down{false};
  Upstream upstream([&](Request request) {
    request.respond(is_down ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n" : page("page"));
  });
  Replicas replicas(upstream, 1);
  replicas[0].get("/page/");
  wait_for_writes(replicas[0], 1);
  is_down = true;
  CHECK(replicas[0].get("/page/", {"Cache-Control: no-cache"}).status == 503);
  replicas[0].wait_for_no_flight();
  wait_until("what is to be written to be", [&] { return second_level_of(replicas[0]).waiting_bytes == 0; });
  Larder& late = replicas.add();
  replicas.wait_for_leases();
  const Response known = late.get("/page/");
  CHECK(known.body == "page");
  CHECK(known.is_hit());
}
