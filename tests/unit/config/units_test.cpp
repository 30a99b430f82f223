#include <catch2/catch.hpp>

#include "config/units.hpp"
#include "larder/config/load.hpp"

using namespace larder::config;
using namespace std::chrono_literals;

TEST_CASE("Durations are whole numbers with a unit", "[config]") {
  const std::pair<const char*, larder::base::Duration> cases[] = {{"500ms", 500ms},
                                                                  {"0s", 0s},
                                                                  {"30s", 30s},
                                                                  {"5m", 5min},
                                                                  {"24h", 24h},
                                                                  {"7d", 24h * 7},
                                                                  {"1y", 24h * 365},
                                                                  {"100y", 24h * 36500},
                                                                  {"36500d", 24h * 36500},
                                                                  {"007s", 7s}};
  for (const auto& [text, value] : cases) {
    INFO(text);
    CHECK(parse_duration(text) == value);
  }
  for (const char* text : {"",
                           "0",
                           "30",
                           "s",
                           "ms",
                           "-5s",
                           "+5s",
                           "1.5h",
                           "1h30m",
                           "30 s",
                           " 30s",
                           "30s ",
                           "30S",
                           "30sec",
                           "5min",
                           "1w",
                           "101y",
                           "36501d",
                           "18446744073709551616s",
                           "9999999999999999999y",
                           "1e3s",
                           "\xd9\xa3s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("Sizes are whole numbers of bytes, or with a binary unit", "[config]") {
  const std::pair<const char*, std::uint64_t> cases[] = {{"0", 0},
                                                         {"100", 100},
                                                         {"512B", 512},
                                                         {"64KiB", 65536},
                                                         {"8MiB", 8388608},
                                                         {"2GiB", 2147483648},
                                                         {"4611686018427387904", 1ull << 62},
                                                         {"4294967296GiB", 1ull << 62}};
  for (const auto& [text, value] : cases) {
    INFO(text);
    CHECK(parse_size(text) == value);
  }
  for (const char* text : {"", "KiB", "-1", "+1", "1.5MiB", "64 KiB", "64K", "64KB", "64kib", "64k", "1TiB",
                           "0x10", "4611686018427387905", "4294967297GiB", "99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("Messages show quantities in the largest unit without a rest", "[config]") {
  CHECK(text_of_duration(0s) == "0s");
  CHECK(text_of_duration(1500ms) == "1500ms");
  CHECK(text_of_duration(90s) == "90s");
  CHECK(text_of_duration(2h) == "2h");
  CHECK(text_of_duration(24h * 365) == "1y");
  CHECK(text_of_size(0) == "0");
  CHECK(text_of_size(1025) == "1025B");
  CHECK(text_of_size(1ull << 30) == "1GiB");
  CHECK(text_of_size(256ull << 20) == "256MiB");
}
