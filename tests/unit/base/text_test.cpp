#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "larder/base/text.hpp"

using namespace larder::base;

TEST_CASE("case is that of ASCII letters") {
  CHECK(equals_ignoring_case("Cache-Control", "cACHE-cONTROL"));
  CHECK_FALSE(equals_ignoring_case("a", "ab"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));
  CHECK(lower("ABC-xyz\xc3") == "abc-xyz\xc3");
}

TEST_CASE("trim takes spaces and tabs from both ends") {
  CHECK(trim(" \ta b\t ") == "a b");
  CHECK(trim(" \t").empty());
  CHECK(trim("\na") == "\na");
}

TEST_CASE("unsigned numbers are digits and nothing else") {
  CHECK(parse_uint("0") == 0u);
  CHECK(parse_uint("007") == 7u);
  CHECK(parse_uint("18446744073709551615") == UINT64_MAX);
  const auto* const text = GENERATE("", "+1", "-1", " 1", "1 ", "1a", "0x1", "18446744073709551616");
  CAPTURE(text);
  CHECK_FALSE(parse_uint(text));
}

TEST_CASE("globs") {
  struct Row {
    std::string pattern;
    std::string text;
    bool matches;
  };
  const Row row = GENERATE(values<Row>({
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything", true},
      {"utm_*", "utm_source", true},
      {"utm_*", "utm", false},
      {"*x*y", "axbyxy", true},
      {"*x*y", "axbyx", false},
      {"a**b", "ab", true},
      {"?", "a", false},
      {"?", "?", true},
  }));
  CAPTURE(row.pattern, row.text);
  CHECK(matches_glob(row.pattern, row.text) == row.matches);
}

TEST_CASE("a glob of many stars does not blow up") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  CHECK_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("misspellings find their word") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  const std::array<std::string_view, 3> words = {"listen", "listeners", "upstream"};
  CHECK(nearest_word("upsteam", words) == "upstream");
  CHECK(nearest_word("listner", words) == "listen");
  CHECK(nearest_word("listen", words) == "listen");
  CHECK_FALSE(nearest_word("zebra", words));
}

TEST_CASE("another text is assigned, and the same one left where it is") {
  std::string text = "a text that is longer than what fits";
  const char* const place = text.data();
  assign_if_other(text, std::string(text));
  CHECK(text == "a text that is longer than what fits");
  assign_if_other(text, "a text that is longer than what fitS");
  CHECK(text == "a text that is longer than what fitS");
  assign_if_other(text, "");
  CHECK(text.empty());
  CHECK(text.data() == place);
}
