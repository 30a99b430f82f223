// Byte ranges of a representation (RFC 9110 sections 13.1.5 and 14).
#include "larder/http/range.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "larder/http/date.hpp"

namespace larder::http {
namespace {

using Kind = Selection::Kind;

struct RangeCase {
  std::string_view range;
  std::uint64_t size;
  Kind kind;
  std::uint64_t first;
  std::uint64_t length;
};

const RangeCase range_cases[] = {
    // Section 14.1.2, of 10000 bytes.
    {"bytes=0-499", 10000, Kind::parts, 0, 500},
    {"bytes=500-999", 10000, Kind::parts, 500, 500},
    {"bytes=-500", 10000, Kind::parts, 9500, 500},
    {"bytes=9500-", 10000, Kind::parts, 9500, 500},
    // "If the last-pos value is absent, or if the value is greater than or equal to the current length ...,
    // the
    // byte range is interpreted as the remainder."
    {"bytes=9999-", 10000, Kind::parts, 9999, 1},
    {"bytes=0-10000", 10000, Kind::parts, 0, 10000},
    {"bytes=9000-99999", 10000, Kind::parts, 9000, 1000},
    {"bytes=0-99999999999999999999999", 10000, Kind::parts, 0, 10000},
    // "If the selected representation is shorter than the specified suffix-length, the entire representation
    // is
    // used."
    {"bytes=-20000", 10000, Kind::parts, 0, 10000},
    {"bytes=-99999999999999999999999", 10000, Kind::parts, 0, 10000},
    // Satisfiable: first-pos below the length, or a suffix-length that is not zero.
    {"bytes=10000-", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=10000-10001", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=99999999999999999999999-", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=-0", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=0-", 0, Kind::unsatisfiable, 0, 0},
    {"bytes=-1", 0, Kind::whole, 0, 0},
    {"bytes=0-0", 1, Kind::parts, 0, 1},
    {"bytes=-1", 1, Kind::parts, 0, 1},
    // Unit names are case-insensitive (section 14.1); list elements may be empty (section 5.6.1).
    {"BYTES=0-1", 10, Kind::parts, 0, 2},
    {"bytes=,0-1", 10, Kind::parts, 0, 2},
    {"bytes=0-1 ,", 10, Kind::parts, 0, 2},
    {"bytes= 0-1", 10, Kind::parts, 0, 2},
    // Ignored: an unknown unit, and what breaks the grammar ("an int-range is invalid if the last-pos value
    // is
    // present and less than first-pos").
    {"items=0-1", 10, Kind::whole, 0, 0},
    {"bytes=5-4", 10, Kind::whole, 0, 0},
    {"bytes=50-40", 10, Kind::whole, 0, 0},
    {"bytes=", 10, Kind::whole, 0, 0},
    {"bytes=-", 10, Kind::whole, 0, 0},
    {"bytes=--1", 10, Kind::whole, 0, 0},
    {"bytes=5", 10, Kind::whole, 0, 0},
    {"bytes=a-b", 10, Kind::whole, 0, 0},
    {"bytes=0-1x", 10, Kind::whole, 0, 0},
    {"bytes=0-x", 10, Kind::whole, 0, 0},
    {"bytes=+0-1", 10, Kind::whole, 0, 0},
    {"bytes=0 - 1", 10, Kind::whole, 0, 0},
    {"bytes =0-1", 10, Kind::whole, 0, 0},
    {"bytes 0-1", 10, Kind::whole, 0, 0},
    {"0-1", 10, Kind::whole, 0, 0},
    {"", 10, Kind::whole, 0, 0},
};

TEST_CASE("a range of bytes") {
  for (const RangeCase& row : range_cases) {
    INFO(row.range << " of " << row.size);
    Fields request;
    request.add(FieldId::range, row.range);
    const Selection selected = select_range(request, row.size, {}, {});
    CHECK(selected.kind == row.kind);
    const std::vector<ByteRange> one{{row.first, row.length}};
    CHECK((selected.parts == (row.kind == Kind::parts ? one : std::vector<ByteRange>{})));
  }
}

struct SetCase {
  std::string range;
  std::uint64_t size;
  std::string parts;  // "0-0 9999-9999"; "whole"; "unsatisfiable"
};

std::string written(const Selection& selection) {
  if (selection.kind == Kind::whole) return "whole";
  if (selection.kind == Kind::unsatisfiable) return "unsatisfiable";
  std::string text;
  for (const ByteRange& part : selection.parts) {
    if (!text.empty()) text += ' ';
    text += std::to_string(part.first) + "-" + std::to_string(part.first + part.size - 1);
  }
  return text;
}

// "bytes=0-0,2-2,4-4" with so many ranges.
std::string many(std::size_t count) {
  std::string range = "bytes=";
  for (std::size_t i = 0; i < count; ++i) {
    range += std::to_string(i * 2) + "-" + std::to_string(i * 2) + ",";
  }
  return range;
}

TEST_CASE("several ranges of bytes") {
  const std::vector<SetCase> rows = {
      // The examples of section 14.1.2.
      {"bytes=0-0,-1", 10000, "0-0 9999-9999"},
      {"bytes= 0-999, 4500-5499, -1000", 10000, "0-999 4500-5499 9000-9999"},
      {"bytes=500-600,601-999", 10000, "500-600 601-999"},
      // Section 15.3.7.2: in the order in which they were asked for.
      {"bytes=-1,0-0", 10000, "9999-9999 0-0"},
      {"bytes=4-5,2-3,0-1", 10, "4-5 2-3 0-1"},
      // "MAY coalesce any of the ranges that overlap"; the example of section 14.1.2 is one.
      {"bytes=500-700,601-999", 10000, "500-999"},
      {"bytes=0-4,4-8", 10, "0-8"},
      {"bytes=0-4,5-8", 10, "0-4 5-8"},
      {"bytes=0-9,2-3", 10, "0-9"},
      {"bytes=2-3,0-9", 10, "0-9"},
      {"bytes=0-1,0-1,0-1", 10, "0-1"},
      {"bytes=0-1,8-9,4-5,1-8", 10, "0-9"},
      {"bytes=8-9,0-1,4-5,5-8", 10, "4-9 0-1"},
      {"bytes=-4,-2", 10, "6-9"},
      {"bytes=0-,-1", 10, "0-9"},
      // Those that cannot be satisfied are left out; 416 when none is left (section 15.5.17).
      {"bytes=0-1,10-11", 10, "0-1"},
      {"bytes=10-11,0-1,20-", 10, "0-1"},
      {"bytes=10-,11-,-0", 10, "unsatisfiable"},
      {"bytes=0-0,2-3", 2, "0-0"},
      {"bytes=0-,-1", 0, "whole"},
      {"bytes=0-,1-", 0, "unsatisfiable"},
      // One that breaks the grammar breaks the set (section 14.2: "an invalid ranges-specifier").
      {"bytes=0-1,5-4", 10, "whole"},
      {"bytes=0-1,x", 10, "whole"},
      {"bytes=0-1;2-3", 10, "whole"},
      {"bytes=0-1 2-3", 10, "whole"},
      {"bytes=10-,5", 10, "whole"},
      // Empty members mean nothing (section 5.6.1).
      {"bytes=,0-1,,3-3,", 10, "0-1 3-3"},
      {"bytes=0-1\t,\t3-3", 10, "0-1 3-3"},
      // Section 17.15: bounded.
      {many(ranges_max + 1), 10000, "whole"},
  };
  for (const SetCase& row : rows) {
    INFO(row.range << " of " << row.size);
    Fields request;
    request.add(FieldId::range, row.range);
    CHECK(written(select_range(request, row.size, {}, {})) == row.parts);
  }
  Fields request;
  request.add(FieldId::range, many(ranges_max));
  CHECK(select_range(request, 10000, {}, {}).parts.size() == ranges_max);
}

// Whatever is asked for: each byte that is asked for is sent once, and nothing else.
TEST_CASE("several ranges cover what was asked for, by a slow model") {
  std::mt19937 random(20240101);
  const auto below = [&random](std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random);
  };
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t size = 1 + below(40);
    std::vector<int> asked(size, 0);
    std::string range = "bytes=";
    const std::uint64_t count = 1 + below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t first = below(45);
      const std::uint64_t last = first + below(12);
      range += std::to_string(first) + "-" + std::to_string(last) + ",";
      for (std::uint64_t at = first; at <= last && at < size; ++at) asked[at] = 1;
    }
    INFO(range << " of " << size);
    Fields request;
    request.add(FieldId::range, range);
    const Selection selection = select_range(request, size, {}, {});
    std::vector<int> sent(size, 0);
    for (const ByteRange& part : selection.parts) {
      REQUIRE(part.size > 0);
      REQUIRE(part.first + part.size <= size);
      for (std::uint64_t at = 0; at < part.size; ++at) ++sent[part.first + at];
    }
    REQUIRE(sent == asked);
    const bool is_any = std::count(asked.begin(), asked.end(), 1) > 0;
    REQUIRE((selection.kind == (is_any ? Kind::parts : Kind::unsatisfiable)));
  }
}

