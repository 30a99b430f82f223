// Selectors: what is read, what is refused, and that the text form comes back.
#include "larder/cache/selector.hpp"

#include <catch2/catch.hpp>
#include <ostream>

namespace larder::cache {
namespace {

using Kind = SelectorKind;

struct Good {
  std::string_view text;
  Kind kind;
  std::string_view value;
  std::string_view host;
};

const Good good[] = {
    {"all", Kind::all, "", ""},
    {"url:http://example.com/a?b=1", Kind::url, "example.com/a?b=1", ""},
    {"url:https://EXAMPLE.com:443/a", Kind::url, "example.com/a", ""},
    {"url:http://example.com:80/a", Kind::url, "example.com/a", ""},
    {"url:http://example.com:8080/a", Kind::url, "example.com:8080/a", ""},
    {"url:http://example.com", Kind::url, "example.com/", ""},
    {"url:http://example.com/a?", Kind::url, "example.com/a?", ""},
    {"url:http://example.com/a#part", Kind::url, "example.com/a", ""},
    {"url:/a?b", Kind::url, "/a?b", ""},
    {"url:/%7euser/%c3%a9?q=%7e", Kind::url, "/~user/%C3%A9?q=%7e", ""},
    {"url:/a/", Kind::url, "/a/", ""},
    {"path:/", Kind::path, "", ""},
    {"path:/blog/", Kind::path, "/blog", ""},
    {"path:/blog", Kind::path, "/blog", ""},
    {"path:/%62log/", Kind::path, "/blog", ""},
    {"path:/caf\xC3\xA9/", Kind::path, "/caf%C3%A9", ""},
    {"path:http://example.com/blog/", Kind::path, "/blog", "example.com"},
    {"path:http://example.com", Kind::path, "", "example.com"},
    {"path:http://[::1]:8080/a", Kind::path, "/a", "[::1]:8080"},
    {"prefix:/blog/", Kind::prefix, "/blog/", ""},
    {"prefix:/b", Kind::prefix, "/b", ""},
    {"prefix:https://Example.com/blog/", Kind::prefix, "/blog/", "example.com"},
    {"host:Example.COM", Kind::host, "example.com", ""},
    {"host:example.com:80", Kind::host, "example.com", ""},
    {"host:example.com:443", Kind::host, "example.com", ""},
    {"host:example.com:8080", Kind::host, "example.com:8080", ""},
    {"tag:footer", Kind::tag, "footer", ""},
    {"tag:slug:my-post", Kind::tag, "slug:my-post", ""},
    {"tag:blog-*", Kind::tag_prefix, "blog-", ""},
    {"tag:*", Kind::tag_prefix, "", ""},
    {"slug:my-post", Kind::capture, "slug:my-post", ""},
    {"_id2:a:b", Kind::capture, "_id2:a:b", ""},
    {"slug:caf\xC3\xA9", Kind::capture, "slug:caf%C3%A9", ""},
    {"slug:caf%c3%a9", Kind::capture, "slug:caf%C3%A9", ""},
    {"URL:x", Kind::capture, "URL:x", ""},
};

struct Bad {
  std::string_view text;
  std::string_view expected;  // a part of the message
};

const Bad bad[] = {
    {"", "expected all"},
    {"everything", "expected all"},
    {"/blog/", "expected all"},
    {"all:", "without a value"},
    {"all:x", "without a value"},
    {"url:", "expected a value"},
    {"path:", "expected a value"},
    {"prefix:", "expected a value"},
    {"host:", "expected a value"},
    {"tag:", "expected a value"},
    {"slug:", "expected a value"},
    {":x", "capture's name"},
    {"2slug:x", "capture's name"},
    {"my-slug:x", "capture's name"},
    {"http://example.com/", "capture's name and value"},
    {"url:example.com/a", "url:http://"},
    {"url:ftp://example.com/a", "url:http://"},
    {"url:http://user@example.com/a", "url:http://"},
    {"url:http:///a", "url:http://"},
    {"url:/%4", "valid escapes"},
    {"url:/%zz", "valid escapes"},
    {"path:blog", "path:/path/"},
    {"path:/a?b=1", "without a query"},
    {"path:/a?", "without a query"},
    {"path:http://example.com/a?b", "without a query"},
    {"prefix:blog", "prefix:/path"},
    {"prefix:/a?b", "without a query"},
    {"prefix:/%4", "valid escapes"},
    {"host:example.com/", "host:example.com"},
    {"host:exa mple", "host:example.com"},
    {"host:http://example.com", "host:example.com"},
    {"tag:a*b", "at the end only"},
    {"tag:a**", "at the end only"},
    {"slug:my-*", "tag:slug:"},
    {"slug:100%", "valid escapes"},
    {"tag:a\nb", "control"},
    {"path:/a\tb", "control"},
};

TEST_CASE("selectors are read and normalised as keys are") {
  for (const Good& row : good) {
    INFO(row.text);
    const auto result = parse_selector(row.text);
    REQUIRE(std::holds_alternative<Selector>(result));
    const Selector& selector = std::get<Selector>(result);
    CHECK(selector.kind == row.kind);
    CHECK(selector.value == row.value);
    CHECK(selector.host == row.host);
  }
}

TEST_CASE("the text of a selector is read as the same selector") {
  for (const Good& row : good) {
    INFO(row.text);
    const Selector selector = std::get<Selector>(parse_selector(row.text));
    const auto again = parse_selector(text_of(selector));
    REQUIRE(std::holds_alternative<Selector>(again));
    CHECK(std::get<Selector>(again) == selector);
  }
}

TEST_CASE("a selector that is none says what was expected") {
  for (const Bad& row : bad) {
    INFO(row.text);
    const auto result = parse_selector(row.text);
    REQUIRE(std::holds_alternative<SelectorError>(result));
    CHECK_THAT(std::get<SelectorError>(result).message, Catch::Contains(std::string(row.expected)));
  }
}

TEST_CASE("a selector longer than the most is refused") {
  const std::string text = "tag:" + std::string(selector_size_max - 4, 'a');
  CHECK(std::holds_alternative<Selector>(parse_selector(text)));
  CHECK(std::holds_alternative<SelectorError>(parse_selector(text + "a")));
}

TEST_CASE("PURGE names a path in both slash forms, or a prefix") {
  CHECK(purge_selector("example.com", "/blog/") == Selector{Kind::path, "/blog", "example.com"});
  CHECK(purge_selector("example.com", "/") == Selector{Kind::path, "", "example.com"});
  CHECK(purge_selector("example.com", "/blog/*") == Selector{Kind::prefix, "/blog/", "example.com"});
  CHECK(purge_selector("", "/*") == Selector{Kind::prefix, "/", ""});
}

}  // namespace
}  // namespace larder::cache
