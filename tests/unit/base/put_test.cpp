#include "larder/base/put.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "larder/base/text_buffer.hpp"

using namespace larder::base;

namespace {

// What `put` writes, which has room for `room` bytes and touches none behind them.
template <typename Put>
std::string written(std::size_t room, const Put& put) {
  std::string out(room + 64, '?');
  const char* const end = put(out.data());
  CHECK(out.substr(room) == std::string(64, '?'));
  return out.substr(0, static_cast<std::size_t>(end - out.data()));
}

}  // namespace

TEST_CASE("numbers are written in decimal") {
  constexpr auto max = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::uint64_t> numbers{0, 1, max, max - 1, max / 10};
  for (std::uint64_t power = 10; power < max / 10; power *= 10) {
    for (const std::uint64_t number : {power - 1, power, power + 1, 2 * power, 5 * power + power / 10})
      numbers.push_back(number);
  }
  for (const std::uint64_t number : numbers)
    CHECK(written(number_size_max, [&](char* out) { return put_number(out, number); }) ==
          std::to_string(number));
  for (std::uint32_t number = 0; number < 1000; ++number) {
    const std::string digits = std::to_string(1000 + number).substr(1);
    CHECK(written(3, [&](char* out) { return put_three_digits(out, number); }) == digits);
    CHECK(written(number_size_max, [&](char* out) { return put_number(out, number); }) ==
          std::to_string(number));
  }
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-86'400},
                                    std::int64_t{12}, std::numeric_limits<std::int64_t>::min()}) {
    CHECK(written(number_size_max, [&](char* out) { return put_signed(out, number); }) ==
          std::to_string(number));
    TextBuffer buffer;
    CHECK(buffer.append("n=").append_number(number).view() == "n=" + std::to_string(number));
  }
}

TEST_CASE("short texts are written whole, and long ones too") {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string text(size, 'x');
    CHECK(written(text.size() + Lanes::count, [&](char* out) { return put(put_short(out, text), "."); }) ==
          text + ".");
  }
}

TEST_CASE("what is plain at the front of a text is copied, and taken away") {
  for (std::size_t size = 0; size <= 50; ++size) {
    const std::string plain(size, '~');
    std::string_view rest = plain;
    CHECK(written(size + Lanes::count, [&](char* out) { return put_plain(out, rest); }) == plain);
    CHECK(rest.empty());
    for (std::size_t at = 0; at < size; ++at) {
      for (const char odd : {'"', '\\', '\0', '\n', '\x1f', '\x7f', '\x80', '\xff'}) {
        std::string text = plain;
        text[at] = odd;
        rest = text;
        CHECK(written(size + Lanes::count, [&](char* out) { return put_plain(out, rest); }) ==
              plain.substr(0, at));
        CHECK(rest == std::string_view(text).substr(at));
      }
    }
  }
}

TEST_CASE("a buffer takes what was written in its room") {
  TextBuffer buffer;
  buffer.append(std::string(250, 'a'));
  const std::string more(300, 'b');
  buffer.extend_to(put(buffer.room(more.size()), more)).append('c');
  CHECK(buffer.view() == std::string(250, 'a') + more + "c");
}