TEST_CASE("no Range, or two of them, and the whole is sent") {
  Fields request;
  CHECK(select_range(request, 10, {}, {}).kind == Kind::whole);
  request.add(FieldId::range, "bytes=0-1");
  request.add(FieldId::range, "bytes=0-1");
  CHECK(select_range(request, 10, {}, {}).kind == Kind::whole);
}

TEST_CASE("a request for one range of bytes") {
  const auto of = [](std::initializer_list<std::string_view> lines) {
    Fields request;
    for (const std::string_view line : lines) request.add(FieldId::range, line);
    return std::string(single_range_of(request).value_or("none"));
  };
  CHECK(of({"bytes=0-499"}) == "0-499");
  CHECK(of({"Bytes=, 500- ,"}) == "500-");
  CHECK(of({"bytes=-500"}) == "-500");
  CHECK(of({"bytes=-0"}) == "-0");
  CHECK(of({"bytes=99999999999999999999999-"}) == "99999999999999999999999-");
  for (const char* range :
       {"bytes=0-1,3-4", "bytes=", "bytes=5-4", "bytes=x", "bytes=0-1x", "items=0-1", "0-1"}) {
    INFO(range);
    CHECK(of({range}) == "none");
  }
  CHECK(of({}) == "none");
  CHECK(of({"bytes=0-1", "bytes=0-1"}) == "none");
}

