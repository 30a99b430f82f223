// Set-Cookie (RFC 6265 section 5.2).
#include "larder/http/set_cookie.hpp"

#include <catch2/catch.hpp>
#include <chrono>

using namespace larder;
using namespace larder::http;

namespace {

constexpr base::WallTime now{std::chrono::seconds(1'780'000'000)};  // 28 May 2026

struct LineCase {
  const char* text;
  const char* name;
  const char* value;
  bool clears;
};

const LineCase line_cases[] = {
    {"sessionid=abc", "sessionid", "abc", false},
    {"sessionid=abc; HttpOnly; Path=/; SameSite=Lax", "sessionid", "abc", false},
    {" sessionid\t= abc ;Secure", "sessionid", "abc", false},
    {"a=b=c", "a", "b=c", false},
    {"__Host-sessionid=abc; Secure; Path=/", "__Host-sessionid", "abc", false},
    {"__Secure-sessionid=; Secure", "__Secure-sessionid", "", true},
    // As Django's delete_cookie writes it: the quotes are a value, and do not matter.
    {"sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/", "sessionid", "\"\"", true},
    {"sessionid=", "sessionid", "", true},
    {"sessionid=; Max-Age=3600", "sessionid", "", true},
    {"a=b; Max-Age=0", "a", "b", true},
    {"a=b; max-age=-1", "a", "b", true},
    {"a=b; MAX-AGE = 00 ", "a", "b", true},
    {"a=b; Max-Age=1", "a", "b", false},
    {"a=b; Max-Age=99999999999999999999999999", "a", "b", false},
    // What is no number is as if it were not there.
    {"a=b; Max-Age=", "a", "b", false},
    {"a=b; Max-Age=-", "a", "b", false},
    {"a=b; Max-Age=0x", "a", "b", false},
    {"a=b; Max-Age=+0", "a", "b", false},
    {"a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a", "b", true},
    {"a=b; expires=Thu, 01-Jan-1970 00:00:00 GMT", "a", "b", true},
    {"a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "a", "b", false},
    {"a=b; Expires=0", "a", "b", false},
    // Max-Age has the last word, whatever the order.
    {"a=b; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a", "b", false},
    {"a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=0", "a", "b", true},
    // Of two the last one counts, unless it cannot be read.
    {"a=b; Max-Age=0; Max-Age=60", "a", "b", false},
    {"a=b; Max-Age=60; Max-Age=0", "a", "b", true},
    {"a=b; Max-Age=0; Max-Age=x", "a", "b", true},
    // An attribute is no part of the value, nor a value an attribute.
    {"a=Max-Age=0", "a", "Max-Age=0", false},
    {"a=b; Path=Max-Age=0", "a", "b", false},
};

struct DateCase {
  const char* text;
  std::int64_t seconds;
};

const DateCase date_cases[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777},     {"Sunday, 06-Nov-94 08:49:37 GMT", 784'111'777},
    {"Sun Nov  6 08:49:37 1994", 784'111'777},          {"Sun, 06-Nov-1994 08:49:37 GMT", 784'111'777},
    {"1994 november 6 8:49:37", 784'111'777},           {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 253'402'300'799}, {"01 Jan 69 00:00:00", 3'124'224'000},  // 2069
};

}  // namespace

TEST_CASE("a Set-Cookie line is read as browsers read it") {
  for (const LineCase& row : line_cases) {
    INFO(row.text);
    const auto cookie = parse_set_cookie(row.text);
    REQUIRE(cookie);
    CHECK(cookie->name == row.name);
    CHECK(cookie->value == row.value);
    CHECK(cookie->clears(now) == row.clears);
  }
}

TEST_CASE("a line without a name or without '=' sets nothing") {
  for (const char* text : {"", ";", "sessionid", "=abc", " = abc", "sessionid; a=b"}) {
    INFO(text);
    CHECK_FALSE(parse_set_cookie(text));
  }
}

TEST_CASE("a cookie's date") {
  for (const DateCase& row : date_cases) {
    INFO(row.text);
    const auto date = parse_cookie_date(row.text);
    REQUIRE(date);
    CHECK(*date == base::WallTime(std::chrono::seconds(row.seconds)));
  }
}

TEST_CASE("a cookie's date that cannot be read is none") {
  for (const char* text :
       {"", "now", "0", "-1", "Thu, 01 Jan 1970", "01 Jan 1970 24:00:00", "01 Jan 1970 00:60:00",
        "01 Jan 1970 00:00:60", "00 Jan 1970 00:00:00", "32 Jan 1970 00:00:00", "31 Feb 2024 00:00:00",
        "01 Jan 1600 00:00:00", "01 Xan 1970 00:00:00", "1 Jan 00:00:00 19700", "6 8:49:37 Nov94"}) {
    INFO(text);
    CHECK_FALSE(parse_cookie_date(text));
  }
}
