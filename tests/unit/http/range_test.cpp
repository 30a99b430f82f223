// Byte ranges of a representation (RFC 9110 sections 13.1.5 and 14).
#include "larder/http/range.hpp"

#include <catch2/catch.hpp>

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
    {"bytes=0-499", 10000, Kind::part, 0, 500},
    {"bytes=500-999", 10000, Kind::part, 500, 500},
    {"bytes=-500", 10000, Kind::part, 9500, 500},
    {"bytes=9500-", 10000, Kind::part, 9500, 500},
    {"bytes=0-0,-1", 10000, Kind::whole, 0, 0},
    {"bytes= 0-999, 4500-5499, -1000", 10000, Kind::whole, 0, 0},
    {"bytes=500-600,601-999", 10000, Kind::whole, 0, 0},
    // "If the last-pos value is absent, or if the value is greater than or equal to the current length ...,
    // the
    // byte range is interpreted as the remainder."
    {"bytes=9999-", 10000, Kind::part, 9999, 1},
    {"bytes=0-10000", 10000, Kind::part, 0, 10000},
    {"bytes=9000-99999", 10000, Kind::part, 9000, 1000},
    {"bytes=0-99999999999999999999999", 10000, Kind::part, 0, 10000},
    // "If the selected representation is shorter than the specified suffix-length, the entire representation
    // is
    // used."
    {"bytes=-20000", 10000, Kind::part, 0, 10000},
    {"bytes=-99999999999999999999999", 10000, Kind::part, 0, 10000},
    // Satisfiable: first-pos below the length, or a suffix-length that is not zero.
    {"bytes=10000-", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=10000-10001", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=99999999999999999999999-", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=-0", 10000, Kind::unsatisfiable, 0, 0},
    {"bytes=0-", 0, Kind::unsatisfiable, 0, 0},
    {"bytes=-1", 0, Kind::whole, 0, 0},
    {"bytes=0-0", 1, Kind::part, 0, 1},
    {"bytes=-1", 1, Kind::part, 0, 1},
    // Unit names are case-insensitive (section 14.1); list elements may be empty (section 5.6.1).
    {"BYTES=0-1", 10, Kind::part, 0, 2},
    {"bytes=,0-1", 10, Kind::part, 0, 2},
    {"bytes=0-1 ,", 10, Kind::part, 0, 2},
    {"bytes= 0-1", 10, Kind::part, 0, 2},
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
    CHECK(selected.first == row.first);
    CHECK(selected.size == row.length);
  }
}

TEST_CASE("no Range, or two of them, and the whole is sent") {
  Fields request;
  CHECK(select_range(request, 10, {}, {}).kind == Kind::whole);
  request.add(FieldId::range, "bytes=0-1");
  request.add(FieldId::range, "bytes=0-1");
  CHECK(select_range(request, 10, {}, {}).kind == Kind::whole);
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
    CHECK((select_range(request, 10, held, now).kind == Kind::part) == row.holds);
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