TEST_CASE("Content-Range of one part, section 14.4") {
  const auto of = [](std::initializer_list<std::string_view> lines) -> std::string {
    Fields response;
    for (const std::string_view line : lines) response.add(FieldId::content_range, line);
    const auto part = content_range_of(response);
    if (!part) return "none";
    return std::to_string(part->range.first) + "+" + std::to_string(part->range.size) + "/" +
           std::to_string(part->complete);
  };
  CHECK(of({"bytes 42-1233/1234"}) == "42+1192/1234");
  CHECK(of({"BYTES 0-0/1"}) == "0+1/1");
  CHECK(of({"bytes 0-499/1234"}) == "0+500/1234");
  for (const char* range :
       {"bytes 42-1233/*", "bytes */1234", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-9/", "bytes -9/10",
        "bytes 0-/10", "bytes 0-9", "bytes=0-9/10", "items 0-9/10", "bytes 0 - 9/10", "bytes 0-9/10 ",
        "bytes 0/9-10", "bytes 0-9/99999999999999999999999", "bytes  0-9/10", ""}) {
    INFO(range);
    CHECK(of({range}) == "none");
  }
  CHECK(of({}) == "none");
  CHECK(of({"bytes 0-9/10", "bytes 0-9/10"}) == "none");
}

struct IfRangeCase {
  std::string_view if_range;
  std::string_view etag;
  std::string_view last_modified;
  std::string_view date;
  bool holds;
};

constexpr std::string_view noon = "Mon, 01 Jan 2024 12:00:00 GMT";
constexpr std::string_view a_second_later = "Mon, 01 Jan 2024 12:00:01 GMT";
constexpr std::string_view a_minute_later = "Mon, 01 Jan 2024 12:01:00 GMT";

const IfRangeCase if_range_cases[] = {
    {"\"a\"", "\"a\"", "", "", true},
    {"\"a\"", "\"b\"", "", "", false},
    {"\"a\"", "", "", "", false},
    // Strong comparison: neither may be weak.
    {"W/\"a\"", "\"a\"", "", "", false},
    {"\"a\"", "W/\"a\"", "", "", false},
    {"W/\"a\"", "W/\"a\"", "", "", false},
    {"\"a\", \"b\"", "\"a\"", "", "", false},
    {"*", "\"a\"", "", "", false},
    // The very date, and one that is a strong validator (section 8.8.2.2).
    {noon, "", noon, a_minute_later, true},
    {noon, "", noon, a_second_later, false},
    {noon, "", noon, "", false},
    {a_second_later, "", noon, a_minute_later, false},
    {a_minute_later, "", noon, a_minute_later, false},
    {noon, "\"a\"", "", a_minute_later, false},
    {"yesterday", "", noon, a_minute_later, false},
    {"", "\"a\"", noon, a_minute_later, false},
};

TEST_CASE("If-Range holds for the very representation that is held") {
  const base::WallTime now = parse_date(a_minute_later, {}).value();
  const auto date_of = [&now](std::string_view text) { return parse_date(text, now); };
  for (const IfRangeCase& row : if_range_cases) {
    INFO(row.if_range << " against " << row.etag << " " << row.last_modified << " " << row.date);
    Fields request;
    request.add(FieldId::range, "bytes=0-1");
    request.add(FieldId::if_range, row.if_range);
    const Validators held{row.etag.empty() ? std::nullopt : std::optional(row.etag),
                          date_of(row.last_modified), date_of(row.date)};
    CHECK((select_range(request, 10, held, now).kind == Kind::parts) == row.holds);
    request.add(FieldId::if_range, row.if_range);
    CHECK(select_range(request, 10, held, now).kind == Kind::whole);
  }
}

TEST_CASE("where If-Range does not hold even an unsatisfiable range is answered whole") {
  Fields request;
  request.add(FieldId::range, "bytes=10-");
  CHECK(select_range(request, 10, {}, {}).kind == Kind::unsatisfiable);
  request.add(FieldId::if_range, "\"other\"");
  CHECK(select_range(request, 10, {}, {}).kind == Kind::whole);
}

}  // namespace
}  // namespace larder::http
