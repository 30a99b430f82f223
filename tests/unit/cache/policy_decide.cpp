// What is done with a stored response (RFC 9111 sections 4.2.4, 5.2.1, 5.2.2; RFC 5861).
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using namespace std::chrono_literals;

// The columns stand in reading order. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct DecideCase {
  const char* section;
  const char* name;
  const char* response;  // its Cache-Control
  base::Duration after;
  Validity validity;
  const char* request;  // its Cache-Control
  Verdict verdict;
  Reason reason;
  bool is_stale;
};

constexpr auto valid = Validity::valid;
constexpr auto soft = Validity::soft_outdated;
constexpr auto hard = Validity::outdated;
constexpr auto unverified = Validity::unverified;
constexpr const char* grace = "max-age=60, stale-while-revalidate=30, stale-if-error=90";

const DecideCase cases[] = {
    {"4.2", "fresh at once", "max-age=60", 0s, valid, "", Verdict::use, Reason::fresh, false},
    {"4.2", "fresh to the last", "max-age=60", 59999ms, valid, "", Verdict::use, Reason::fresh, false},
    {"4.2", "an age equal to the lifetime is stale", "max-age=60", 60s, valid, "", Verdict::revalidate,
     Reason::stale, true},
    {"4.2", "stale", "max-age=60", 61s, valid, "", Verdict::revalidate, Reason::stale, true},
    {"5.2.2.4", "no-cache is validated while fresh", "no-cache, max-age=60", 1s, valid, "",
     Verdict::revalidate, Reason::response_no_cache, false},
    {"5.2.2.4", "no-cache with field names speaks of these alone", "no-cache=\"foo\", max-age=60", 1s, valid,
     "", Verdict::use, Reason::fresh, false},
    {"5.2.2.4", "no-cache with an empty list speaks of all", "no-cache=\"\", max-age=60", 1s, valid, "",
     Verdict::revalidate, Reason::response_no_cache, false},
    {"5.2.2.4", "no-cache forbids grace", "no-cache, max-age=60, stale-while-revalidate=30", 61s, valid, "",
     Verdict::revalidate, Reason::response_no_cache, true},
    {"5.2.2.4", "no-cache forbids max-stale", "no-cache, max-age=60", 61s, valid, "max-stale",
     Verdict::revalidate, Reason::response_no_cache, true},
    // RFC 5861 section 3.
    {"5861 3", "within stale-while-revalidate", grace, 61s, valid, "", Verdict::use_stale_and_refresh,
     Reason::stale_while_revalidate, true},
    {"5861 3", "at its end", grace, 90s, valid, "", Verdict::use_stale_and_refresh,
     Reason::stale_while_revalidate, true},
    {"5861 3", "past its end", grace, 90001ms, valid, "", Verdict::revalidate, Reason::stale, true},
    {"5861 3", "a window of zero is none", "max-age=60, stale-while-revalidate=0", 60s, valid, "",
     Verdict::revalidate, Reason::stale, true},
    {"5.2.2.2", "must-revalidate forbids it", "max-age=60, stale-while-revalidate=30, must-revalidate", 61s,
     valid, "", Verdict::revalidate, Reason::stale, true},
    {"5.2.2.8", "proxy-revalidate forbids it", "max-age=60, stale-while-revalidate=30, proxy-revalidate", 61s,
     valid, "", Verdict::revalidate, Reason::stale, true},
    {"5.2.2.10", "s-maxage forbids it", "s-maxage=60, stale-while-revalidate=30", 61s, valid, "",
     Verdict::revalidate, Reason::stale, true},
    {"5.2.2.2", "must-revalidate is fresh while it is", "max-age=60, must-revalidate", 59s, valid, "",
     Verdict::use, Reason::fresh, false},
    // Request directives.
    {"5.2.1.4", "no-cache", "max-age=60", 1s, valid, "no-cache", Verdict::revalidate,
     Reason::request_directive, false},
    {"5.2.1.4", "no-cache within grace", grace, 61s, valid, "no-cache", Verdict::revalidate,
     Reason::request_directive, true},
    {"5.2.1.1", "max-age that is kept", "max-age=60", 5s, valid, "max-age=5", Verdict::use, Reason::fresh,
     false},
    {"5.2.1.1", "max-age that is passed", "max-age=60", 6s, valid, "max-age=5", Verdict::revalidate,
     Reason::request_directive, false},
    {"5.1", "an age is whole seconds", "max-age=60", 5999ms, valid, "max-age=5", Verdict::use, Reason::fresh,
     false},
    {"5.2.1.1", "max-age=0", "max-age=60", 0s, valid, "max-age=0", Verdict::revalidate,
     Reason::request_directive, false},
    {"5.2.1.1", "max-age that cannot be read", "max-age=60", 1s, valid, "max-age=x", Verdict::revalidate,
     Reason::request_directive, false},
    {"5.2.1.1", "max-age: nothing stale without max-stale", grace, 61s, valid, "max-age=100",
     Verdict::revalidate, Reason::stale, true},
    {"5.2.1.1", "max-age with max-stale", "max-age=60", 61s, valid, "max-age=100, max-stale=5", Verdict::use,
     Reason::request_max_stale, true},
    {"5.2.1.3", "min-fresh that is kept", "max-age=60", 50s, valid, "min-fresh=10", Verdict::use,
     Reason::fresh, false},
    {"5.2.1.3", "min-fresh that is not", "max-age=60", 51s, valid, "min-fresh=10", Verdict::revalidate,
     Reason::request_directive, false},
    {"5.2.1.3", "min-fresh within grace", grace, 61s, valid, "min-fresh=0", Verdict::revalidate,
     Reason::request_directive, true},
    {"5.2.1.2", "max-stale of any age", "max-age=60", 9999s, valid, "max-stale", Verdict::use,
     Reason::request_max_stale, true},
    {"5.2.1.2", "max-stale that suffices", "max-age=60", 70s, valid, "max-stale=10", Verdict::use,
     Reason::request_max_stale, true},
    {"5.2.1.2", "max-stale that does not", "max-age=60", 71s, valid, "max-stale=10", Verdict::revalidate,
     Reason::stale, true},
    {"5.2.1.2", "max-stale of something fresh", "max-age=60", 1s, valid, "max-stale=10", Verdict::use,
     Reason::fresh, false},
    {"5.2.1.2", "max-stale within grace: refreshed as well", grace, 61s, valid, "max-stale",
     Verdict::use_stale_and_refresh, Reason::stale_while_revalidate, true},
    {"4.2.4", "max-stale against must-revalidate", "max-age=60, must-revalidate", 61s, valid, "max-stale",
     Verdict::revalidate, Reason::stale, true},
    {"4.2.4", "max-stale against s-maxage", "s-maxage=60", 61s, valid, "max-stale", Verdict::revalidate,
     Reason::stale, true},
    {"5.2.1.7", "only-if-cached, fresh", "max-age=60", 1s, valid, "only-if-cached", Verdict::use,
     Reason::fresh, false},
    {"5.2.1.7", "only-if-cached, stale", "max-age=60", 61s, valid, "only-if-cached", Verdict::refuse,
     Reason::only_if_cached, true},
    {"5.2.1.7", "only-if-cached, max-stale", "max-age=60", 61s, valid, "only-if-cached, max-stale",
     Verdict::use, Reason::request_max_stale, true},
    {"5.2.1.7", "only-if-cached, no-cache", "max-age=60", 1s, valid, "only-if-cached, no-cache",
     Verdict::refuse, Reason::only_if_cached, false},
    // Purges (docs/design.md part 5).
    {"purge", "hard", grace, 1s, hard, "", Verdict::fetch, Reason::purged, false},
    {"purge", "hard, max-stale", grace, 1s, hard, "max-stale", Verdict::fetch, Reason::purged, false},
    {"purge", "hard, only-if-cached", grace, 1s, hard, "only-if-cached", Verdict::refuse,
     Reason::only_if_cached, false},
    {"purge", "soft with grace: stale at once", grace, 1s, soft, "", Verdict::use_stale_and_refresh,
     Reason::soft_purged, true},
    {"purge", "soft past stale-while-revalidate", grace, 91s, soft, "", Verdict::revalidate,
     Reason::soft_purged, true},
    {"purge", "soft without grace is hard", "max-age=60", 1s, soft, "", Verdict::fetch, Reason::purged,
     false},
    {"purge", "soft with must-revalidate is hard", "max-age=60, stale-while-revalidate=30, must-revalidate",
     1s, soft, "", Verdict::fetch, Reason::purged, false},
    {"purge", "soft with grace for errors alone", "max-age=60, stale-if-error=90", 1s, soft, "",
     Verdict::revalidate, Reason::soft_purged, true},
    {"purge", "soft is not undone by max-stale", "max-age=60, stale-if-error=90", 1s, soft, "max-stale",
     Verdict::revalidate, Reason::soft_purged, true},
    // Purges may have been missed (docs/replicas.md). The rows' entity tag is a strong one.
    {"purge", "unverified, fresh", grace, 1s, unverified, "", Verdict::revalidate, Reason::unverified, false},
    {"purge", "unverified, within its grace", grace, 61s, unverified, "", Verdict::revalidate,
     Reason::unverified, false},
    {"purge", "unverified, max-stale", grace, 61s, unverified, "max-stale", Verdict::revalidate,
     Reason::unverified, false},
    {"purge", "unverified, only-if-cached", grace, 1s, unverified, "only-if-cached", Verdict::refuse,
     Reason::only_if_cached, false},
};

