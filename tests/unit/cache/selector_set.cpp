// A set of selectors names what the purge log would outdate by one line of them.
#include "larder/cache/selector_set.hpp"

#include <catch2/catch.hpp>

#include "purge_log_fixture.hpp"

namespace larder::cache {
namespace {

using fixture::key_of;
using fixture::response_of;
using fixture::selector_of;

struct Case {
  std::string_view selector;
  std::vector<std::size_t> named;  // places among the responses below
};

std::vector<StoredPtr> responses() {
  return {response_of(key_of("example.com", "/blog/hello/"), {{"footer", "blog-7"}, {"slug:hello"}}),
          response_of(key_of("example.com", "/blog/hello/", "?page=2"), {{"footer"}, {"slug:hello"}}),
          response_of(key_of("other.org", "/blog/"), {{"blog-7", "slug:hello"}, {}}),
          response_of(key_of("other.org", "/about"), {})};
}

TEST_CASE("a selector names the responses that a purge by it outdates") {
  const auto test = GENERATE(values<Case>({{"all", {0, 1, 2, 3}},
                                           {"url:/blog/hello/", {0}},
                                           {"url:http://example.com/blog/hello/?page=2", {1}},
                                           {"path:/blog/hello", {0, 1}},
                                           {"path:http://other.org/about/", {3}},
                                           {"prefix:/blog/", {0, 1, 2}},
                                           {"prefix:http://example.com/", {0, 1}},
                                           {"host:other.org", {2, 3}},
                                           {"tag:footer", {0, 1}},
                                           {"tag:blog-*", {0, 2}},
                                           {"slug:hello", {0, 1, 2}},
                                           {"slug:bye", {}}}));
  INFO(test.selector);
  const std::vector<Selector> selectors{selector_of(test.selector)};
  const SelectorSet set(selectors);
  PurgeLog log;
  log.append(selectors, PurgeMode::hard, {});
  std::vector<std::size_t> named;
  std::vector<std::size_t> outdated;
  const auto all = responses();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (set.names(*all[i])) named.push_back(i);
    if (log.validity(*all[i], log.newest()) == Validity::outdated) outdated.push_back(i);
  }
  CHECK(named == test.named);
  CHECK(outdated == test.named);
}

TEST_CASE("of several selectors the first that names a response counts") {
  const std::vector<Selector> selectors{selector_of("slug:bye"), selector_of("tag:footer"),
                                        selector_of("prefix:/blog/"), selector_of("tag:footer")};
  const SelectorSet set(selectors);
  const auto all = responses();
  CHECK(set.first_match(*all[0]) == 1u);
  CHECK(set.first_match(*all[2]) == 2u);
  CHECK_FALSE(set.first_match(*all[3]));
  CHECK_FALSE(SelectorSet({}).names(*all[0]));
}

}  // namespace
}  // namespace larder::cache
