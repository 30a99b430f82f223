// Tags and the memory that a stored response holds.
#include "larder/cache/stored_response.hpp"

#include <catch2/catch.hpp>

#include "larder/cache/allocation.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using Tags = std::vector<std::string>;

struct TagCase {
  const char* name;
  const char* response;
  Tags route;
  Tags tags;
};

const TagCase tag_cases[] = {
    {"none", "", {}, {}},
    {"the route's", "", {"blog"}, {"blog"}},
    {"Surrogate-Key at spaces", "Surrogate-Key: a b  c,d", {}, {"a", "b", "c,d"}},
    {"Cache-Tag at commas", "Cache-Tag: a, b c ,,d", {}, {"a", "b c", "d"}},
    {"Cache-Groups are strings (RFC 9875 section 2)", "Cache-Groups: \"a\", \"b,c\"", {}, {"a", "b,c"}},
    {"an escaped quote in a string", "Cache-Groups: \"a\\\"b\"", {}, {"a\"b"}},
    {"several lines", "Cache-Tag: a\nCache-Tag: b", {}, {"a", "b"}},
    {"without repeats", "Cache-Tag: a, blog\nSurrogate-Key: a", {"blog"}, {"blog", "a"}},
    {"case counts", "Cache-Tag: a, A", {}, {"a", "A"}},
};

TEST_CASE("the tags of a response") {
  for (const TagCase& row : tag_cases) {
    INFO(row.name);
    CHECK(tags_of(fixture::fields(row.response), row.route) == row.tags);
  }
}

TEST_CASE("tags past their bounds are refused, not cut") {
  std::string at_most = "Surrogate-Key:";
  for (std::size_t i = 0; i < tags_max; ++i) at_most += " t" + std::to_string(i);
  CHECK(tags_of(fixture::fields(at_most), {})->size() == tags_max);
  CHECK(tags_of(fixture::fields(at_most + " t0"), {})->size() == tags_max);
  CHECK_FALSE(tags_of(fixture::fields(at_most + " one-more"), {}));
  CHECK(tags_of(fixture::fields("Cache-Tag: " + std::string(tag_size_max, 'x')), {}));
  CHECK_FALSE(tags_of(fixture::fields("Cache-Tag: " + std::string(tag_size_max + 1, 'x')), {}));
}