Decision decide_row(const DecideCase& row, const RoutePolicy& policy) {
  const auto stored = fixture::stored(std::string("ETag: \"a\"\nCache-Control: ") + row.response);
  const std::string request = row.request[0] == '\0' ? "" : std::string("Cache-Control: ") + row.request;
  return decide(fixture::control(request), stored.get(), false, row.validity, policy,
                fixture::received_mono + row.after);
}

TEST_CASE("what is done with a stored response") {
  for (const DecideCase& row : cases) {
    INFO(row.section << ": " << row.name);
    const Decision decision = decide_row(row, {});
    CHECK(static_cast<int>(decision.verdict) == static_cast<int>(row.verdict));
    CHECK(static_cast<int>(decision.reason) == static_cast<int>(row.reason));
    // What only the lifetime of no-cache says is not looked at.
    if (row.reason != Reason::response_no_cache) CHECK(decision.is_stale == row.is_stale);
  }
}

TEST_CASE("client_reload: ignore makes a request's directives as if they were absent, but only-if-cached") {
  RoutePolicy policy;
  policy.ignores_client_reload = true;
  for (const DecideCase& row : cases) {
    INFO(row.section << ": " << row.name);
    DecideCase without = row;
    const bool is_cached_only =
        std::string_view(row.request).find("only-if-cached") != std::string_view::npos;
    without.request = is_cached_only ? "only-if-cached" : "";
    const Decision expected = decide_row(without, {});
    const Decision decision = decide_row(row, policy);
    CHECK(decision.verdict == expected.verdict);
    CHECK(decision.reason == expected.reason);
  }
}

