// The shared store over a real Redis: what one replica puts another finds, and nothing else is ever found.
#include "larder/store/redis_store.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "redis_store_fixture.hpp"
#include "store_conformance.hpp"

namespace larder::store {
namespace {

using namespace fixture;

struct Fixture {
  std::string name_space = fresh_name_space();
  redis_support::RedisServer& server = shared_server();
  RedisKeys keys{name_space};
  cache::CacheKey key = key_of("/a");
  Replica one{config_of(server, name_space)};
  Replica two{config_of(server, name_space)};

  std::string entry_key(const cache::ResponseDraft& response) const {
    return keys.of_variant("space", {response.key.text, response.vary, response.secondary});
  }
  std::string vary_key(const cache::ResponseDraft& response) const {
    return keys.of_vary("space", response.key.text);
  }
  long long milliseconds_left(const std::string& key) const {
    return std::stoll(server.ask({"PTTL", key}).substr(1));
  }
  // The names of the pieces of what stands under `key`.
  std::vector<std::string> pieces() const {
    const std::string name = keys.of_variant("space", {key.text, "", ""});
    const std::string frame = server.ask({"GET", name});
    std::vector<std::string> words;
    for (std::size_t at = frame.find("LF1"); words.size() < 9;) {
      const std::size_t end = frame.find(' ', at);
      words.push_back(frame.substr(at, end - at));
      at = end + 1;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::stoul(words[7]); ++i) names.push_back(keys.of_piece(words[8], i));
    return names;
  }
};

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

struct RedisSubject {
  void put(const cache::StoredPtr& response) {
    cache::ResponseDraft draft = cache::draft_of(*response);
    draft.freshness.received_at = replica.clock.now().mono;
    replica.put(draft, {"epoch", draft.sequence});
  }
  void mark(const cache::CacheKey& key, std::string_view vary, std::string_view secondary,
            std::uint64_t sequence) {
    replica.put_mark(key, {std::string(vary), std::string(secondary), replica.clock.now().mono + 1min},
                     {"epoch", sequence});
  }
  conformance::Seen look_up(const cache::CacheKey& key, const http::Fields& request) {
    const RedisStore::Found found = replica.look_up(question_of(key, request));
    return {fixture::body_of(found), found.mark.has_value()};
  }
  Replica replica{config_of(shared_server(), fresh_name_space())};
};

}  // namespace

TEST_CASE("the shared store is a store", "[redis]") {
  RedisSubject subject;
  conformance::run_shared(subject);
}

TEST_CASE("what one replica puts another finds whole", "[redis]") {
  Fixture fixture;
  const std::string body =
      GENERATE(std::string("page"), std::string(), std::string(100'000, 'x'), noise(5 * 1024 * 1024));
  auto response = fixture.one.page(fixture.key, body);
  response.tags = {"a", "b"};
  response.freshness.stale_if_error = 1h;
  REQUIRE(fixture.one.put(response, {"run:born", 18'446'744'073'709'551'615U}));
  const RedisStore::Found found = fixture.two.look_up(question_of(fixture.key));
  CHECK(found.is_known);
  CHECK_FALSE(found.mark);
  REQUIRE(found.response);
  CHECK(found.place == cache::Place{"run:born", 18'446'744'073'709'551'615U});
  CHECK(found.response->key.text == fixture.key.text);
  CHECK(text_of(*found.response) == body);
  CHECK(found.response->head.text == response.head.text);
  CHECK(found.response->tags == response.tags);
  CHECK(found.response->freshness.lifetime == response.freshness.lifetime);
  CHECK(found.response->freshness.age(fixture.two.clock.now().mono) < scenario::patience);
  const RedisStoreStats stats = fixture.two.store.stats();
  CHECK(stats.hits >= 1);
  CHECK(stats.corrupt == 0);
}

TEST_CASE("an answer is never younger than just received, whatever the other's clock says", "[redis]") {
  Fixture fixture;
  fixture.one.clock.advance(1h);
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "page")));
  const RedisStore::Found found = fixture.two.look_up(question_of(fixture.key));
  REQUIRE(found.response);
  CHECK(found.response->freshness.age(fixture.two.clock.now().mono) >= 0ms);
}

