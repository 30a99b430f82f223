// The replica's side of the shared log, told by scripts: no Redis, no clock.
#include "fleet/journal.hpp"

#include <catch2/catch.hpp>

#include "../cache/purge_log_fixture.hpp"

namespace larder::fleet {
namespace {

using cache::PurgeMode;
using cache::Validity;
using cache::fixture::key_of;
using cache::fixture::response_of;
using cache::fixture::selector_of;
using namespace std::chrono_literals;

constexpr base::Duration lease = 3s;

Line line_of(std::string_view selector) {
  return {{selector_of(selector)}, PurgeMode::hard, {}, {cache::PurgeCause::api, {}, "10.0.0.1"}};
}

// A replica "a" whose clocks a test moves, and what it is told.
struct Replica {
  cache::PurgeLog log;
  Journal journal{log, "a", lease};
  base::MonoTime mono{1000s};
  SteadyTime steady{std::chrono::seconds(500)};
  std::uint64_t beat = 0;
  std::optional<Publication> told;
  std::string epoch;  // the last that it joined

  SentAt sent() const { return {mono, steady, journal.applied()}; }
  void pass(base::Duration time) {
    mono += time;
    steady += time;
  }
  bool holds_lease() const { return mono < journal.lease_until(); }
  std::vector<Member> alone() { return {{"a", ++beat, 0}}; }
  void join(std::string its_epoch, std::uint64_t oldest, std::uint64_t newest, bool is_settled = true,
            std::vector<Member> members = {}) {
    epoch = std::move(its_epoch);
    Joined reply;
    reply.epoch = epoch;
    reply.lease = lease;
    reply.is_settled = is_settled;
    reply.oldest = oldest;
    reply.newest = newest;
    reply.last_event = "0-0";
    reply.members = members.empty() ? alone() : std::move(members);
    journal.joined(reply, sent(), steady, {});
  }
  void renew(std::uint64_t newest, std::vector<Member> members = {}, std::uint64_t oldest = 1) {
    Renewed reply{newest, oldest, true, members.empty() ? alone() : std::move(members)};
    journal.renewed(reply, sent(), steady, {});
  }
  bool read(std::uint64_t number, const std::string& token, std::string_view selector) {
    Read reply;
    reply.lines.push_back({number, epoch, token, text_of(line_of(selector))});
    return journal.read(epoch, reply, {});
  }
  void acknowledge(const std::string& replica, std::uint64_t applied) {
    Read reply;
    reply.acknowledgements.push_back({replica, applied});
    journal.read(epoch, reply, {});
  }
  std::string publish(std::string_view selector) {
    const auto told_of = [this](Publication outcome) { told = std::move(outcome); };
    return journal.begin_publication(line_of(selector), steady, told_of).value();
  }
  void settle() {
    for (const auto& call : journal.settle_waiters(steady)) call();
  }
  Validity validity(std::string_view path, std::uint64_t sequence) const {
    return log.validity(*response_of(key_of("a.com", path), {}, sequence), log.newest());
  }
};

TEST_CASE("a lease counts once the log has been read to where it stood when it was given") {
  Replica a;
  a.join("r1:b1", 1, 2);
  CHECK_FALSE(a.holds_lease());
  a.read(1, "x/1", "path:/one");
  CHECK_FALSE(a.holds_lease());
  a.read(2, "x/2", "path:/two");
  CHECK(a.holds_lease());
  a.pass(lease - 1ms);
  CHECK(a.holds_lease());
  a.pass(1ms);
  CHECK_FALSE(a.holds_lease());
}

TEST_CASE("a lease runs from before its renewal was sent, not from the answer") {
  Replica a;
  a.join("r1:b1", 0, 0);
  REQUIRE(a.holds_lease());
  const SentAt sent = a.sent();
  a.pass(2s);
  a.journal.renewed({0, 0, true, a.alone()}, sent, a.steady, {});
  a.pass(1s);
  CHECK_FALSE(a.holds_lease());
}

TEST_CASE("a renewal that shows a line which has not come yet extends nothing until it has") {
  Replica a;
  a.join("r1:b1", 0, 0);
  a.pass(1s);
  a.renew(1);
  a.pass(2s);
  CHECK_FALSE(a.holds_lease());
  a.read(1, "x/1", "path:/one");
  CHECK(a.holds_lease());
}

TEST_CASE("what was fetched before an epoch began is not verified") {
  Replica a;
  a.join("r1:b1", 0, 0);
  const std::uint64_t before = a.log.newest();
  CHECK(a.validity("/x", before) == Validity::valid);
  a.join("r2:b2", 0, 0);
  CHECK(a.validity("/x", before) == Validity::unverified);
  CHECK(a.validity("/x", a.log.newest()) == Validity::valid);
  a.read(1, "x/1", "path:/x");
  CHECK(a.validity("/x", before) == Validity::outdated);
}

TEST_CASE("the lease of another epoch says nothing in this one") {
  Replica a;
  a.join("r1:b1", 0, 0);
  REQUIRE(a.holds_lease());
  a.join("r2:b2", 1, 1);
  CHECK_FALSE(a.holds_lease());
}

TEST_CASE("lines that are gone before they were read make what was stored unverified") {
  Replica a;
  a.join("r1:b1", 0, 0);
  const std::uint64_t before = a.log.newest();
  SECTION("a renewal shows it") {
    a.renew(9, {}, 8);
    CHECK(a.journal.applied() == 7);
  }
  SECTION("a renewal shows that all are gone") {
    a.renew(9, {}, 0);
    CHECK(a.journal.applied() == 9);
  }
  SECTION("the next line shows it") {
    a.read(5, "x/5", "path:/other");
    CHECK(a.journal.applied() == 5);
  }
  CHECK(a.validity("/x", before) == Validity::unverified);
}

TEST_CASE("a log that has fewer lines than were read is broken") {
  Replica a;
  a.join("r1:b1", 1, 1);
  a.read(1, "x/1", "path:/one");
  CHECK_FALSE(a.journal.needs_join("r1"));
  a.renew(0, {}, 0);
  CHECK(a.journal.needs_join("r1"));
  CHECK(a.journal.broken_epoch() == "r1:b1");
}

TEST_CASE("a reply that comes after later lines have been read is late, and the log is not broken") {
  Replica a;
  a.join("r1:b1", 1, 5);
  for (std::uint64_t number = 1; number <= 5; ++number) a.read(number, "x", "path:/one");
  const SentAt sent = a.sent();
  a.read(6, "x", "path:/six");
  a.journal.renewed({5, 1, true, a.alone()}, sent, a.steady, {});
  CHECK_FALSE(a.journal.needs_join("r1"));
}

TEST_CASE("a line of another epoch, read on the same connection, ends this one's") {
  Replica a;
  a.join("r1:b1", 0, 0);
  Read reply;
  reply.lines.push_back({1, "r1:b2", "b/1", text_of(line_of("path:/x"))});
  CHECK_FALSE(a.journal.read(a.epoch, reply, {}));
  CHECK(a.journal.applied() == 0);
  CHECK(a.journal.needs_join("r1"));
}

TEST_CASE("who has left gets no lease any more, and takes no purges to be acknowledged") {
  Replica a;
  a.join("r1:b1", 0, 0);
  a.renew(1);
  a.journal.leave();
  CHECK_FALSE(a.holds_lease());
  a.read(1, "x/1", "path:/one");
  a.renew(1);
  CHECK_FALSE(a.holds_lease());
  a.journal.fail_all("stopping");
  CHECK_FALSE(a.journal.begin_publication(line_of("path:/x"), a.steady, [](const Publication&) {}));
}

TEST_CASE("another server, or being expelled, means to join again") {
  Replica a;
  CHECK(a.journal.needs_join("r1"));
  a.join("r1:b1", 0, 0);
  CHECK_FALSE(a.journal.needs_join("r1"));
  CHECK(a.journal.needs_join("r2"));
  a.journal.expelled();
  CHECK(a.journal.needs_join("r1"));
  a.join("r1:b1", 0, 0);
  CHECK_FALSE(a.journal.needs_join("r1"));
}

TEST_CASE("a line of its own holds at once, is sent, and is not applied twice") {
  Replica a;
  a.join("r1:b1", 0, 0);
  const std::uint64_t before = a.log.newest();
  const std::uint64_t sequence = a.journal.append_here(line_of("path:/x"));
  CHECK(a.validity("/x", before) == Validity::outdated);
  const auto unsent = a.journal.unsent();
  REQUIRE(unsent);
  a.journal.sent(a.epoch, unsent->token);
  CHECK_FALSE(a.journal.unsent());
  CHECK(a.read(1, unsent->token, "path:/x"));
  CHECK(a.log.newest() == sequence);
  CHECK(a.validity("/x", sequence) == Validity::valid);
}

TEST_CASE("what another replica fetched before it can know of a line here is outdated by it") {
  Replica a;
  a.join("r1:b1", 0, 0);
  const std::uint64_t own = a.journal.append_here(line_of("path:/x"));
  const std::string token = a.journal.unsent()->token;
  a.read(1, "b/1", "path:/other");
  const auto at_1 = a.journal.sequence_of({"r1:b1", 1});
  REQUIRE(at_1);
  CHECK(*at_1 < own);
  CHECK(a.validity("/x", *at_1) == Validity::outdated);
  a.read(2, token, "path:/x");
  const auto at_2 = a.journal.sequence_of({"r1:b1", 2});
  REQUIRE(at_2);
  CHECK(a.validity("/x", *at_2) == Validity::valid);
  CHECK_FALSE(a.journal.sequence_of({"r0:b0", 2}));  // a place of another epoch
  // What this replica fetches now has seen both.
  CHECK(a.journal.place_of(a.log.newest())->number == 2);
}

TEST_CASE(
    "what was fetched here before another's line was applied has not seen it, though a line of its own came "
    "between") {
  Replica a;
  a.join("r1:b1", 0, 0);
  a.read(1, "b/1", "path:/other");
  const std::uint64_t fetched_at = a.log.newest();
  a.journal.append_here(line_of("path:/x"));  // an unsafe request here; Redis does not know of it yet
  a.read(2, "b/2", "path:/page");
  CHECK(a.journal.place_of(fetched_at)->number == 1);
  CHECK(a.journal.place_of(fetched_at + 1)->number == 1);
  CHECK(a.journal.place_of(a.log.newest())->number == 2);
}

TEST_CASE("lines of its own go to the next epoch too, whether or not they were sent") {
  Replica a;
  a.join("r1:b1", 0, 0);
  a.journal.append_here(line_of("path:/x"));
  const std::string token = a.journal.unsent()->token;
  a.journal.sent(a.epoch, token);
  a.join("r2:b2", 0, 0);
  REQUIRE(a.journal.unsent());
  CHECK(a.journal.unsent()->token == token);
}

TEST_CASE("too many lines while cut off become one for everything") {
  Replica a;
  for (std::size_t i = 0; i <= Journal::unsent_max; ++i) a.journal.append_here(line_of("path:/x"));
  const auto unsent = a.journal.unsent();
  REQUIRE(unsent);
  const auto line = parse_line(unsent->line);
  REQUIRE(line);
  CHECK(line->selectors.front().kind == cache::SelectorKind::all);
  a.journal.sent(a.epoch, unsent->token);
  CHECK_FALSE(a.journal.unsent());
}

TEST_CASE("a line of another version purges everything") {
  Replica a;
  a.join("r1:b1", 0, 0);
  const std::uint64_t before = a.log.newest();
  Read reply;
  reply.lines.push_back({1, a.epoch, "b/1", "{\"v\":99}"});
  a.journal.read(a.epoch, reply, {});
  CHECK(a.validity("/anything", before) == Validity::outdated);
}

// A replica beside "b", in an epoch that is settled.
struct Pair : Replica {
  Pair() { join("r1:b1", 0, 0, true, {{"a", ++beat, 0}, {"b", 7, 0}}); }
  std::vector<Member> members(std::uint64_t beat_of_b, std::uint64_t applied_by_b) {
    return {{"a", ++beat, 0}, {"b", beat_of_b, applied_by_b}};
  }
  std::string append(std::uint64_t number) {
    std::string token = publish("path:/x");
    journal.appended(epoch, token, {number, members(7, 0)}, steady);
    return token;
  }
};

TEST_CASE("a purge is acknowledged once this replica and every other have applied it") {
  Pair a;
  const std::string token = a.append(1);
  a.settle();
  CHECK_FALSE(a.told);
  SECTION("the other first") {
    a.acknowledge("b", 1);
    a.settle();
    CHECK_FALSE(a.told);
    a.read(1, token, "path:/x");
  }
  SECTION("the other last") {
    a.read(1, token, "path:/x");
    a.settle();
    CHECK_FALSE(a.told);
    a.acknowledge("b", 1);
  }
  SECTION("the other's word is lost, and its renewal tells") {
    a.read(1, token, "path:/x");
    a.pass(10ms);
    a.renew(1, a.members(8, 1));
  }
  a.settle();
  REQUIRE(a.told);
  CHECK(a.told->is_acknowledged);
  CHECK(a.told->sequence == a.log.newest());
  CHECK(a.told->number == 1);
  CHECK(a.told->replicas == 2);
  CHECK(a.told->acknowledged == 2);
}

TEST_CASE("what was told of the members before the last look says nothing") {
  Pair a;
  const SteadyTime early = a.steady;
  const std::string token = a.publish("path:/x");
  a.pass(100ms);
  a.renew(0, a.members(8, 0), 0);
  // Its reply had come before "b" was there, and waited for something else.
  a.journal.appended(a.epoch, token, {1, a.alone()}, early);
  const std::string second = a.append(2);
  a.read(1, token, "path:/x");
  a.read(2, second, "path:/x");
  a.told.reset();
  a.settle();
  CHECK((!a.told || a.told->number == 1));
}

TEST_CASE("an earlier line's word is not this one's") {
  Pair a;
  const std::string token = a.append(2);
  a.read(1, "c/1", "path:/other");
  a.read(2, token, "path:/x");
  a.acknowledge("b", 1);
  a.settle();
  CHECK_FALSE(a.told);
}

TEST_CASE("who is silent for a lease and a tenth is no longer waited for") {
  Pair a;
  const std::string token = a.append(1);
  a.read(1, token, "path:/x");
  a.pass(lease);
  a.renew(1, a.members(7, 0));
  a.settle();
  CHECK_FALSE(a.told);
  a.pass(lease / 10 + 1ms);
  a.settle();
  REQUIRE(a.told);
  CHECK(a.told->is_acknowledged);
  CHECK(a.told->replicas == 1);
}

TEST_CASE("who renews and does not apply is named, within the lease and a second") {
  Pair a;
  const std::string token = a.append(1);
  a.read(1, token, "path:/x");
  a.pass(2s);
  a.renew(1, a.members(8, 0));
  a.settle();
  CHECK_FALSE(a.told);
  a.pass(lease - 2s + 950ms);
  a.settle();
  REQUIRE(a.told);
  CHECK_FALSE(a.told->is_acknowledged);
  CHECK(a.told->laggards == std::vector<std::string>{"b"});
}

TEST_CASE("who has taken leave is not waited for") {
  Pair a;
  const std::string token = a.append(1);
  a.read(1, token, "path:/x");
  a.pass(100ms);
  a.renew(1, a.alone());
  a.settle();
  REQUIRE(a.told);
  CHECK(a.told->is_acknowledged);
}

TEST_CASE("without a look at the others since, silence proves nothing") {
  Pair a;
  const std::string token = a.append(1);
  a.read(1, token, "path:/x");
  a.pass(lease + lease / 10 + 1ms);
  a.settle();
  REQUIRE(a.told);
  CHECK_FALSE(a.told->is_acknowledged);
  CHECK(a.told->laggards == std::vector<std::string>{"b"});
}

TEST_CASE("in an epoch that has just begun somebody may hold the lease of the last") {
  Replica a;
  a.join("r1:b1", 0, 0, false);
  const std::string token = a.publish("path:/x");
  a.journal.appended(a.epoch, token, {1, a.alone()}, a.steady);
  a.read(1, token, "path:/x");
  a.settle();
  CHECK_FALSE(a.told);
  CHECK_FALSE(a.journal.wants_settling(a.steady));
  a.pass(with_a_tenth(lease));
  a.settle();
  REQUIRE(a.told);
  CHECK(a.told->is_acknowledged);
  CHECK(a.journal.wants_settling(a.steady));
}

TEST_CASE("a purge that Redis did not take holds here, and is sent again") {
  Pair a;
  const std::uint64_t before = a.log.newest();
  const std::string token = a.publish("path:/x");
  a.journal.not_appended(token, "no Redis");
  REQUIRE(a.told);
  CHECK_FALSE(a.told->is_acknowledged);
  CHECK(a.told->error == "no Redis");
  CHECK(a.validity("/x", before) == Validity::outdated);
  REQUIRE(a.journal.unsent());
  CHECK(a.journal.unsent()->token == token);
}

TEST_CASE("a purge that waits when an epoch ends is not acknowledged, and goes to the next") {
  Pair a;
  const std::string token = a.append(1);
  a.join("r2:b2", 0, 0, false);
  a.settle();
  REQUIRE(a.told);
  CHECK_FALSE(a.told->is_acknowledged);
  REQUIRE(a.journal.unsent());
  CHECK(a.journal.unsent()->token == token);
}

TEST_CASE("a reply of an epoch that is over says nothing in the next") {
  Pair a;
  const std::string own = a.journal.append_here(line_of("path:/own")) > 0 ? a.journal.unsent()->token : "";
  const std::string token = a.publish("path:/x");
  const std::string before = a.epoch;
  a.join("r1:b2", 0, 0, true, {{"a", ++a.beat, 0}, {"b", 1, 0}});
  SECTION("lines that were read from the old log are no lines of the new one") {
    Read late;
    late.lines.push_back({500, before, "b/500", text_of(line_of("path:/late"))});
    CHECK_FALSE(a.journal.read(before, late, {}));
    CHECK(a.journal.applied() == 0);
    CHECK(a.read(1, "b/1", "path:/first"));
  }
  SECTION("what was sent to the old log is sent again") {
    a.journal.sent(before, own);
    CHECK(a.journal.unsent()->token == own);
  }
  SECTION("what was appended to the old log is not acknowledged by the new one's lines") {
    a.journal.appended(before, token, {1, a.members(1, 0)}, a.steady);
    a.read(1, "b/1", "path:/other");
    a.acknowledge("b", 1);
    a.settle();
    REQUIRE(a.told);
    CHECK_FALSE(a.told->is_acknowledged);
  }
}

TEST_CASE("who is silent for too long is to be removed, itself excepted") {
  Pair a;
  a.pass(lease);
  a.renew(0, {{"a", a.beat, 0}, {"b", 7, 0}}, 0);
  CHECK(a.journal.lapsed(a.steady).empty());
  a.pass(lease / 10 + 2ms);
  const auto lapsed = a.journal.lapsed(a.steady);
  REQUIRE(lapsed.size() == 1);
  CHECK(lapsed.front().id == "b");
  CHECK(lapsed.front().beat == 7);
}

}  // namespace
}  // namespace larder::fleet
