#include "larder/base/lanes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace larder::base;

namespace {

// Memory that ends where the text ends, so that a sanitizer sees whatever is read past it.
std::vector<char> exactly(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string text_of_size(std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at < size; ++at) text += static_cast<char>('a' + at);
  return text;
}

}  // namespace

TEST_CASE("few bytes are read, and zeros behind them") {
  for (std::size_t size = 0; size < Lanes::count; ++size) {
    const std::string text = text_of_size(size);
    const std::vector<char> bytes = exactly(text);
    std::string read(Lanes::count, '?');
    Lanes::of_few(bytes.data(), size).store(read.data());
    CHECK(read == text + std::string(Lanes::count - size, '\0'));
  }
}

TEST_CASE("every byte is inside or outside as its number says") {
  struct Range {
    std::uint8_t first;
    std::uint8_t last;
  };
  for (const auto [first, last] : {Range{' ', '~'}, {'!', '~'}, {0, 0}, {0, 255}, {200, 210}, {1, 128}}) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string bytes(Lanes::count, static_cast<char>(byte));
      const bool is_outside = byte < first || byte > last;
      CAPTURE(byte, first, last);
      CHECK(Lanes(bytes.data()).outside(first, last).bits() == (is_outside ? 0xffffU : 0U));
    }
  }
}

TEST_CASE("a scan stops at the first byte that ends it, wherever that stands") {
  const auto stops = [](Lanes bytes) { return bytes.equal(';'); };
  for (std::size_t size = 0; size <= 50; ++size) {
    std::vector<char> bytes = exactly(std::string(size, 'x'));
    CHECK(bytes_before(bytes.data(), bytes.data() + size, stops) == size);
    for (std::size_t at = 0; at < size; ++at) {
      bytes[at] = ';';
      CHECK(bytes_before(bytes.data(), bytes.data() + size, stops) == at);
      bytes[at] = 'x';
    }
  }
}

TEST_CASE("a scan near the end looks at bytes before it, and is not stopped by them") {
  const auto stops = [](Lanes bytes) { return bytes.equal(';'); };
  for (std::size_t size = 0; size <= 40; ++size) {
    std::vector<char> bytes = exactly(std::string(Lanes::count, ';') + std::string(size, 'x'));
    char* const from = bytes.data() + Lanes::count;
    CHECK(first_stop(from, from + size, stops) == from + size);
    for (std::size_t at = 0; at < size; ++at) {
      from[at] = ';';
      CHECK(first_stop(from, from + size, stops) == from + at);
      from[at] = 'x';
    }
  }
}

TEST_CASE("bytes are the same where each is") {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::vector<char> bytes = exactly(std::string(size, 'x'));
    std::vector<char> others = bytes;
    CHECK(are_same(bytes.data(), others.data(), size));
    for (std::size_t at = 0; at < size; ++at) {
      others[at] = 'y';
      CHECK_FALSE(are_same(bytes.data(), others.data(), size));
      others[at] = 'x';
    }
  }
}
