// Replicas that share a Redis: a purge sent to any holds in all of them when it is acknowledged.
#include "support/scenario/replicas.hpp"

#include <atomic>
#include <catch2/catch.hpp>

#include "support/scenario/mass_client.hpp"
#include "support/scenario/waiting.hpp"

using namespace scenario;

namespace {

// Every page is its version, with a strong entity tag that says the same.
struct Versions {
  std::atomic<int> version{1};
  std::atomic<int> not_modified{0};

  void answer(Request& request) {
    const std::string now = std::to_string(version.load());
    if (request["If-None-Match"] == "\"" + now + "\"") {
      ++not_modified;
      request.respond("HTTP/1.1 304 Not Modified\r\nETag: \"" + now +
                      "\"\r\nCache-Control: max-age=600\r\n\r\n");
      return;
    }
    request.respond("HTTP/1.1 200 OK\r\nETag: \"" + now +
                    "\"\r\nCache-Control: max-age=600\r\nContent-Length: " + std::to_string(now.size()) +
                    "\r\n\r\n" + now);
  }
};

}  // namespace

TEST_CASE("A purge sent to any replica holds in all when it is acknowledged") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 3);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string now = std::to_string(versions.version.load());
      CHECK(replicas[i].get("/page/").body == now);
      CHECK(replicas[i].get("/page/").cache_status().has("hit"));
    }
    ++versions.version;
    const Response answer = purge_at(replicas[static_cast<std::size_t>(round) % 3], "path:/page/");
    REQUIRE(answer.status == 200);
    CHECK(answer.body.find(R"("replicas":3)") != std::string::npos);
    CHECK(answer.body.find(R"("acknowledged":3)") != std::string::npos);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(replicas[i].get("/page/").body == std::to_string(versions.version.load()));
    }
  }
}

TEST_CASE("PURGE on either listener and a webhook reach every replica") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  ReplicaSettings settings;
  settings.site =
      "webhooks:\n  cms:\n    path: /hooks/cms\n    expose: public\n    auth: {type: bearer, secret: "
      "0123456789abcdef0123456789abcdef}\n    on: {\"*\": {purge: [\"path:/page/\"]}}\n";
  Replicas replicas(upstream, 2, settings);
  const auto purged_by = [&](const auto& purge) {
    for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
    ++versions.version;
    const Response answer = purge();
    INFO(answer.head.start_line << "\n" << answer.body);
    CHECK(answer.status == 200);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(replicas[i].get("/page/").body == std::to_string(versions.version.load()));
    }
  };
  const Lines bearer = {"Authorization: Bearer 0123456789abcdef0123456789abcdef",
                        "Content-Type: application/json"};
  purged_by([&] { return ask(replicas[0].admin_port(), "PURGE", "/page/"); });
  purged_by([&] { return ask(replicas[1].admin_port(), "POST", "/hooks/cms", bearer, "{}"); });
  purged_by([&] { return ask(replicas[1].port(), "POST", "/hooks/cms", bearer, "{}"); });
}

TEST_CASE("What an unsafe request outdates is outdated in the other replicas soon") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 2);
  for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
  ++versions.version;
  CHECK(ask(replicas[0].port(), "POST", "/page/", {}, "x=1").status == 200);
  CHECK(replicas[0].get("/page/").body == "2");  // at once where it was sent
  wait_until("the other replica to learn of it", [&] { return replicas[1].get("/page/").body == "2"; });
}

TEST_CASE("A replica that stops takes leave, and nobody waits for it") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 3);
  replicas.stop(2);
  const Response answer = purge_at(replicas[0], "path:/page/");
  CHECK(answer.status == 200);
  CHECK(answer.body.find(R"("acknowledged":2)") != std::string::npos);
}

TEST_CASE("Without Redis nothing is used that the upstream has not confirmed") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 2);
  for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
  replicas.redis().kill();
  replicas.wait_for_no_lease();
  const Response confirmed = replicas[0].get("/page/");
  CHECK(confirmed.body == "1");
  CHECK(versions.not_modified == 1);
  CHECK(confirmed.cache_status()["detail"] == "unverified");
  CHECK_FALSE(confirmed.cache_status().has("hit"));
  ++versions.version;
  CHECK(replicas[0].get("/page/").body == "2");
  CHECK(replicas[1].get("/page/").body == "2");
  // A purge holds where it was sent, says that it does so there alone, and reaches the others later.
  const Response refused = purge_at(replicas[0], "path:/page/");
  CHECK(refused.status == 503);
  CHECK(refused.head.fields["Retry-After"] == "1");
}

