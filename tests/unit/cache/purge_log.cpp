// The purge log: what each selector matches, modes, the fence, and forgetting.
#include "larder/cache/purge_log.hpp"

#include <catch2/catch.hpp>

#include "purge_log_fixture.hpp"

namespace larder::cache {
namespace {

using fixture::key_of;
using fixture::purge;
using fixture::response_of;
using fixture::selector_of;
using fixture::with_grace;

struct MatchCase {
  std::string_view selector;
  std::string_view host;
  std::string_view path;
  std::string_view query;
  bool matches;
};

const MatchCase match_cases[] = {
    {"all", "a.com", "/x", "", true},
    {"url:http://a.com/x", "a.com", "/x", "", true},
    {"url:https://a.com/x", "a.com", "/x", "", true},
    {"url:http://a.com/x", "a.com", "/x/", "", false},
    {"url:http://a.com/x", "a.com", "/x", "?q", false},
    {"url:http://a.com/x?q", "a.com", "/x", "?q", true},
    {"url:http://a.com/x", "b.com", "/x", "", false},
    {"url:/x?q", "b.com", "/x", "?q", true},
    {"url:/x", "b.com", "/x", "?q", false},
    {"path:/x", "a.com", "/x", "", true},
    {"path:/x", "a.com", "/x/", "?q", true},
    {"path:/x/", "a.com", "/x", "?q", true},
    {"path:/x", "a.com", "/xy", "", false},
    {"path:/x", "a.com", "/x/y", "", false},
    {"path:/", "a.com", "/", "?q", true},
    {"path:/", "a.com", "/x", "", false},
    {"path:http://a.com/x", "a.com", "/x/", "", true},
    {"path:http://a.com/x", "b.com", "/x/", "", false},
    {"path:http://a.com/", "a.com", "/", "", true},
    {"path:http://a.com/", "a.com", "/x", "", false},
    {"prefix:/blog/", "a.com", "/blog/x", "?q", true},
    {"prefix:/blog/", "a.com", "/blog/", "", true},
    {"prefix:/blog/", "a.com", "/blog", "", false},
    {"prefix:/bl", "a.com", "/blog", "", true},
    {"prefix:/", "a.com", "/blog", "", true},
    {"prefix:/blog/x", "a.com", "/blog/", "?x", false},
    {"prefix:http://a.com/blog/", "a.com", "/blog/x", "", true},
    {"prefix:http://a.com/blog/", "b.com", "/blog/x", "", false},
    {"prefix:http://a.com/", "a.com:8080", "/blog", "", false},
    {"host:a.com", "a.com", "/x", "", true},
    {"host:a.com", "a.com:8080", "/x", "", false},
    {"host:a.com", "ba.com", "/x", "", false},
};

TEST_CASE("a key's selectors match exactly") {
  for (const MatchCase& row : match_cases) {
    INFO(row.selector << " against " << row.host << row.path << row.query);
    PurgeLog log;
    const CacheKey key = key_of(row.host, row.path, row.query);
    const auto stored = response_of(key);
    const std::uint64_t sequence = purge(log, row.selector);
    CHECK((log.validity(*stored, sequence) == Validity::outdated) == row.matches);
    CHECK(log.may_join({key, {}}, 0) == !row.matches);
    CHECK(log.is_outdated({key, {}}, 0) == row.matches);
    CHECK(log.may_join({key, {}}, sequence));
  }
}

struct LabelCase {
  std::string_view selector;
  fixture::Labels labels;
  bool matches;
  bool may_join;  // by the captures alone
};

const LabelCase label_cases[] = {
    {"tag:footer", {{"footer"}, {}}, true, false},
    {"tag:footer", {{"header", "footer"}, {}}, true, false},
    {"tag:footer", {{"footers"}, {}}, false, false},
    {"tag:blog-*", {{"blog-7"}, {}}, true, false},
    {"tag:blog-*", {{"blog-"}, {}}, true, false},
    {"tag:blog-*", {{"blog"}, {}}, false, false},
    {"tag:*", {{"any"}, {}}, true, false},
    {"tag:*", {{}, {}}, false, false},
    {"slug:hello", {{}, {"slug:hello"}}, true, false},
    {"slug:hello", {{}, {"slug:other"}}, false, true},
    {"slug:hello", {{"slug:hello"}, {}}, true, true},
    {"tag:slug:hello", {{}, {"slug:hello"}}, true, false},
    {"tag:slug:*", {{}, {"id:1", "slug:hello"}}, true, false},
};

TEST_CASE("tags are matched in what is stored, and may match what is in flight") {
  for (const LabelCase& row : label_cases) {
    INFO(row.selector);
    PurgeLog log;
    const auto stored = response_of(key_of("a.com", "/x"), row.labels);
    const std::uint64_t sequence = purge(log, row.selector);
    CHECK((log.validity(*stored, sequence) == Validity::outdated) == row.matches);
    CHECK(log.may_join({stored->key(), row.labels.captures}, 0) == row.may_join);
  }
}

TEST_CASE("sequences begin at one and each line has the next") {
  PurgeLog log;
  CHECK(log.newest() == 0);
  CHECK(purge(log, "all") == 1);
  CHECK(purge(log, "tag:a") == 2);
  CHECK(log.newest() == 2);
}

TEST_CASE("a line outdates only what was fetched before it") {
  PurgeLog log;
  purge(log, "path:/x");
  purge(log, "path:/x");
  CHECK(log.validity(*response_of(key_of("a.com", "/x"), {}, 1), 2) == Validity::outdated);
  CHECK(log.validity(*response_of(key_of("a.com", "/x"), {}, 2), 2) == Validity::valid);
}

TEST_CASE("one line applies all its selectors") {
  PurgeLog log;
  log.append({selector_of("path:/x"), selector_of("tag:t")}, PurgeMode::hard, {});
  CHECK(log.newest() == 1);
  CHECK(log.line_count() == 2);
  CHECK(log.validity(*response_of(key_of("a.com", "/x")), 1) == Validity::outdated);
  CHECK(log.validity(*response_of(key_of("a.com", "/y"), {{"t"}, {}}), 1) == Validity::outdated);
}

TEST_CASE("a soft line makes stale what has grace, and outdates what has none") {
  PurgeLog log;
  const auto bare = response_of(key_of("a.com", "/x"));
  const auto graceful = response_of(key_of("a.com", "/x"), {}, 0, with_grace());
  purge(log, "path:/x", PurgeMode::soft);
  CHECK(log.validity(*bare, 1) == Validity::outdated);
  CHECK(log.validity(*graceful, 1) == Validity::soft_outdated);
  Freshness strict = with_grace();
  strict.must_revalidate = true;
  CHECK(log.validity(*response_of(key_of("a.com", "/x"), {}, 0, strict), 1) == Validity::outdated);
  CHECK_FALSE(log.may_join({bare->key(), {}}, 0));
}

TEST_CASE("hard wins over soft whatever came first") {
  for (const bool is_hard_first : {true, false}) {
    PurgeLog log;
    const auto stored = response_of(key_of("a.com", "/x"), {}, 0, with_grace());
    purge(log, "path:/x", is_hard_first ? PurgeMode::hard : PurgeMode::soft);
    purge(log, "prefix:/", is_hard_first ? PurgeMode::soft : PurgeMode::hard);
    CHECK(log.validity(*stored, 2) == Validity::outdated);
  }
}

TEST_CASE("a hard line before the fetch does not harden a soft one after it") {
  PurgeLog log;
  purge(log, "path:/x");
  const auto stored = response_of(key_of("a.com", "/x"), {}, 1, with_grace());
  purge(log, "path:/x", PurgeMode::soft);
  CHECK(log.validity(*stored, 2) == Validity::soft_outdated);
}

TEST_CASE("only a valid response remembers that it was checked") {
  PurgeLog log;
  purge(log, "path:/y");
  const auto valid = response_of(key_of("a.com", "/x"));
  const auto outdated = response_of(key_of("a.com", "/y"));
  log.validity(*valid, 1);
  log.validity(*outdated, 1);
  CHECK(valid->checked_at == 1);
  CHECK(outdated->checked_at == 0);
  purge(log, "path:/x");
  CHECK(log.validity(*valid, 1) == Validity::valid);  // who asked before that line
  CHECK(log.validity(*valid, 2) == Validity::outdated);
}

TEST_CASE(
    "a soft outdated response stays so after its line is forgotten, and a hard line still outdates it") {
  PurgeLog log;
  const auto stored = response_of(key_of("a.com", "/x"), {}, 0, with_grace());
  purge(log, "path:/x", PurgeMode::soft);
  CHECK(log.validity(*stored, 1) == Validity::soft_outdated);
  log.forget_through(1);
  CHECK(log.line_count() == 0);
  CHECK(log.validity(*stored, 1) == Validity::soft_outdated);
  purge(log, "tag:other");
  CHECK(log.validity(*stored, 2) == Validity::soft_outdated);
  purge(log, "path:/x");
  CHECK(log.validity(*stored, 3) == Validity::outdated);
}

TEST_CASE("an older check does not take back what a newer one has found") {
  PurgeLog log;
  const auto stored = response_of(key_of("a.com", "/x"), {}, 0, with_grace());
  purge(log, "path:/x", PurgeMode::soft);
  purge(log, "path:/y");
  CHECK(log.validity(*stored, 2) == Validity::soft_outdated);
  CHECK(log.validity(*stored, 1) == Validity::soft_outdated);  // by who loaded the sequence earlier
  CHECK(stored->checked_at == 2);
  log.forget_through(2);
  CHECK(log.validity(*stored, 2) == Validity::soft_outdated);
}

TEST_CASE("lines up to the floor are forgotten, later ones are not") {
  PurgeLog log;
  for (const char* text : {"all", "host:a.com", "url:/x", "path:/x", "prefix:/x", "tag:t", "tag:t*", "s:x"}) {
    purge(log, text);
  }
  CHECK(log.line_count() == 8);
  purge(log, "path:/x", PurgeMode::soft);
  CHECK(log.line_count() == 8);
  log.forget_through(8);
  CHECK(log.floor() == 8);
  CHECK(log.line_count() == 1);
  CHECK(log.validity(*response_of(key_of("a.com", "/x"), {}, 8), 9) == Validity::outdated);
  CHECK(log.validity(*response_of(key_of("a.com", "/y"), {{"t"}, {}}, 8), 9) == Validity::valid);
  log.forget_through(3);
  CHECK(log.floor() == 8);
  log.forget_through(100);
  CHECK(log.floor() == 9);
  CHECK(log.line_count() == 0);
}

TEST_CASE("a prefix is still found after another of its length was forgotten") {
  PurgeLog log;
  purge(log, "prefix:/aa");
  purge(log, "prefix:/bb");
  log.forget_through(1);
  CHECK(log.validity(*response_of(key_of("a.com", "/bbc"), {}, 1), 2) == Validity::outdated);
  purge(log, "prefix:/bb");
  log.forget_through(2);
  CHECK(log.validity(*response_of(key_of("a.com", "/bbc"), {}, 2), 3) == Validity::outdated);
  log.forget_through(3);
  CHECK(log.line_count() == 0);
}

TEST_CASE("who still holds what the sweep removed finds it outdated after the line is forgotten") {
  PurgeLog log;
  const auto swept = response_of(key_of("a.com", "/x"));
  const auto kept = response_of(key_of("a.com", "/y"));
  purge(log, "path:/x");
  CHECK(log.validity(*swept, 1) == Validity::outdated);
  CHECK(log.validity(*kept, 1) == Validity::valid);
  log.forget_through(1);
  CHECK(log.validity(*swept, 1) == Validity::outdated);
  purge(log, "path:/z");
  CHECK(log.validity(*kept, 2) == Validity::valid);
  CHECK_FALSE(log.may_join({swept->key(), {}}, 0));
}

void check_that_all_is_outdated(PurgeLog& log) {
  const std::uint64_t newest = log.newest();
  CHECK(log.overflow_count() == 1);
  CHECK(log.line_count() == 1);
  const auto graceful = response_of(key_of("b.com", "/never-named"), {}, newest - 1, with_grace());
  CHECK(log.validity(*graceful, newest) == Validity::outdated);
  CHECK_FALSE(log.may_join({graceful->key(), {}}, newest - 1));
  CHECK(log.is_outdated({graceful->key(), {}}, newest - 1));
  CHECK(log.validity(*response_of(key_of("b.com", "/x"), {}, newest), newest) == Validity::valid);
  CHECK(log.may_join({graceful->key(), {}}, newest));
  purge(log, "path:/x");
  CHECK(log.line_count() == 2);
  log.forget_through(newest + 1);
  CHECK(log.line_count() == 0);
}

TEST_CASE("past so many selectors the log outdates everything rather than forget one") {
  PurgeLog log;
  for (std::size_t i = 0; i < PurgeLog::selectors_max; ++i) {
    purge(log, "path:/" + std::to_string(i), PurgeMode::soft);
  }
  purge(log, "path:/0", PurgeMode::soft);  // none that is new
  CHECK(log.overflow_count() == 0);
  CHECK(log.line_count() == PurgeLog::selectors_max);
  purge(log, "path:/one-more", PurgeMode::soft);
  check_that_all_is_outdated(log);
}

TEST_CASE("past so many bytes of selectors the log outdates everything") {
  PurgeLog log;
  const std::string filling(8000, 'x');
  constexpr std::size_t count = PurgeLog::selector_bytes_max / 8100;
  for (std::size_t i = 0; i < count; ++i) purge(log, "tag:" + filling + std::to_string(i));
  log.forget_through(count / 2);
  for (std::size_t i = 0; i < count / 2; ++i) purge(log, "prefix:/" + filling + std::to_string(i));
  CHECK(log.overflow_count() == 0);
  for (std::size_t i = 0; log.overflow_count() == 0 && i < count; ++i) {
    purge(log, "tag:" + filling + "-" + std::to_string(i));
  }
  check_that_all_is_outdated(log);
}

TEST_CASE("the last lines are kept for operators, in bounded memory") {
  PurgeLog log;
  for (std::size_t i = 0; i < PurgeLog::recent_max + 5; ++i) purge(log, "path:/x");
  auto recent = log.recent();
  REQUIRE(recent.size() == PurgeLog::recent_max);
  CHECK(recent.front().sequence == 6);
  CHECK(recent.back().sequence == PurgeLog::recent_max + 5);
  log.append(std::vector<Selector>(200, selector_of("tag:" + std::string(8000, 'x'))), PurgeMode::soft, {});
  recent = log.recent();
  REQUIRE(recent.size() == 1);
  CHECK(recent.front().selectors.size() == 200);
  CHECK(recent.front().mode == PurgeMode::soft);
}

TEST_CASE("what was fetched before an epoch began is unverified, unless a line says more") {
  PurgeLog log;
  purge(log, "path:/gone");
  const auto gone = response_of(key_of("a.com", "/gone"), {}, 0);
  const auto before = response_of(key_of("a.com", "/x"), {}, 1);
  CHECK(log.validity(*before, 1) == Validity::valid);  // also where it had been found valid
  CHECK(log.begin_epoch({}) == 2);
  CHECK(log.newest() == 2);
  CHECK(log.epoch_floor() == 2);
  CHECK(log.validity(*gone, 2) == Validity::outdated);
  CHECK(log.validity(*before, 2) == Validity::unverified);
  CHECK(log.validity(*before, 2) == Validity::unverified);  // asked again
  CHECK(log.overtakes(*before));
  const auto after = response_of(key_of("a.com", "/x"), {}, 2);
  CHECK(log.validity(*after, 2) == Validity::valid);
  CHECK_FALSE(log.may_join({before->key(), {}}, 1));
  CHECK(log.may_join({before->key(), {}}, 2));
  CHECK(log.is_outdated({before->key(), {}}, 1));
  // Forgetting lines does not make it outdated, once a sweep has looked at it.
  log.begin_sweep();
  log.end_sweep(2);
  log.forget_through(2);
  CHECK(log.validity(*before, 2) == Validity::unverified);
  purge(log, "path:/x");
  CHECK(log.validity(*before, 3) == Validity::outdated);
}

TEST_CASE("a log whose entries stand elsewhere keeps its lines while there is room") {
  PurgeLog log;
  for (std::size_t i = 0; i < 3000; ++i) purge(log, "path:/page-" + std::to_string(i));
  log.begin_sweep();  // another segment
  purge(log, "path:/last");
  const std::uint64_t newest = log.newest();
  log.end_sweep(newest);
  log.forget_beyond(newest, 5000);
  CHECK(log.line_count() == 3001);
  CHECK(log.floor() == 0);
  log.forget_beyond(newest, 2000);
  CHECK(log.line_count() == 1);
  CHECK(log.floor() == 3000);
  CHECK(log.validity(*response_of(key_of("a.com", "/y"), {}, 2999), newest) == Validity::outdated);
  CHECK(log.validity(*response_of(key_of("a.com", "/y"), {}, 3000), newest) == Validity::valid);
}

}  // namespace
}  // namespace larder::cache