TEST_CASE("what is done when nothing is stored") {
  const auto now = fixture::received_mono;
  const Decision absent = decide({}, nullptr, false, valid, {}, now);
  CHECK(absent.verdict == Verdict::fetch);
  CHECK(absent.reason == Reason::absent);
  CHECK(decide({}, nullptr, true, valid, {}, now).reason == Reason::variant_absent);
  RoutePolicy ignoring;
  ignoring.ignores_client_reload = true;
  for (const RoutePolicy& policy : {RoutePolicy{}, ignoring}) {
    const auto refused =
        decide(fixture::control("Cache-Control: only-if-cached"), nullptr, false, valid, policy, now);
    CHECK(refused.verdict == Verdict::refuse);  // section 5.2.1.7
    CHECK(refused.reason == Reason::only_if_cached);
  }
}

TEST_CASE("Pragma: no-cache counts where there is no Cache-Control (5.4)") {
  const auto stored = fixture::stored("ETag: \"a\"\nCache-Control: max-age=60");
  const auto verdict = [&](const char* lines) {
    return decide(fixture::control(lines), stored.get(), false, valid, {}, fixture::received_mono).verdict;
  };
  CHECK(verdict("Pragma: no-cache") == Verdict::revalidate);
  CHECK(verdict("Pragma: no-cache\nCache-Control: max-age=5") == Verdict::use);
}

struct ValidatorCase {
  const char* name;
  const char* response;
  bool etag_auto;
  Verdict verdict;
};

const ValidatorCase validator_cases[] = {
    {"an entity tag", "ETag: \"a\"", false, Verdict::revalidate},
    {"a weak entity tag", "ETag: W/\"a\"", false, Verdict::revalidate},
    {"Last-Modified", "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", false, Verdict::revalidate},
    {"none", "Content-Type: text/html", false, Verdict::fetch},
    {"a Last-Modified that is no date", "Last-Modified: long ago", false, Verdict::fetch},
    {"one that upstream never saw", "Content-Type: text/html", true, Verdict::fetch},
};

