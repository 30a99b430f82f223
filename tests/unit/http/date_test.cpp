// HTTP-date (RFC 9110 section 5.6.7).
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "larder/http/date.hpp"

using namespace larder;
using namespace larder::http;

namespace {

base::WallTime at(std::int64_t seconds) {
  return base::WallTime(std::chrono::seconds(seconds));
}

constexpr std::int64_t in_2026 = 1'780'000'000;  // 28 May 2026

}  // namespace

TEST_CASE("the three forms") {
  // The section's own example, in each.
  const std::string text =
      GENERATE("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
               // RFC 9111 section 4.2: a cache reads them in any case.
               "sun, 06 nov 1994 08:49:37 gmt", "SUNDAY, 06-NOV-94 08:49:37 GMT",
               // A wrong day name changes nothing.
               "Mon, 06 Nov 1994 08:49:37 GMT");
  CAPTURE(text);
  CHECK(parse_date(text, at(in_2026)) == at(784'111'777));
}

TEST_CASE("dates at the edges") {
  const base::WallTime now = at(in_2026);
  CHECK(parse_date("Thu, 01 Jan 1970 00:00:00 GMT", now) == at(0));
  CHECK(parse_date("Wed, 31 Dec 1969 23:59:59 GMT", now) == at(-1));
  CHECK(parse_date("Thu, 29 Feb 2024 12:00:00 GMT", now) == at(1'709'208'000));
  CHECK(parse_date("Fri, 31 Dec 9999 23:59:59 GMT", now) == at(253'402'300'799));
  // A leap second.
  CHECK(parse_date("Sat, 31 Dec 2016 23:59:60 GMT", now) == at(1'483'228'800));
  CHECK(parse_date("Wed Nov 16 08:49:37 1994", now) == at(784'975'777));
}

TEST_CASE("what is no date") {
  const std::string text = GENERATE(
      "", "0", "-1", "now", "Sun", "Sun,", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMT ",
      " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
      "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
      "Sun, 29 Feb 2023 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94",
      "Sun Nov  6 08:49:37 1994 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z");
  CAPTURE(text);
  CHECK_FALSE(parse_date(text, at(in_2026)));
}

TEST_CASE("a two-digit year more than fifty years ahead is in the past") {
  struct Row {
    std::string_view text;
    std::string_view same;
  };
  // Now is 28 May 2026, 20:26:40.
  const Row row = GENERATE(values<Row>({
      {"Monday, 01-Jan-26 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 GMT"},
      {"Monday, 31-Dec-75 00:00:00 GMT", "Mon, 31 Dec 2075 00:00:00 GMT"},
      {"Monday, 28-May-76 20:26:40 GMT", "Mon, 28 May 2076 20:26:40 GMT"},
      {"Monday, 28-May-76 20:26:41 GMT", "Mon, 28 May 1976 20:26:41 GMT"},
      {"Monday, 01-Jan-77 00:00:00 GMT", "Mon, 01 Jan 1977 00:00:00 GMT"},
      {"Monday, 01-Jan-00 00:00:00 GMT", "Mon, 01 Jan 2000 00:00:00 GMT"},
      {"Monday, 29-Feb-76 00:00:00 GMT", "Mon, 29 Feb 2076 00:00:00 GMT"},
  }));
  CAPTURE(row.text);
  const auto parsed = parse_date(row.text, at(in_2026));
  REQUIRE(parsed);
  CHECK(parsed == parse_date(row.same, at(in_2026)));
}

TEST_CASE("dates are written as IMF-fixdate, and read back") {
  const auto written = [](base::WallTime time) {
    const DateText text = format_date(time);
    return std::string(text.data(), text.size());
  };
  CHECK(written(at(784'111'777)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(written(at(784'111'777) + std::chrono::milliseconds(999)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(written(at(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(written(at(-1)) == "Wed, 31 Dec 1969 23:59:59 GMT");
  CHECK(written(base::WallTime::max()) == "Fri, 31 Dec 9999 23:59:59 GMT");
  for (std::int64_t seconds = -5'000'000'000; seconds < 10'000'000'000; seconds += 7'777'777) {
    CHECK(parse_date(written(at(seconds)), at(in_2026)) == at(seconds));
  }
}
