// What the purge log tells of its lines: who wanted them, and what they outdated.
#include <catch2/catch.hpp>

#include "purge_log_fixture.hpp"

namespace larder::cache {
namespace {

using fixture::key_of;
using fixture::purge;
using fixture::response_of;
using fixture::selector_of;
using fixture::with_grace;

std::vector<std::uint64_t> outdated_by(const PurgeLog& log) {
  std::vector<std::uint64_t> counts;
  for (const PurgeLine& line : log.recent()) counts.push_back(line.outdated);
  return counts;
}

TEST_CASE("a response is counted once, by the first line that outdates it") {
  PurgeLog log;
  purge(log, "tag:t");
  purge(log, "path:/x");
  purge(log, "all");
  const auto page = response_of(key_of("a.com", "/x"), {{"t"}, {}});
  const auto other = response_of(key_of("a.com", "/x"));
  const auto later = response_of(key_of("a.com", "/x"), {{"t"}, {}}, 2);
  const auto newest = response_of(key_of("a.com", "/x"), {{"t"}, {}}, 3);
  for (int i = 0; i < 2; ++i) {
    for (const auto& stored : {page, other, later, newest}) log.validity(*stored, log.newest());
  }
  CHECK(outdated_by(log) == std::vector<std::uint64_t>{1, 1, 1});
  CHECK(log.outdated_count(PurgeMode::hard) == 3);
}

TEST_CASE("of equal lines the one after the fetch counts") {
  PurgeLog log;
  purge(log, "path:/x");
  purge(log, "path:/x");
  log.validity(*response_of(key_of("a.com", "/x"), {}, 0), 2);
  log.validity(*response_of(key_of("a.com", "/x"), {}, 1), 2);
  CHECK(outdated_by(log) == std::vector<std::uint64_t>{1, 1});
}

TEST_CASE("what a soft line made stale counts for it, and for the hard one that takes it") {
  PurgeLog log;
  const auto stored = response_of(key_of("a.com", "/x"), {}, 0, with_grace());
  purge(log, "path:/x", PurgeMode::soft);
  log.validity(*stored, 1);
  log.validity(*stored, 1);
  purge(log, "path:/x", PurgeMode::soft);
  log.validity(*stored, 2);
  CHECK(outdated_by(log) == std::vector<std::uint64_t>{1, 0});
  purge(log, "tag:none");
  purge(log, "path:/x");
  CHECK(log.validity(*stored, 4) == Validity::outdated);
  CHECK(outdated_by(log) == std::vector<std::uint64_t>{1, 0, 0, 1});
  CHECK(log.outdated_count(PurgeMode::soft) == 1);
}

TEST_CASE("a fetch that a line overtook is no stored response") {
  PurgeLog log;
  purge(log, "path:/x");
  const auto fetched = response_of(key_of("a.com", "/x"));
  CHECK(log.overtakes(*fetched));
  CHECK(log.validity(*fetched, 1) == Validity::outdated);
  CHECK_FALSE(log.overtakes(*response_of(key_of("a.com", "/y"))));
  const PurgeLine line = log.recent().front();
  CHECK(line.overtaken == 1);
  CHECK(line.outdated == 0);
}

TEST_CASE("a line is counted once a sweep that began after it has ended") {
  PurgeLog log;
  purge(log, "path:/x");
  const std::uint64_t newest = log.begin_sweep();
  CHECK(newest == 1);
  purge(log, "path:/y");
  CHECK_FALSE(log.recent().front().is_counted);
  log.end_sweep(newest);
  CHECK(log.recent().front().is_counted);
  CHECK_FALSE(log.recent().back().is_counted);
}

TEST_CASE("a line tells who wanted it, in so many bytes at most") {
  PurgeLog log;
  log.append({selector_of("all")}, PurgeMode::soft, base::WallTime(base::Duration(7)),
             {PurgeCause::webhook, "cms " + std::string(10'000, 'x'), "203.0.113.7"});
  const PurgeLine line = log.recent().front();
  CHECK(line.origin.cause == PurgeCause::webhook);
  CHECK(line.origin.detail.starts_with("cms x"));
  CHECK(line.origin.detail.size() == PurgeOrigin::text_size_max);
  CHECK(line.origin.peer == "203.0.113.7");
  CHECK(line.at == base::WallTime(base::Duration(7)));
  CHECK(log.recent(0).empty());
}

// Purges for ever, while everything stored is good for a year: sweeps come now and then, or when asked for.
TEST_CASE("distinct purges without end take bounded memory and never everything") {
  PurgeLog log;
  std::vector<StoredPtr> store;
  for (int i = 0; i < 50; ++i) {
    const std::string name = std::to_string(i);
    store.push_back(response_of(key_of("a.com", "/" + name), {{"tag-" + name}, {"slug:" + name}}));
  }
  std::size_t most = 0;
  std::uint64_t sweeps = 0;
  const auto sweep = [&](std::uint64_t newest) {
    for (const auto& stored : store) CHECK(log.validity(*stored, newest) == Validity::valid);
    log.end_sweep(newest);
    log.forget_through(newest);
  };
  for (int i = 0; i < 200'000; ++i) {
    purge(log, "tag:never-" + std::to_string(i));
    if (!log.is_filling()) continue;
    most = std::max(most, log.line_count());
    ++sweeps;
    const std::uint64_t newest = log.begin_sweep();
    CHECK_FALSE(log.is_filling());
    for (int late = 0; late < 1000; ++late) purge(log, "path:/late-" + std::to_string(i + late));
    sweep(newest);
    CHECK(log.line_count() == 1000);  // of those that came meanwhile none is lost
  }
  CHECK(sweeps > 4);
  CHECK(most < PurgeLog::selectors_max / 2);
  CHECK(log.overflow_count() == 0);
  CHECK(log.validity(*store.front(), log.newest()) == Validity::valid);
  sweep(log.begin_sweep());
  CHECK(log.line_count() == 0);
}

TEST_CASE("what came while a sweep ran outdates as it should once the rest is forgotten") {
  PurgeLog log;
  for (int i = 0; i < 5000; ++i) purge(log, "path:/early-" + std::to_string(i));
  const std::uint64_t newest = log.begin_sweep();
  const auto hard = response_of(key_of("a.com", "/late"));
  const auto soft = response_of(key_of("a.com", "/soft"), {}, 0, with_grace());
  const auto kept = response_of(key_of("a.com", "/kept"), {{"t"}, {}});
  for (const auto& stored : {hard, soft, kept}) CHECK(log.validity(*stored, newest) == Validity::valid);
  purge(log, "path:/late");
  purge(log, "path:/soft", PurgeMode::soft);
  CHECK(log.line_count() == 5002);
  log.forget_through(newest - 1);  // a flight is older than the newest of them
  CHECK_FALSE(log.may_join({hard->key(), {}}, newest));
  log.forget_through(newest);
  CHECK(log.line_count() == 2);
  CHECK(log.validity(*hard, log.newest()) == Validity::outdated);
  CHECK(log.validity(*soft, log.newest()) == Validity::soft_outdated);
  CHECK(log.validity(*kept, log.newest()) == Validity::valid);
  CHECK(log.may_join({kept->key(), {}}, newest));
  CHECK(log.recent().back().outdated == 1);
}

}  // namespace
}  // namespace larder::cache