TEST_CASE("When Redis is back, whatever it remembers, all is as before by itself") {
  const bool keeps_data = GENERATE(true, false);
  INFO("its data " << (keeps_data ? "kept" : "lost"));
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 2);
  for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
  if (keeps_data) replicas.redis().ask({"SAVE"});
  replicas.redis().kill();
  replicas.wait_for_no_lease();
  CHECK(purge_at(replicas[0], "path:/missed/").status == 503);
  replicas.redis().start();
  replicas.wait_for_leases();
  // What was stored may have missed a purge: the upstream confirms it, for both or for each.
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(replicas[i].get("/page/").body == "1");
    CHECK(replicas[i].get("/page/").cache_status().has("hit"));
  }
  CHECK(versions.not_modified >= 1);
  CHECK(versions.not_modified <= 2);
  wait_until("the purge of the outage to reach Redis",
             [&] { return replicas[0].site().fleet->view().unsent == 0; });
  ++versions.version;
  CHECK(purge_at(replicas[1], "path:/page/").status == 200);
  for (std::size_t i = 0; i < 2; ++i) CHECK(replicas[i].get("/page/").body == "2");
}

TEST_CASE("A log that was emptied under the replicas is another epoch") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 2);
  for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
  const std::string before = replicas[0].site().fleet->view().epoch;
  replicas.redis().ask({"FLUSHALL"});
  wait_until("another epoch", [&] {
    const auto view = [&](std::size_t i) { return replicas[i].site().fleet->view(); };
    return view(0).epoch != before && view(1).epoch == view(0).epoch && view(0).holds_lease &&
           view(1).holds_lease;
  });
  replicas[0].get("/page/");
  CHECK(versions.not_modified == 1);
  ++versions.version;
  CHECK(purge_at(replicas[0], "path:/page/").status == 200);
  CHECK(replicas[1].get("/page/").body == "2");
}

TEST_CASE("A replica that stands still past its lease serves nothing old when it goes on") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 2);
  for (std::size_t i = 0; i < 2; ++i) replicas[i].get("/page/");
  // As if its machine had slept: its lease has ended by its own clock, before anything else is noticed.
  replicas[1].advance(std::chrono::hours(1));
  CHECK_FALSE(replicas[1].get("/page/").cache_status().has("hit"));
  replicas.wait_for_leases();
}

TEST_CASE("Without Redis a crowd costs the upstream two fetches, one after the other") {
  Versions versions;
  Upstream upstream;
  Replicas replicas(upstream, 1);
  replicas.redis().kill();
  replicas.wait_for_no_lease();
  constexpr std::size_t visitors = 50;
  auto first = ask_all(replicas[0].port(), 1, "/cold/");
  Request held = upstream.next_request();
  auto crowd = ask_all(replicas[0].port(), visitors, "/cold/");
  replicas[0].wait_for_joined(visitors - 1);
  CHECK_FALSE(upstream.has_request());  // the next begins when this one has landed
  versions.answer(held);
  Request next = upstream.next_request();
  versions.answer(next);
  for (Response& response : read_all(first)) CHECK(response.body == "1");
  for (Response& response : read_all(crowd)) CHECK(response.body == "1");
  CHECK(upstream.requests() == 2);
}

TEST_CASE("on_loss: serve goes on from memory and says so, bypass asks the upstream each time") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  const bool serves = GENERATE(true, false);
  ReplicaSettings settings;
  settings.redis = serves ? "lease: 2s, on_loss: serve" : "lease: 2s, on_loss: bypass";
  Replicas replicas(upstream, 1, settings);
  replicas[0].get("/page/");
  replicas.redis().kill();
  replicas.wait_for_no_lease();
  const std::size_t before = upstream.requests();
  const CacheStatus status = replicas[0].get("/page/").cache_status();
  CHECK(status["detail"] == "cut-off");
  CHECK(status.has("hit") == serves);
  CHECK(upstream.requests() == before + (serves ? 0 : 1));
}

TEST_CASE("A replica that starts without Redis serves, and is ready once it has joined") {
  Versions versions;
  Upstream upstream([&](Request request) { versions.answer(request); });
  Replicas replicas(upstream, 1);
  replicas.redis().kill();
  replicas.wait_for_no_lease();
  Larder& late = replicas.add();
  CHECK(ask(late.admin_port(), "GET", "/readyz").status == 503);
  CHECK(late.get("/page/").body == "1");
  replicas.redis().start();
  replicas.wait_for_leases();
  wait_until("it to be ready", [&] { return ask(late.admin_port(), "GET", "/readyz").status == 200; });
  const Response list = ask(late.admin_port(), "GET", "/api/replicas");
  CHECK(list.status == 200);
  CHECK(list.body.find(R"("self":true)") != std::string::npos);
}