TEST_CASE("a replica learns the Vary, and gets its own variant", "[redis]") {
  Fixture fixture;
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "german", "de")));
  const auto of = [&](std::string_view language, const std::string& vary) {
    return fixture.two.look_up(question_of(fixture.key, request_of(language), vary));
  };
  CHECK(body_of(of("de", "")) == "german");
  CHECK(body_of(of("de", "accept-language")) == "german");
  CHECK(body_of(of("de", "accept-encoding")) == "german");
  CHECK_FALSE(of("fr", "").response);
  CHECK(of("fr", "").is_known);
  // The Vary that was seen last counts.
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "plain")));
  CHECK(body_of(of("de", "accept-language")) == "plain");
}

TEST_CASE("spaces and namespaces keep apart", "[redis]") {
  Fixture fixture;
  Replica elsewhere(config_of(fixture.server, fresh_name_space()));
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "page")));
  CHECK(body_of(fixture.two.look_up(question_of(fixture.key))) == "page");
  CHECK_FALSE(fixture.two.look_up(question_of(fixture.key, {}, "", "other")).response);
  CHECK_FALSE(elsewhere.look_up(question_of(fixture.key)).response);
}

TEST_CASE("what is not what was written is corrupt, and nothing is known to be there", "[redis]") {
  Fixture fixture;
  auto response = fixture.one.page(fixture.key, "page");
  REQUIRE(fixture.one.put(response));
  const std::string place = fixture.entry_key(response);
  SECTION("another key's") {
    const auto other = fixture.one.page(key_of("/b"), "other");
    REQUIRE(fixture.one.put(other));
    fixture.server.ask({"COPY", fixture.entry_key(other), place, "REPLACE"});
  }
  SECTION("another variant's") {
    const auto other = fixture.one.page(fixture.key, "german", "de");
    REQUIRE(fixture.one.put(other));
    fixture.server.ask({"COPY", fixture.entry_key(other), place, "REPLACE"});
    fixture.server.ask({"DEL", fixture.vary_key(response)});
  }
  SECTION("another key's mark") {
    const auto other = fixture.one.page(key_of("/b"), "");
    REQUIRE(fixture.one.put_mark(other.key, {"", "", fixture.one.clock.now().mono + 1min}));
    fixture.server.ask({"COPY", fixture.entry_key(other), place, "REPLACE"});
  }
  SECTION("changed") {
    fixture.server.ask({"SETRANGE", place, "60", "Z"});
  }
  SECTION("of another version") {
    fixture.server.ask({"SETRANGE", place, "2", "2"});
  }
  SECTION("foreign") {
    fixture.server.ask({"SET", place, "foreign"});
  }
  SECTION("a Vary that is none") {
    fixture.server.ask({"SETRANGE", fixture.vary_key(response), "5000", "x"});
  }
  const RedisStore::Found found = fixture.two.look_up(question_of(fixture.key));
  CHECK(found.is_known);
  CHECK_FALSE(found.response);
  CHECK_FALSE(found.mark);
  CHECK(fixture.two.store.stats().corrupt == 1);
  // The next one who puts mends it.
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "again")));
  CHECK(body_of(fixture.two.look_up(question_of(fixture.key))) == "again");
}

TEST_CASE("values of a foreign type are misses, and are written over", "[redis]") {
  Fixture fixture;
  auto response = fixture.one.page(fixture.key, "page");
  fixture.server.ask({"RPUSH", fixture.entry_key(response), "a"});
  fixture.server.ask({"RPUSH", fixture.vary_key(response), "a"});
  const std::uint64_t before = fixture.two.store.stats().misses;
  CHECK(fixture.two.look_up(question_of(fixture.key)).is_known);
  CHECK(fixture.two.store.stats().misses == before + 1);
  REQUIRE(fixture.one.put(response));
  CHECK(body_of(fixture.two.look_up(question_of(fixture.key))) == "page");
}

