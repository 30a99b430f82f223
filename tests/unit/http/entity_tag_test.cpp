// Entity tags and conditional requests (RFC 9110 sections 8.8.3 and 13).
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "larder/http/entity_tag.hpp"

using namespace larder;
using namespace larder::http;

TEST_CASE("entity tags") {
  struct Row {
    std::string_view text;
    bool is_valid;
    bool is_weak;
    std::string_view opaque;
  };
  const Row row = GENERATE(values<Row>({
      // Section 8.8.3's examples.
      {"\"xyzzy\"", true, false, "xyzzy"},
      {"W/\"xyzzy\"", true, true, "xyzzy"},
      {"\"\"", true, false, ""},
      // etagc: no escapes, so that a backslash is itself; obs-text.
      {"\"a\\\"", true, false, "a\\"},
      {"\"\x80\xff!~\"", true, false, "\x80\xff!~"},
      {"w/\"xyzzy\"", false, false, ""},
      {"xyzzy", false, false, ""},
      {"\"xyzzy", false, false, ""},
      {"W/", false, false, ""},
      {"W/xyzzy", false, false, ""},
      {"\"", false, false, ""},
      {"", false, false, ""},
      {"\"a b\"", false, false, ""},
      {"\"a\"b\"", false, false, ""},
      {"\"a\" ", false, false, ""},
      {"\"a\", \"b\"", false, false, ""},
      {"*", false, false, ""},
  }));
  CAPTURE(row.text);
  const auto tag = parse_entity_tag(row.text);
  REQUIRE(tag.has_value() == row.is_valid);
  if (!tag) return;
  CHECK(tag->is_weak == row.is_weak);
  CHECK(tag->opaque == row.opaque);
}

TEST_CASE("the two comparisons") {
  struct Row {
    std::string_view a;
    std::string_view b;
    bool is_strong_match;
    bool is_weak_match;
  };
  // The table of section 8.8.3.2.
  const Row row = GENERATE(values<Row>({
      {"W/\"1\"", "W/\"1\"", false, true},
      {"W/\"1\"", "W/\"2\"", false, false},
      {"W/\"1\"", "\"1\"", false, true},
      {"\"1\"", "\"1\"", true, true},
  }));
  CAPTURE(row.a, row.b);
  const EntityTag a = *parse_entity_tag(row.a);
  const EntityTag b = *parse_entity_tag(row.b);
  CHECK(equals_strongly(a, b) == row.is_strong_match);
  CHECK(equals_weakly(a, b) == row.is_weak_match);
}

TEST_CASE("If-None-Match lists") {
  struct Row {
    std::string_view value;
    std::string_view etag;
    bool is_listed;
  };
  const Row row = GENERATE(values<Row>({
      // Section 13.1.2's examples.
      {"\"xyzzy\"", "\"xyzzy\"", true},
      {"W/\"xyzzy\"", "\"xyzzy\"", true},
      {"\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\"", "\"c3piozzzz\"", true},
      {"W/\"xyzzy\", W/\"r2d2xxxx\", W/\"c3piozzzz\"", "W/\"r2d2xxxx\"", true},
      {"*", "\"anything\"", true},
      {"*", "", true},
      {"\"xyzzy\"", "\"other\"", false},
      {"\"XYZZY\"", "\"xyzzy\"", false},
      {"", "\"xyzzy\"", false},
      // A comma or a backslash inside a tag.
      {"\"a,b\"", "\"a,b\"", true},
      {"\"a,b\"", "\"a\"", false},
      {"\"a\\\", \"b\"", "\"b\"", true},
      // What is malformed matches nothing, and hides nothing.
      {"xyzzy, \"b\"", "\"b\"", true},
      {"\"a\"x, \"b\"", "\"a\"", false},
      {",, \"b\" ,", "\"b\"", true},
      {"xyzzy", "xyzzy", false},
      {"\"a\"", "", false},
      {"*, \"a\"", "\"b\"", false},
  }));
  CAPTURE(row.value, row.etag);
  Fields request;
  request.add(FieldId::if_none_match, "\"another line\"");
  request.add(FieldId::if_none_match, row.value);
  CHECK(if_none_match_lists(request, row.etag) == row.is_listed);
}

TEST_CASE("what a conditional request gets") {
  // 6 November 1994, 08:49:37.
  const base::WallTime day{std::chrono::seconds(784'111'777)};
  const auto second = std::chrono::seconds(1);
  constexpr std::string_view since = "Sun, 06 Nov 1994 08:49:37 GMT";
  Fields request;
  const auto evaluate = [&](std::optional<std::string_view> etag, std::optional<base::WallTime> modified,
                            std::optional<base::WallTime> date) {
    return evaluate_conditional(request, etag, modified, date, day) == Precondition::not_modified;
  };

  SECTION("without a condition") {
    CHECK_FALSE(evaluate("\"a\"", day, day));
  }
  SECTION("If-None-Match counts alone (section 13.2.2)") {
    request.add(FieldId::if_none_match, "\"a\"");
    request.add(FieldId::if_modified_since, since);
    CHECK(evaluate("\"a\"", day + second, day));
    CHECK_FALSE(evaluate("\"b\"", day - second, day));
    CHECK_FALSE(evaluate(std::nullopt, day - second, day));
  }
  SECTION("If-Modified-Since (section 13.1.3)") {
    request.add(FieldId::if_modified_since, since);
    CHECK(evaluate("\"a\"", day, std::nullopt));
    CHECK(evaluate("\"a\"", day - second, std::nullopt));
    CHECK_FALSE(evaluate("\"a\"", day + second, day));
    CHECK(evaluate("\"a\"", day + std::chrono::milliseconds(900), day));
    // RFC 9111 section 4.3.2: without Last-Modified, Date.
    CHECK(evaluate("\"a\"", std::nullopt, day));
    CHECK_FALSE(evaluate("\"a\"", std::nullopt, day + second));
    CHECK_FALSE(evaluate("\"a\"", std::nullopt, std::nullopt));
  }
  SECTION("an If-Modified-Since that is no date, or several") {
    request.add(FieldId::if_modified_since, GENERATE("yesterday", "0", ""));
    CHECK_FALSE(evaluate("\"a\"", day, day));
    request.set(FieldId::if_modified_since, since);
    request.add(FieldId::if_modified_since, since);
    CHECK_FALSE(evaluate("\"a\"", day, day));
  }
}
