// What every store does.
//
// run_shared() is what holds of any store, in this process or outside it, which says by a subject of its own
// what is found: the bodies, not the objects. run_conformance() is what holds of stores within the process
// besides, which hold the objects themselves: their identity, bodies that grow, what is evicted, swept and
// counted; instantiate it with a function that makes one of at least `size_max` bytes.
#pragma once
#include <catch2/catch.hpp>
#include <vector>

#include "store_fixture.hpp"

namespace larder::store::conformance {

using fixture::key_of;
using fixture::look_up;
using fixture::mark_of;
using fixture::request_of;
using fixture::response_of;

inline constexpr std::uint64_t size_max = std::uint64_t{4} * 1024 * 1024;

// What a look-up finds.
struct Seen {
  std::optional<std::string> body;
  bool has_mark = false;
};

inline std::string body_of(const cache::StoredResponse& response) {
  std::string body;
  for (const std::string_view piece : response.pieces()) body += piece;
  return body;
}

// One with a lifetime, and a body that tells it from others.
inline cache::StoredPtr saying(std::string_view body, const cache::CacheKey& key,
                               const fixture::Made& made = {}) {
  cache::ResponseDraft response = fixture::draft(key, made);
  response.body = cache::Body::complete(body);
  response.freshness.lifetime = std::chrono::minutes(1);
  return cache::freeze(response);
}

// A subject has
//   void put(const cache::StoredPtr&)
//   void mark(const cache::CacheKey&, std::string_view vary, std::string_view secondary, sequence)
//   Seen look_up(const cache::CacheKey&, const http::Fields& request)
// Of a key that has both a response and a mark of the same fetch or a later one, stores differ in whether
// they still know the response; and of several Varies of a key, in whether one before the last is still
// found.
template <typename Subject>
void run_shared(Subject& subject) {
  const auto key = key_of("/a");
  const http::Fields plain = request_of();
  const auto german = saying("german", key, {.language = "de"});
  SECTION("shared: nothing is found where nothing was put") {
    CHECK_FALSE(subject.look_up(key, plain).body);
    CHECK_FALSE(subject.look_up(key, plain).has_mark);
  }
  SECTION("shared: what was put is found, under its key alone") {
    subject.put(saying("one", key));
    CHECK(subject.look_up(key, plain).body == "one");
    CHECK_FALSE(subject.look_up(key, plain).has_mark);
    CHECK_FALSE(subject.look_up(key_of("/b"), plain).body);
  }
  SECTION("shared: a later response replaces the one before, and one of an older fetch does not") {
    subject.put(saying("one", key, {.sequence = 1}));
    subject.put(saying("two", key, {.sequence = 1}));
    CHECK(subject.look_up(key, plain).body == "two");
    subject.put(saying("three", key, {.sequence = 2}));
    subject.put(saying("four", key, {.sequence = 1}));
    CHECK(subject.look_up(key, plain).body == "three");
  }
  SECTION("shared: each request gets its own variant") {
    subject.put(german);
    subject.put(saying("french", key, {.language = "fr"}));
    CHECK(subject.look_up(key, request_of("de")).body == "german");
    CHECK(subject.look_up(key, request_of("fr")).body == "french");
    CHECK_FALSE(subject.look_up(key, request_of("it")).body);
    CHECK_FALSE(subject.look_up(key, plain).body);
  }
  SECTION("shared: a mark is of one variant, and a storable response takes its place") {
    subject.mark(key, german->vary(), german->secondary(), 0);
    CHECK(subject.look_up(key, request_of("de")).has_mark);
    CHECK_FALSE(subject.look_up(key, request_of("de")).body);
    CHECK_FALSE(subject.look_up(key, request_of("fr")).has_mark);
    subject.put(german);
    CHECK_FALSE(subject.look_up(key, request_of("de")).has_mark);
    CHECK(subject.look_up(key, request_of("de")).body == "german");
  }
  SECTION("shared: a mark of an older fetch does not follow a storable response") {
    subject.put(saying("one", key, {.sequence = 2}));
    subject.mark(key, "", "", 1);
    CHECK_FALSE(subject.look_up(key, plain).has_mark);
    CHECK(subject.look_up(key, plain).body == "one");
  }
}

template <typename Store>
void run_basics(Store& store) {
  const auto key = key_of("/a");
  SECTION("nothing is found where nothing was put") {
    const LookUp result = look_up(store, key);
    CHECK_FALSE(result.response);
    CHECK_FALSE(result.has_other_variants);
    CHECK(result.last_vary.empty());
    CHECK_FALSE(result.hit_for_miss);
  }
  SECTION("what was put is found, as the same object") {
    const auto response = response_of(key);
    CHECK(store.put(response));
    CHECK(look_up(store, key).response == response);
    CHECK_FALSE(look_up(store, key_of("/b")).response);
    CHECK(store.stats().entries == 1);
    CHECK(store.stats().insertions == 1);
  }
  SECTION("a look-up overwrites the last one's result") {
    store.put(response_of(key, {.language = "de"}));
    LookUp result = look_up(store, key, request_of("de"));
    CHECK(result.last_vary == "accept-language");
    store.look_up(key_of("/b"), request_of(), fixture::no_cookie_rule, base::MonoTime{}, result);
    CHECK_FALSE(result.response);
    CHECK(result.last_vary.empty());
  }
  SECTION("a newer response replaces the one before") {
    store.put(response_of(key, {.sequence = 1}));
    const auto newer = response_of(key, {.sequence = 1});
    CHECK(store.put(newer));
    CHECK(look_up(store, key).response == newer);
    CHECK(store.stats().entries == 1);
  }
  SECTION("one of an older fetch does not replace it") {
    const auto newer = response_of(key, {.sequence = 2});
    store.put(newer);
    CHECK_FALSE(store.put(response_of(key, {.sequence = 1})));
    CHECK(look_up(store, key).response == newer);
  }
  SECTION("what was removed is gone, and nothing else is") {
    const auto response = response_of(key);
    store.put(response);
    store.remove(response_of(key));
    CHECK(look_up(store, key).response == response);
    store.remove(response);
    CHECK_FALSE(look_up(store, key).response);
    store.remove(response);
    CHECK(store.stats().entries == 0);
  }
}

template <typename Store>
void run_replacement(Store& store) {
  const auto key = key_of("/a");
  const auto growing = response_of(key, {.sequence = 3});
  const auto landed = response_of(key, {.sequence = 3});
  store.put(growing);
  SECTION("a landed response takes the growing one's place") {
    CHECK(store.replace(growing, landed));
    CHECK(look_up(store, key).response == landed);
    CHECK(store.stats().entries == 1);
  }
  SECTION("it does not bring back what was removed") {
    store.remove(growing);
    CHECK_FALSE(store.replace(growing, landed));
    CHECK_FALSE(look_up(store, key).response);
  }
  SECTION("it does not undo what was put meanwhile") {
    const auto newer = response_of(key, {.sequence = 4});
    store.put(newer);
    CHECK_FALSE(store.replace(growing, landed));
    CHECK(look_up(store, key).response == newer);
  }
}

template <typename Store>
void run_variants(Store& store) {
  const auto key = key_of("/a");
  const auto german = response_of(key, {.language = "de"});
  const auto french = response_of(key, {.language = "fr"});
  SECTION("each request gets its own variant") {
    store.put(german);
    store.put(french);
    CHECK(look_up(store, key, request_of("de")).response == german);
    CHECK(look_up(store, key, request_of("fr")).response == french);
    CHECK(look_up(store, key, request_of("fr")).has_other_variants);
  }
  SECTION("one that is not stored is told from a key that is not stored") {
    store.put(german);
    const LookUp result = look_up(store, key, request_of("it"));
    CHECK_FALSE(result.response);
    CHECK(result.has_other_variants);
    CHECK(result.last_vary == "accept-language");
    CHECK_FALSE(look_up(store, key, request_of("de")).has_other_variants);
  }
  SECTION("of several that fit the one fetched after the later purge is selected") {
    const auto plain = response_of(key, {.sequence = 1});
    store.put(plain);
    store.put(german);  // of an older fetch
    CHECK(look_up(store, key, request_of("de")).response == plain);
    const auto renewed = response_of(key, {.sequence = 2, .language = "de"});
    store.put(renewed);
    CHECK(look_up(store, key, request_of("de")).response == renewed);
    CHECK(look_up(store, key, request_of("fr")).response == plain);
    CHECK(look_up(store, key, request_of("fr")).last_vary == "accept-language");
  }
  SECTION("they are bounded, and the oldest leaves") {
    std::vector<std::string> names;
    for (std::size_t i = 0; i <= variants_max; ++i) names.push_back("l" + std::to_string(i));
    for (const std::string& name : names) store.put(response_of(key, {.language = name}));
    CHECK(store.stats().entries == variants_max);
    CHECK_FALSE(look_up(store, key, request_of(names[0])).response);
    for (std::size_t i = 1; i < names.size(); ++i) CHECK(look_up(store, key, request_of(names[i])).response);
  }
}

template <typename Store>
void run_hit_for_miss(Store& store) {
  const auto key = key_of("/a");
  const auto german = response_of(key, {.language = "de"});
  SECTION("a mark is found until it expires") {
    store.mark_hit_for_miss(key, "", "", mark_of(7));
    const LookUp result = look_up(store, key);
    CHECK_FALSE(result.response);
    CHECK_FALSE(result.has_other_variants);
    REQUIRE(result.hit_for_miss);
    CHECK(result.hit_for_miss->sequence == 7);
    CHECK_FALSE(look_up(store, key, request_of(), mark_of().expires_at).hit_for_miss);
  }
  SECTION("it is of one variant, and tells the Vary that it was seen under") {
    store.mark_hit_for_miss(key, german->vary(), german->secondary(), mark_of());
    CHECK(look_up(store, key, request_of("de")).hit_for_miss);
    CHECK_FALSE(look_up(store, key, request_of("fr")).hit_for_miss);
    CHECK(look_up(store, key, request_of("fr")).last_vary == "accept-language");
  }
  SECTION("a storable response takes its place, and leaves other variants' marks") {
    const auto french = response_of(key, {.language = "fr"});
    store.mark_hit_for_miss(key, german->vary(), german->secondary(), mark_of());
    store.mark_hit_for_miss(key, french->vary(), french->secondary(), mark_of());
    store.put(german);
    CHECK_FALSE(look_up(store, key, request_of("de")).hit_for_miss);
    CHECK(look_up(store, key, request_of("fr")).hit_for_miss);
  }
  SECTION("a storable response with another Vary takes the place of all") {
    store.mark_hit_for_miss(key, "", "", mark_of());
    store.put(german);
    CHECK_FALSE(look_up(store, key, request_of("fr")).hit_for_miss);
  }
  SECTION("a mark of an older fetch does not follow a storable response") {
    store.put(response_of(key, {.sequence = 2}));
    store.mark_hit_for_miss(key, "", "", mark_of(1));
    CHECK_FALSE(look_up(store, key).hit_for_miss);
    store.mark_hit_for_miss(key, "", "", mark_of(2));
    CHECK(look_up(store, key).hit_for_miss);
    CHECK(look_up(store, key).response);
  }
}

template <typename Store>
void run_urls(Store& store) {
  const auto response = response_of(key_of("/a?x=1"));
  CHECK_FALSE(store.holds_url(key_of("/a")));
  store.put(response);
  store.put(response_of(key_of("/a?x=2")));
  CHECK(store.holds_url(key_of("/a")));
  CHECK(store.holds_url(key_of("/a?y")));
  CHECK_FALSE(store.holds_url(key_of("/a/")));
  store.remove(response);
  CHECK(store.holds_url(key_of("/a")));
  store.remove(look_up(store, key_of("/a?x=2")).response);
  CHECK_FALSE(store.holds_url(key_of("/a")));
}

// Places under one path for keys, at most two.
template <typename Store>
void run_places(Store& store) {
  const auto a = response_of(key_of("/p?a"), {.language = "de"});
  const auto b = response_of(key_of("/p?b"));
  CHECK(store.put_within(a, 2) == Put::kept);
  CHECK(store.has_place(key_of("/p?b"), 2));
  CHECK(store.put_within(b, 2) == Put::kept);
  SECTION("one more key is not kept, under this path") {
    CHECK_FALSE(store.has_place(key_of("/p?c"), 2));
    CHECK(store.put_within(response_of(key_of("/p?c")), 2) == Put::too_many_keys);
    CHECK_FALSE(look_up(store, key_of("/p?c")).response);
    CHECK(store.put_within(response_of(key_of("/q?c")), 2) == Put::kept);
    CHECK(store.stats().entries == 3);
  }
  SECTION("what has a place is renewed, and gets variants") {
    const auto renewed = response_of(key_of("/p?b"), {.sequence = 1});
    CHECK(store.put_within(renewed, 2) == Put::kept);
    CHECK(look_up(store, key_of("/p?b")).response == renewed);
    CHECK(store.put_within(response_of(key_of("/p?a"), {.language = "fr"}), 2) == Put::kept);
    CHECK_FALSE(store.has_place(key_of("/p?c"), 2));
  }
  SECTION("a place is free when the last variant leaves") {
    const auto french = response_of(key_of("/p?a"), {.language = "fr"});
    store.put(french);
    store.remove(a);
    CHECK_FALSE(store.has_place(key_of("/p?c"), 2));
    store.remove(french);
    CHECK(store.put_within(response_of(key_of("/p?c")), 2) == Put::kept);
  }
  SECTION("a mark takes no place") {
    store.remove(b);
    store.mark_hit_for_miss(key_of("/p?m"), "", "", mark_of());
    CHECK(store.put_within(b, 2) == Put::kept);
    CHECK(store.put_within(response_of(key_of("/p?m")), 2) == Put::too_many_keys);
    CHECK(look_up(store, key_of("/p?m")).hit_for_miss);
  }
  SECTION("without a bound every key is kept, and counts") {
    CHECK(store.put(response_of(key_of("/p?c"))));
    store.remove(b);
    CHECK_FALSE(store.has_place(key_of("/p?d"), 2));
    CHECK(store.has_place(key_of("/p?d"), 3));
    CHECK(store.has_place(key_of("/p?d"), 0));
  }
}

inline cache::StoredPtr lasting(std::string_view path_and_query, base::Seconds lifetime,
                                base::Seconds grace) {
  cache::ResponseDraft response = fixture::draft(key_of(path_and_query));
  response.freshness.lifetime = lifetime;
  response.freshness.stale_if_error = grace;
  return cache::freeze(response);
}

template <typename Store>
void run_freeing(Store& store) {
  store.put(lasting("/p?a", base::Seconds(10), base::Seconds(0)));
  store.put(lasting("/p?b", base::Seconds(10), base::Seconds(20)));
  store.put(lasting("/q?a", base::Seconds(10), base::Seconds(0)));
  const auto at = [](int seconds) { return base::MonoTime{} + base::Seconds(seconds); };
  CHECK_FALSE(store.free_places(at(60)));  // nobody has missed one
  CHECK_FALSE(store.has_place(key_of("/p?c"), 2));
  SECTION("what is past its lifetime leaves, where places were missed, whatever its grace") {
    CHECK(store.free_places(at(11)) == std::size_t{2});
    CHECK_FALSE(look_up(store, key_of("/p?a")).response);
    CHECK_FALSE(look_up(store, key_of("/p?b")).response);
    CHECK(look_up(store, key_of("/q?a")).response);
    CHECK(store.has_place(key_of("/p?c"), 2));
  }
  SECTION("what is fresh stays") {
    CHECK(store.free_places(at(9)) == std::size_t{0});
    CHECK_FALSE(store.free_places(at(60)));  // missed once, looked for once
    CHECK_FALSE(store.has_place(key_of("/p?c"), 2));
    CHECK(store.free_places(at(15)) == std::size_t{2});
  }
}

template <typename Store>
void run_sweep(Store& store) {
  for (int i = 0; i < 500; ++i) {
    store.put(response_of(key_of("/" + std::to_string(i)), {.sequence = static_cast<std::uint64_t>(i % 2)}));
  }
  store.mark_hit_for_miss(key_of("/mark/1"), "", "", mark_of(1));
  store.mark_hit_for_miss(key_of("/mark/2"), "", "", mark_of(2));
  std::size_t removed = 0;
  for (std::size_t shard = 0; shard < store.shard_count(); ++shard) {
    removed += store.sweep_shard(
        shard, [](const cache::StoredResponse& response) { return response.sequence == 0; },
        [](const cache::CacheKey&, const HitForMiss& mark) { return mark.sequence == 1; });
  }
  CHECK(removed == 251);
  CHECK(store.stats().swept == 251);
  CHECK(store.stats().entries == 250);
  CHECK_FALSE(look_up(store, key_of("/0")).response);
  CHECK(look_up(store, key_of("/1")).response);
  CHECK_FALSE(look_up(store, key_of("/mark/1")).hit_for_miss);
  CHECK(look_up(store, key_of("/mark/2")).hit_for_miss);
}

template <typename Store>
void run_in_flight(Store& store) {
  const std::uint64_t most = store.stats().size_max;
  CHECK(store.add_in_flight(most / 2));
  CHECK_FALSE(store.add_in_flight(1));
  CHECK(store.stats().in_flight_bytes == most / 2);
  store.subtract_in_flight(most / 2);
  CHECK_FALSE(store.add_in_flight(most / 2 + 1));
  CHECK(store.stats().in_flight_bytes == 0);
}

template <typename Make>
void run_conformance(Make&& make) {
  const auto store = make();
  SECTION("basics") {
    run_basics(*store);
  }
  SECTION("replacement") {
    run_replacement(*store);
  }
  SECTION("variants") {
    run_variants(*store);
  }
  SECTION("hit-for-miss") {
    run_hit_for_miss(*store);
  }
  SECTION("urls") {
    run_urls(*store);
  }
  SECTION("places") {
    run_places(*store);
  }
  SECTION("freeing places") {
    run_freeing(*store);
  }
  SECTION("sweep") {
    run_sweep(*store);
  }
  SECTION("in flight") {
    run_in_flight(*store);
  }
}

}  // namespace larder::store::conformance