TEST_CASE("a large response without one of its pieces is a miss, and with a changed one corrupt", "[redis]") {
  Fixture fixture;
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, noise(3 * 1024 * 1024))));
  const std::vector<std::string> pieces = fixture.pieces();
  REQUIRE(pieces.size() == 7);
  for (const std::string& piece : pieces) {
    const long long left = fixture.milliseconds_left(piece);
    CHECK(left > 30'000);
    CHECK(left <= 60'000);
  }
  SECTION("gone") {
    const std::uint64_t before = fixture.two.store.stats().misses;
    fixture.server.ask({"DEL", pieces[5]});
    CHECK(fixture.two.look_up(question_of(fixture.key)).is_known);
    CHECK(fixture.two.store.stats().misses == before + 1);
  }
  SECTION("changed, longer, or another") {
    const std::vector<std::vector<std::string>> changes = {{"SETRANGE", pieces[3], "7", "changed"},
                                                           {"APPEND", pieces[3], "more"},
                                                           {"COPY", pieces[2], pieces[3], "REPLACE"}};
    const std::size_t which = GENERATE(0, 1, 2);
    fixture.server.ask(changes[which]);
    CHECK_FALSE(fixture.two.look_up(question_of(fixture.key)).response);
    CHECK(fixture.two.store.stats().corrupt == 1);
  }
  SECTION("the pieces of what was replaced, or came too late, do not stay") {
    REQUIRE(fixture.one.put(fixture.one.page(fixture.key, "small"), {"epoch", 3}));
    for (const std::string& piece : pieces) CHECK(fixture.milliseconds_left(piece) <= 1'000);
    REQUIRE(fixture.one.put(fixture.one.page(fixture.key, noise(3 * 1024 * 1024)), {"epoch", 2}));
    CHECK(fixture.one.store.stats().superseded == 1);
    CHECK(body_of(fixture.two.look_up(question_of(fixture.key))) == "small");
  }
}

TEST_CASE("what is older does not replace what is newer", "[redis]") {
  Fixture fixture;
  const auto found = [&] { return body_of(fixture.two.look_up(question_of(fixture.key))); };
  const auto put = [&](std::string_view body, const cache::Place& place, base::Duration age = 0ms) {
    auto response = fixture.one.page(fixture.key, body);
    response.freshness.received_at -= age;
    return fixture.one.put(response, place);
  };
  // Numbers that are the same to Lua.
  CHECK(put("newer", {"e", 9'007'199'254'740'993}));
  CHECK(put("older", {"e", 9'007'199'254'740'992}));
  CHECK(put("much older", {"e", 7}));
  CHECK(found() == "newer");
  CHECK(fixture.one.store.stats().superseded == 2);
  CHECK(put("newest", {"e", 10'000'000'000'000'000}));
  CHECK(found() == "newest");
  CHECK(put("received before", {"e", 10'000'000'000'000'000}, 10s));
  CHECK(found() == "newest");
  CHECK(put("of another epoch", {"f", 1}));
  CHECK(found() == "of another epoch");
}

TEST_CASE("an entry lives for its lifetime and its grace, and no longer", "[redis]") {
  Fixture fixture;
  auto response = fixture.one.page(fixture.key, "page");
  response.freshness.initial_age = 10s;
  const auto lives = [&](long long seconds) {
    REQUIRE(fixture.one.put(response));
    for (const std::string& key : {fixture.entry_key(response), fixture.vary_key(response)}) {
      const long long left = fixture.milliseconds_left(key);
      CHECK(left <= seconds * 1'000);
      CHECK(left > seconds * 1'000 - scenario::patience.count());
    }
  };
  SECTION("without grace") {
    lives(50);
  }
  SECTION("with the longer grace") {
    response.freshness.stale_while_revalidate = 100s;
    response.freshness.stale_if_error = 200s;
    lives(250);
  }
  SECTION("that must be revalidated") {
    response.freshness.stale_if_error = 200s;
    response.freshness.must_revalidate = true;
    lives(50);
  }
  SECTION("later on") {
    fixture.one.clock.advance(30s);
    lives(20);
  }
  SECTION("the Vary as long as the longest of its variants") {
    lives(50);
    auto german = fixture.one.page(fixture.key, "german", "de");
    german.freshness.lifetime = 1s;
    REQUIRE(fixture.one.put(german));
    CHECK(fixture.milliseconds_left(fixture.vary_key(german)) > 10'000);
    CHECK(fixture.milliseconds_left(fixture.entry_key(german)) <= 1'000);
  }
  SECTION("past it, it is not written") {
    response.freshness.stale_if_error = 200s;
    fixture.one.clock.advance(250s);
    CHECK_FALSE(fixture.one.put(response));
    CHECK(fixture.one.store.stats().dropped == 1);
    CHECK(fixture.server.ask({"EXISTS", fixture.entry_key(response)}) == ":0\r\n");
  }
}

TEST_CASE("a mark is found until it expires", "[redis]") {
  Fixture fixture;
  auto response = fixture.one.page(fixture.key, "page", "de");
  const base::MonoTime end = fixture.one.clock.now().mono + 20s;
  const RedisStore::Mark mark{response.vary, response.secondary, end};
  const auto look_up = [&] { return fixture.two.look_up(question_of(fixture.key, request_of("de"))); };
  REQUIRE(fixture.one.put_mark(fixture.key, mark, {"epoch", 5}));
  const RedisStore::Found found = look_up();
  CHECK_FALSE(found.response);
  REQUIRE(found.mark);
  CHECK(found.place == cache::Place{"epoch", 5});
  CHECK(found.mark->vary == response.vary);
  CHECK(found.mark->secondary == response.secondary);
  CHECK(std::chrono::abs(found.mark->expires_at - end) < 1s);
  CHECK(fixture.milliseconds_left(fixture.entry_key(response)) <= 20'000);
  SECTION("by the clock") {
    fixture.two.clock.advance(21s);
    CHECK_FALSE(look_up().mark);
    CHECK(look_up().is_known);
    CHECK_FALSE(fixture.one.put_mark(fixture.key, {"", "", fixture.one.clock.now().mono}));
  }
  SECTION("an entry of its place takes it, also one received before") {
    response.freshness.received_at -= 5s;
    REQUIRE(fixture.one.put(response, {"epoch", 5}));
    CHECK(body_of(look_up()) == "page");
  }
  SECTION("an entry of an older place does not, nor a mark the place of a newer entry") {
    REQUIRE(fixture.one.put(response, {"epoch", 4}));
    CHECK(look_up().mark);
    REQUIRE(fixture.one.put(response, {"epoch", 6}));
    REQUIRE(fixture.one.put_mark(fixture.key, mark, {"epoch", 5}));
    CHECK(body_of(look_up()) == "page");
    CHECK(fixture.one.store.stats().superseded == 2);
  }
}

TEST_CASE("what must not be shared is not written", "[redis]") {
  Fixture fixture;
  auto response = fixture.one.page(fixture.key, "page");
  cache::Place place{"epoch", 1};
  SECTION("a body that grows") {
    response.body = cache::Body::growing(10);
  }
  SECTION("a body that failed") {
    response.body = cache::Body::growing(10);
    response.body->fail(cache::Reason::none);
  }
  SECTION("a large body") {
    response.body = cache::Body::complete(std::string(RedisStore::body_size_max + 1, 'x'));
  }
  SECTION("a private copy") {
    response = fixture.one.page(private_key_of("/a", "session"), "page");
  }
  SECTION("an epoch that is no word") {
    place.epoch = "a b";
  }
  SECTION("an endless Vary") {
    response.vary = std::string(vary_size_max + 1, 'a');
  }
  CHECK_FALSE(fixture.one.put(response, place));
  CHECK(fixture.one.store.stats().dropped == 1);
  CHECK_FALSE(fixture.two.look_up(question_of(fixture.key)).response);
}

TEST_CASE("the largest body is shared", "[redis]") {
  Fixture fixture;
  const std::string body = noise(RedisStore::body_size_max);
  REQUIRE(fixture.one.put(fixture.one.page(fixture.key, body)));
  CHECK(body_of(fixture.two.look_up(question_of(fixture.key))) == body);
  CHECK(fixture.one.store.stats().waiting_bytes == 0);
}

TEST_CASE("before it has started, and after it has stopped, a store answers at once", "[redis]") {
  net::Clock clock;
  RedisStore store(config_of(shared_server(), fresh_name_space()), clock);
  const auto is_known = [&] {
    return result_of(ask(store, question_of(key_of("/a"))), "a look-up").is_known;
  };
  CHECK_FALSE(is_known());
  CHECK_FALSE(result_of(begin_put(store, response_of(key_of("/a")), {"e", 1}), "a write"));
  store.start();
  store.stop();
  store.stop();
  CHECK_FALSE(is_known());
  CHECK_FALSE(result_of(begin_put(store, response_of(key_of("/a")), {"e", 1}), "a write"));
  CHECK(store.stats().unavailable == 2);
  CHECK(store.stats().failed_writes == 2);
}

}  // namespace larder::store