TEST_CASE("only what has a validator of the upstream's is revalidated (4.3.1)") {
  for (const ValidatorCase& row : validator_cases) {
    INFO(row.name);
    ResponseDraft stored = fixture::draft(std::string("Cache-Control: max-age=60\n") + row.response);
    if (row.etag_auto) add_etag(stored.head, "generated");
    const auto decision = decide({}, freeze(stored).get(), false, valid, {}, fixture::received_mono + 61s);
    CHECK(decision.verdict == row.verdict);
    CHECK(decision.reason == Reason::stale);
  }
}

TEST_CASE("what no strong entity tag can confirm counts as absent where purges may have been missed") {
  for (const char* const head : {"Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\nCache-Control: max-age=60",
                                 "ETag: W/\"a\"\nCache-Control: max-age=60", "Cache-Control: max-age=60"}) {
    INFO(head);
    const auto stored = fixture::stored(head);
    const Decision decision = decide({}, stored.get(), false, unverified, {}, fixture::received_mono + 1s);
    CHECK(decision.verdict == Verdict::fetch);
    CHECK(decision.reason == Reason::unverified);
  }
}

struct ErrorCase {
  const char* section;
  const char* name;
  const char* response;
  base::Duration after;
  Validity validity;
  bool is_served;
  bool is_served_when_disconnected;
};

const ErrorCase error_cases[] = {
    {"5861 4", "within stale-if-error", grace, 61s, valid, true, true},
    {"5861 4", "at its end", grace, 150s, valid, true, true},
    {"5861 4", "past its end", grace, 150001ms, valid, false, false},
    {"5861 4.1", "900 s after, as in the example", "max-age=600, stale-if-error=1200", 900s, valid, true,
     true},
    {"5861 4.1", "1801 s after, as in the example", "max-age=600, stale-if-error=1200", 1801s, valid, false,
     false},
    {"5861 4", "none; 9111 4.2.4 lets a disconnected cache", "max-age=60", 61s, valid, false, true},
    {"9111 4.2.4", "for a day", "max-age=60", 60s + 24h, valid, false, true},
    {"9111 4.2.4", "and no longer", "max-age=60", 61s + 24h, valid, false, false},
    {"5861 4", "a window of none", "max-age=60, stale-if-error=0", 61s, valid, false, false},
    {"5861 4", "a window that cannot be read", "max-age=60, stale-if-error=x", 61s, valid, false, false},
    {"5861 4", "stale-while-revalidate is another's", "max-age=60, stale-while-revalidate=30", 61s, valid,
     false, true},
    {"5861 4", "still fresh, when the client wanted it validated", grace, 1s, valid, true, true},
    {"5.2.2.2", "must-revalidate", "max-age=60, stale-if-error=90, must-revalidate", 61s, valid, false,
     false},
    {"4.2.4", "must-revalidate alone", "max-age=60, must-revalidate", 61s, valid, false, false},
    {"5.2.2.8", "proxy-revalidate", "max-age=60, stale-if-error=90, proxy-revalidate", 61s, valid, false,
     false},
    {"5.2.2.10", "s-maxage", "s-maxage=60, stale-if-error=90", 61s, valid, false, false},
    {"5.2.2.4", "no-cache", "no-cache, max-age=60, stale-if-error=90", 61s, valid, false, false},
    {"purge", "soft", grace, 61s, soft, true, true},
    {"purge", "hard", grace, 61s, hard, false, false},
    {"purge", "hard", "max-age=60", 61s, hard, false, false},
    {"purge", "unverified", grace, 61s, unverified, false, false},
    {"purge", "unverified", "max-age=60", 61s, unverified, false, false},
};

TEST_CASE("what may stand in for an error") {
  for (const ErrorCase& row : error_cases) {
    INFO(row.section << ": " << row.name);
    const auto stored = fixture::stored(std::string("ETag: \"a\"\nCache-Control: ") + row.response);
    const base::MonoTime now = fixture::received_mono + row.after;
    CHECK(may_serve_on_error(*stored, row.validity, Failure::answered_badly, now) == row.is_served);
    CHECK(may_serve_on_error(*stored, row.validity, Failure::disconnected, now) ==
          row.is_served_when_disconnected);
  }
  for (const int status : {500, 502, 503, 504}) CHECK(is_error_status(status));  // RFC 5861 section 4
  for (const int status : {200, 304, 404, 429, 501, 505}) CHECK_FALSE(is_error_status(status));
}

}  // namespace
}  // namespace larder::cache
