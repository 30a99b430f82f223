// UTF-8 (RFC 3629).
#include "larder/base/utf8.hpp"

#include <catch2/catch.hpp>

using larder::base::is_utf8;

TEST_CASE("UTF-8 is told from other bytes") {
  // RFC 3629 section 4: UTF8-1 to UTF8-4, each at both ends.
  CHECK(is_utf8(""));
  CHECK(is_utf8("\x7f"));
  CHECK(is_utf8("\xc2\x80 \xdf\xbf"));
  CHECK(is_utf8("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
  CHECK(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
  for (const char* bytes :
       {"\x80", "\xc3", "\xc3(", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xff"}) {
    CHECK_FALSE(is_utf8(bytes));
  }
}
