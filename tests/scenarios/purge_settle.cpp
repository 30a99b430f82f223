// A PURGE that comes before its sender's transaction commits is repeated.
#include <atomic>
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"
#include "support/scenario/waiting.hpp"

using namespace scenario;

namespace {

const Settings settings{
    .site = "purge: {settle: [2s, 1m]}\n", .upstream = {}, .public_listener = {"purge: allow"}};

void wait_for_sequence(Larder& larder, std::uint64_t sequence) {
  const larder::cache::PurgeLog& log = larder.site().purge_log;
  wait_until("the repeat", [&] { return log.newest() >= sequence; });
  CHECK(log.newest() == sequence);
}

std::uint64_t pending(Larder& larder) {
  return larder.site().repeats().stats().pending;
}

}  // namespace

TEST_CASE("What was fetched between a PURGE and the commit is purged again") {
  std::atomic<int> version = 1;
  Upstream upstream([&version](Request request) { request.respond(fresh(std::to_string(version), 3600)); });
  Larder larder(upstream, settings);
  larder.get("/page/");
  larder.purge_by_method("/page/");
  CHECK(larder.get("/page/").body == "1");  // the transaction has not committed
  version = 2;
  CHECK(larder.get("/page/").body == "1");
  CHECK(pending(larder) == 2);
  CHECK(larder.site().purge_log.newest() == 1);

  larder.advance(std::chrono::seconds(3));
  wait_for_sequence(larder, 2);
  CHECK(larder.get("/page/").body == "2");
  const auto repeat = larder.site().purge_log.recent().back();
  CHECK(repeat.origin.cause == larder::cache::PurgeCause::settle);
  CHECK(repeat.origin.detail == "of 1");
  CHECK(repeat.origin.peer == "127.0.0.1");
  CHECK(repeat.mode == larder::cache::PurgeMode::hard);
  CHECK(larder::cache::text_of(repeat.selectors.at(0)) == "path:http://www.example.com/page");

  larder.advance(std::chrono::seconds(60));
  wait_for_sequence(larder, 3);
  CHECK(pending(larder) == 0);
}

TEST_CASE("Only what comes by PURGE is repeated, on either listener") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, settings);
  larder.purge("path:/page/");
  CHECK(pending(larder) == 0);
  CHECK(ask(larder.port(), "PURGE", "/page/").status == 200);
  CHECK(pending(larder) == 2);
}

TEST_CASE("A reload keeps the repeats that are to come; a drain carries out none") {
  Upstream upstream([](Request request) { request.respond(fresh("page")); });
  Larder larder(upstream, settings);
  larder.purge_by_method("/page/");
  auto config = std::make_shared<larder::config::Config>(*larder.site().config());
  config->purge.settle.clear();
  larder.server().reload(config);
  larder.purge_by_method("/page/");
  CHECK(pending(larder) == 2);
  larder.advance(std::chrono::seconds(3));
  wait_for_sequence(larder, 3);

  larder.server().drain();
  larder.advance(std::chrono::seconds(60));
  CHECK_FALSE(larder.site().repeat_due());
  CHECK(pending(larder) == 1);
}