std::string text_of(const BodyPieces& pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

std::vector<std::string> texts_of(const PackedTexts& packed) {
  return {packed.begin(), packed.end()};
}

// A page as a site sends it: a key of 50 bytes, a head of `head_size`.
ResponseDraft page(std::size_t head_size, std::size_t body_size) {
  ResponseDraft draft;
  draft.key.text = "http://www.example.com/blog/2024/a-post-with-slug/";
  draft.head.text = std::string(head_size, 'h');
  std::string body;
  for (std::size_t i = 0; i < body_size; ++i) body.push_back(static_cast<char>('a' + i % 26));
  draft.body = Body::complete(body);
  return draft;
}

TEST_CASE("a frozen response has all that its draft had, wherever its bytes stand") {
  for (const std::size_t size : {0, 1, 7, 100, 1000, 1023, 1024, 1025, 4095, 4096, 4097, 100'000}) {
    for (const std::size_t head_size : {20, 33, 300, 350, 1000, 20'000}) {
      INFO(size << " behind a head of " << head_size);
      ResponseDraft draft = page(head_size, size);
      draft.key.hash = 42;
      draft.key.path_begin = 22;
      draft.vary = "accept-encoding";
      draft.secondary = "=gzip\n";
      draft.head.hidden = "Cache-Tag: a\r\n";
      draft.head.status = 203;
      draft.head.generated_etag = draft.head.sets_cookie = true;
      draft.head.etag_begin = 3;
      draft.head.etag_size = 4;
      draft.head.date = base::WallTime(base::Duration(-1));
      draft.tags = {"a", "", "ccc"};
      draft.body_tags = {"ccc"};
      draft.captures = {"slug:a"};
      draft.freshness.lifetime = base::Seconds(60);
      draft.sequence = 7;
      draft.checked_at = 9;
      draft.is_counted = 1;
      const StoredPtr stored = freeze(draft);
      CHECK(stored->key().text == draft.key.text);
      CHECK(stored->key().hash == 42);
      CHECK(stored->has_key(42, draft.key.text));
      CHECK_FALSE(stored->has_key(43, draft.key.text));
      CHECK(stored->key().path_begin == 22);
      CHECK(stored->vary() == draft.vary);
      CHECK(stored->secondary() == draft.secondary);
      const HeadView head = stored->head();
      CHECK(head.text == draft.head.text);
      CHECK(stored->head_text() == draft.head.text);
      CHECK(head.hidden == draft.head.hidden);
      CHECK(head.status == 203);
      CHECK((head.generated_etag && head.sets_cookie));
      CHECK_FALSE((head.added_vary || head.replaced_cache_control));
      CHECK(head.etag() == "hhhh");
      CHECK(head.date == draft.head.date);
      CHECK_FALSE(head.last_modified);
      CHECK(texts_of(stored->tags()) == draft.tags);
      CHECK(texts_of(stored->body_tags()) == draft.body_tags);
      CHECK(texts_of(stored->captures()) == draft.captures);
      CHECK(stored->freshness.lifetime == base::Seconds(60));
      CHECK(stored->sequence == 7);
      CHECK(stored->checked_at == 9);
      CHECK_FALSE(stored->is_soft_outdated);
      CHECK(stored->is_counted == 1);
      CHECK(stored->is_whole());
      CHECK(stored->body_size() == size);
      CHECK((stored->body() == nullptr) == (size <= StoredResponse::own_body_max));
      CHECK(text_of(stored->pieces()) == text_of(BodyPieces(draft.body->pieces())));
      const ResponseDraft again = draft_of(*stored);
      CHECK(text_of(BodyPieces(again.body->pieces())) == text_of(stored->pieces()));
      CHECK(again.tags == draft.tags);
      // With a body that no draft had.
      const std::string body = text_of(stored->pieces());
      draft.body.reset();
      const StoredPtr direct = freeze(draft, body);
      CHECK(text_of(direct->pieces()) == body);
      CHECK(direct->head_text() == draft.head.text);
      CHECK((direct->body() == nullptr) == (size <= StoredResponse::own_body_max));
      CHECK(direct->cost() == stored->cost());
    }
  }
}

TEST_CASE("a body that grows, failed or is windowed stays where it is") {
  ResponseDraft draft = page(100, 0);
  draft.body = Body::growing(std::nullopt);
  const StoredPtr stored = freeze(draft);
  CHECK(stored->body() == draft.body);
  CHECK_FALSE(stored->is_whole());
  CHECK_FALSE(stored->is_complete());
  CHECK(stored->reader());
  draft.body->append("abc");
  CHECK(stored->body_size() == 3);
  draft.body->make_windowed(10, 10);
  draft.body->finish();
  CHECK(stored->is_complete());
  CHECK_FALSE(stored->is_whole());
  CHECK(freeze(draft)->body() == draft.body);
}

TEST_CASE("the cost is that of the allocator's size classes") {
  // jemalloc's: 16 apart up to 128, then four to each doubling.
  struct Row {
    std::size_t size;
    std::uint64_t allocated;
    std::uint64_t within;
  };
  for (const Row& row :
       {Row{16, 16, 16}, Row{17, 32, 16}, Row{128, 128, 128}, Row{129, 160, 128}, Row{160, 160, 160},
        Row{256, 256, 256}, Row{257, 320, 256}, Row{1000, 1024, 896}, Row{1025, 1280, 1024},
        Row{5000, 5120, 4096}, Row{14 * 1024, 14 * 1024, 14 * 1024}}) {
    INFO(row.size);
    CHECK(allocated_size(row.size) == row.allocated);
    CHECK(size_class_within(row.size) == row.within);
  }
  CHECK(freeze({})->cost() == sizeof(StoredResponse));
  ResponseDraft large = page(1, 100'000);
  CHECK(freeze(large)->cost() >= large.body->allocated() + sizeof(StoredResponse));
}

TEST_CASE("a small response costs little beyond its texts and its bytes, whatever their sizes") {
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  for (std::size_t head_size = 200; head_size < 500; head_size += 7) {
    for (std::size_t size = 600; size < 1500; size += 13) {
      const ResponseDraft draft = page(head_size, size);
      const std::uint64_t needed = draft.key.text.size() + head_size + size;
      const std::uint64_t beyond = freeze(draft)->cost() - needed;
      REQUIRE(beyond <= sizeof(StoredResponse) + 64);
      sum += beyond;
      ++count;
    }
  }
  CHECK(sum / count <= sizeof(StoredResponse) + 32);
}

}  // namespace
}  // namespace larder::cache
