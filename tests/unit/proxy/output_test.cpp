// Output: what is handed over is sent once, whole and in order, copied or from where it is.
#include "proxy/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace larder::proxy {
namespace {

constexpr std::size_t viewed_min = 4097;

std::string_view text_of(const iovec& part) {
  return {static_cast<const char*>(part.iov_base), part.iov_len};
}

std::string bytes_of(Output& output) {
  std::string bytes;
  for (const iovec& part : output.parts()) bytes += text_of(part);
  return bytes;
}

std::shared_ptr<const std::string> page_of(std::size_t size) {
  return std::make_shared<const std::string>(size, 'p');
}

TEST_CASE("small pieces become one part") {
  Output output;
  CHECK(output.empty());
  output.copy("HTTP/1.1 200 OK\r\n");
  output.copy("");
  output.view("Age: 1\r\n", nullptr);
  const auto small = page_of(viewed_min - 1);
  output.view(*small, small);
  CHECK(small.use_count() == 1);
  REQUIRE(output.parts().size() == 1);
  CHECK(bytes_of(output) == "HTTP/1.1 200 OK\r\nAge: 1\r\n" + *small);
  CHECK(output.size() == bytes_of(output).size());
}

TEST_CASE("a large piece is sent from where it is, and kept alive until then") {
  Output output;
  auto page = page_of(viewed_min);
  const std::weak_ptr<const std::string> watched = page;
  const char* const address = page->data();
  output.copy("head");
  output.view(std::string_view(*page).substr(0, viewed_min), page);
  output.copy("tail");
  page.reset();
  const auto parts = output.parts();
  REQUIRE(parts.size() == 3);
  CHECK(text_of(parts[0]) == "head");
  CHECK(text_of(parts[1]).data() == address);
  CHECK(text_of(parts[2]) == "tail");
  output.consume(4 + viewed_min + 3);
  CHECK_FALSE(watched.expired());
  CHECK(bytes_of(output) == "l");
  output.consume(1);
  CHECK(watched.expired());
  CHECK(output.empty());
}

TEST_CASE("a large piece that nobody keeps alive is copied") {
  Output output;
  std::string page(viewed_min, 'p');
  output.view(page, nullptr);
  page.assign(viewed_min, 'x');
  CHECK(bytes_of(output) == std::string(viewed_min, 'p'));
}

// What leaves when every system call takes at most `step` bytes.
std::string sent_in_steps(Output& output, std::size_t step) {
  std::string sent;
  while (!output.empty()) {
    std::string taken;
    const bool is_in_memory = !output.parts().empty();
    if (is_in_memory) {
      taken = bytes_of(output).substr(0, step);
    } else {
      const Output::FilePart part = output.file_part();
      taken.resize(std::min(part.size, step));
      REQUIRE(::pread(part.descriptor, taken.data(), taken.size(), static_cast<off_t>(part.offset)) ==
              static_cast<ssize_t>(taken.size()));
    }
    output.consume(taken.size());
    sent += taken;
  }
  return sent;
}

TEST_CASE("what lies in a file is sent out of it, behind what stands before it") {
  constexpr std::size_t large = base::MemoryFile::size_min;
  std::string text;
  for (std::size_t i = 0; text.size() < 3 * large; ++i) text += std::to_string(i) + " ";
  auto body = cache::Body::complete(text);
  REQUIRE(body->file());
  const std::weak_ptr<cache::Body> watched = body;
  const std::string_view bytes = body->pieces()[0];
  Output output;
  output.copy("head");
  output.view(bytes, body);
  output.copy("between");
  output.view(bytes.substr(1, 100), body);
  output.view(bytes.substr(2, large - 1), body);
  output.view(bytes.substr(12345, large), body);
  const std::string expected =
      "head" + text + "between" + text.substr(1, 100) + text.substr(2, large - 1) + text.substr(12345, large);
  const int descriptor = body->file()->descriptor();
  body.reset();
  CHECK(output.size() == expected.size());
  REQUIRE(output.parts().size() == 1);
  CHECK(text_of(output.parts()[0]) == "head");
  CHECK(output.has_more());
  SECTION("whole") {
    output.consume(4);
    CHECK(output.parts().empty());
    CHECK(output.file_part().descriptor == descriptor);
    CHECK(output.file_part().offset == 0);
    CHECK(output.file_part().size == text.size());
    output.consume(text.size());
    // The second is too small for a call of its own.
    CHECK(bytes_of(output) == expected.substr(4 + text.size(), 107 + large - 1));
    CHECK(output.has_more());
    output.consume(107 + large - 1);
    CHECK(output.file_part().offset == 12345);
    CHECK_FALSE(watched.expired());
    output.consume(large);
    CHECK(output.empty());
  }
  SECTION("by and by") {
    const std::size_t step = GENERATE(1000, 4096, 77777);
    CHECK(sent_in_steps(output, step) == expected);
  }
  CHECK(watched.expired());
}

TEST_CASE("one owner of many pieces is held once") {
  Output output;
  const auto page = page_of(viewed_min * 3);
  for (std::size_t i = 0; i < 3; ++i)
    output.view(std::string_view(*page).substr(i * viewed_min, viewed_min), page);
  CHECK(page.use_count() == 2);
  output.clear();
  CHECK(page.use_count() == 1);
  CHECK(output.empty());
  CHECK(output.parts().empty());
}

TEST_CASE("no more parts are given than one write takes") {
  Output output;
  const auto page = page_of(viewed_min);
  for (std::size_t i = 0; i <= Output::iovec_max; ++i) output.view(*page, page);
  CHECK(output.parts().size() == Output::iovec_max);
  output.consume(viewed_min * Output::iovec_max);
  CHECK(output.parts().size() == 1);
  output.consume(viewed_min);
  CHECK(output.empty());
}

TEST_CASE("a part sent in halves goes on where it stopped, and takes what is added") {
  Output output;
  output.copy("abcdef");
  output.consume(2);
  output.copy("gh");
  REQUIRE(output.parts().size() == 1);
  CHECK(bytes_of(output) == "cdefgh");
  CHECK(output.size() == 6);
}

// Against a string from whose front the sent bytes are cut.
TEST_CASE("what nobody keeps alive is copied") {
  Output output;
  {
    const std::string page(viewed_min, 'x');
    const std::shared_ptr<const std::string> nobody;
    output.view(page, nobody);
    output.view(page, nullptr);
  }
  CHECK(bytes_of(output) == std::string(2 * viewed_min, 'x'));
}

TEST_CASE("whatever the pieces and the writes, every byte leaves once and in order") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t count) {
      return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    Output output;
    std::string expected;
    for (int step = 0; step < 200; ++step) {
      const auto page = std::make_shared<const std::string>(
          below(3) == 0 ? viewed_min + below(100) : below(50), static_cast<char>('a' + step % 26));
      if (below(2) == 0) {
        output.copy(*page);
      } else {
        output.view(*page, page);
      }
      expected += *page;
      if (below(3) > 0) continue;
      CHECK(output.size() == expected.size());
      REQUIRE(bytes_of(output) == expected);
      const std::size_t sent = below(expected.size() + 1);
      output.consume(sent);
      expected.erase(0, sent);
    }
  }
}

}  // namespace
}  // namespace larder::proxy
