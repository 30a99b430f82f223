// Tags and the memory that a stored response holds.
#include "larder/cache/stored_response.hpp"

#include <catch2/catch.hpp>

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

TEST_CASE("the cost counts every allocation as the allocator does") {
  StoredResponse response;
  const std::uint64_t empty = response.cost();
  CHECK(empty >= sizeof(StoredResponse) + 200);
  response.key.text = "short";  // within the string itself
  CHECK(response.cost() == empty);

  // jemalloc's classes: 16 apart up to 128, then four to each doubling.
  struct Row {
    std::size_t capacity;
    std::uint64_t size;
  };
  for (const Row& row : {Row{30, 32}, Row{31, 32}, Row{32, 48}, Row{127, 128}, Row{128, 160}, Row{255, 256},
                         Row{256, 320}, Row{1000, 1024}, Row{1024, 1280}, Row{5000, 5120}}) {
    INFO(row.capacity);
    std::string text;
    text.reserve(row.capacity);
    REQUIRE(text.capacity() == row.capacity);
    response.head.text = std::move(text);
    CHECK(response.cost() == empty + row.size);
  }
  response.head.text = {};
  response.head.text.shrink_to_fit();
  response.tags.assign(4, "short");
  CHECK(response.cost() == empty + 4 * sizeof(std::string));
}

}  // namespace
}  // namespace larder::cache
