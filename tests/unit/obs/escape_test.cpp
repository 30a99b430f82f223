#include "obs/escape.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace larder::obs {
namespace {

struct Case {
  std::string bytes;
  std::string json;
  std::string ascii;
  std::string printable;
};

TEST_CASE("untrusted bytes cannot leave their place in a line") {
  const Case cases[] = {
      {"plain", R"("plain")", "plain", "plain"},
      {"a\"b\\c", R"("a\"b\\c")", R"(a\"b\\c)", R"(a"b\c)"},
      {"a\r\nb\t", R"("a\r\nb\t")", R"(a\x0d\x0ab\x09)", R"(a\x0d\x0ab\x09)"},
      {"\x1b[31m", R"("\u001b[31m")", R"(\x1b[31m)", R"(\x1b[31m)"},
      {std::string("\0", 1), R"("\u0000")", R"(\x00)", R"(\x00)"},
      {"\x7f", R"("\u007f")", R"(\x7f)", R"(\x7f)"},
      {"\xc3\xa9", "\"\xc3\xa9\"", R"(\xc3\xa9)", "\xc3\xa9"},
      {"\xc2\x9b", R"("\u009b")", R"(\xc2\x9b)", R"(\xc2\x9b)"},        // CSI, as terminals read it
      {"\xff", R"("\ufffd")", R"(\xff)", R"(\xff)"},                    // never in UTF-8
      {"\xc0\xaf", R"("\ufffd\ufffd")", R"(\xc0\xaf)", R"(\xc0\xaf)"},  // overlong
      {"\xe0\x80\xaf", R"("\ufffd\ufffd\ufffd")", R"(\xe0\x80\xaf)", R"(\xe0\x80\xaf)"},
      {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")", R"(\xed\xa0\x80)", R"(\xed\xa0\x80)"},  // a surrogate
      {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", R"(\xf0\x9f\x98\x80)", "\xf0\x9f\x98\x80"},
      {"\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")", R"(\xf4\x90\x80\x80)", R"(\xf4\x90\x80\x80)"},
      {"a\xe2\x82", R"("a\ufffd\ufffd")", R"(a\xe2\x82)", R"(a\xe2\x82)"},  // cut short
  };
  for (const Case& c : cases) {
    std::string json;
    std::string ascii;
    std::string printable;
    append_json_string(json, c.bytes);
    ascii.resize(c.bytes.size() * escaped_size_max + escaped_rest_max);
    ascii.resize(static_cast<std::size_t>(write_quoted_ascii(ascii.data(), c.bytes) - ascii.data()));
    append_printable(printable, c.bytes);
    CHECK(json == c.json);
    CHECK(ascii == c.ascii);
    CHECK(printable == c.printable);
  }
}

// Also past the sixteen bytes that are looked at in one go.
TEST_CASE("every pair of bytes makes valid JSON") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      std::string json;
      const std::string before(static_cast<std::size_t>(second % 20), 'x');
      append_json_string(json, before + std::string{static_cast<char>(first), static_cast<char>(second)});
      if (!nlohmann::json::accept(json)) FAIL(json);
    }
  }
}

TEST_CASE("what is escaped may stand anywhere, and nothing is written behind the room that is asked for") {
  for (std::size_t size = 0; size <= 50; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const std::size_t second : {at, at + 1, at + 15, at + 16, at + 17}) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>('a' + i % 26);
        if (at < size) bytes[at] = '"';
        if (at < size && second < size) bytes[second] = '"';
        std::string expected;
        for (const char c : bytes) expected.append(c == '"' ? "\\\"" : std::string(1, c));
        // Memory that ends where the room does, so that a sanitizer sees what is written past it.
        std::vector<char> room(size * escaped_size_max + escaped_rest_max);
        const std::vector<char> exact(bytes.begin(), bytes.end());
        const char* const begin = room.data();
        const char* end = write_quoted_ascii(room.data(), {exact.data(), size});
        REQUIRE(std::string(begin, end) == expected);
        end = write_json_string(room.data(), {exact.data(), size});
        REQUIRE(std::string(begin, end) == '"' + expected + '"');
      }
    }
  }
}

}  // namespace
}  // namespace larder::obs
