#include "obs/access_ring.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <thread>

namespace larder::obs {
namespace {

// A line, and its line feed.
bool push(AccessRing& ring, std::string_view text, std::size_t spare = 0) {
  char* out = ring.claim(text.size() + 1 + spare);
  if (out == nullptr) return false;
  std::copy(text.begin(), text.end(), out);
  out[text.size()] = '\n';
  ring.publish(text.size() + 1);
  return true;
}

// The oldest line.
std::string take(AccessRing& ring) {
  const std::string_view lines = ring.front();
  if (lines.empty()) return {};
  const std::string line(lines.substr(0, lines.find('\n')));
  ring.pop(line.size() + 1);
  return line;
}

TEST_CASE("a ring gives lines back in order, all that are there at once") {
  AccessRing ring(256);
  CHECK(take(ring).empty());
  REQUIRE(push(ring, "one"));
  REQUIRE(push(ring, "two two two"));
  CHECK(ring.front() == "one\ntwo two two\n");
  CHECK(take(ring) == "one");
  CHECK(take(ring) == "two two two");
  CHECK(take(ring).empty());
  CHECK(ring.used() == 0);
}

TEST_CASE("a line that is claimed but not published is not there yet") {
  AccessRing ring(256);
  REQUIRE(ring.claim(3) != nullptr);
  CHECK(take(ring).empty());
}

TEST_CASE("what was claimed and not needed is the next line's") {
  AccessRing ring(64);
  REQUIRE(push(ring, "one", 40));
  REQUIRE(push(ring, "two", 40));
  CHECK(ring.used() == 8);
  CHECK(ring.front() == "one\ntwo\n");
}

TEST_CASE("a full ring drops, counts, and goes on when there is room again") {
  AccessRing ring(64);
  REQUIRE(push(ring, std::string(31, 'a')));
  REQUIRE(push(ring, std::string(31, 'b')));
  CHECK_FALSE(push(ring, "c"));
  CHECK(ring.dropped() == 1);
  CHECK(take(ring) == std::string(31, 'a'));
  CHECK(push(ring, "d"));
  CHECK(take(ring) == std::string(31, 'b'));
  CHECK(take(ring) == "d");
}

TEST_CASE("a line that does not fit before the end begins at the start") {
  AccessRing ring(64);
  REQUIRE(push(ring, std::string(39, 'a')));
  REQUIRE(take(ring) == std::string(39, 'a'));
  REQUIRE(push(ring, "before"));
  REQUIRE(push(ring, std::string(29, 'b')));
  CHECK(ring.front() == "before\n");
  CHECK_FALSE(push(ring, std::string(12, 'c')));  // what was skipped is no room
  CHECK(take(ring) == "before");
  CHECK(ring.front() == std::string(29, 'b') + "\n");
  CHECK(take(ring) == std::string(29, 'b'));
  CHECK(ring.used() == 0);
}

TEST_CASE("what is larger than the ring is dropped") {
  AccessRing ring(64);
  CHECK_FALSE(push(ring, std::string(100, 'a')));
  CHECK(push(ring, "b"));
}

TEST_CASE("a ring without room for anything counts nothing") {
  AccessRing ring(0);
  CHECK(ring.claim(1) == nullptr);
  CHECK(ring.dropped() == 0);
}

TEST_CASE("lines survive every place of the ring's end") {
  AccessRing ring(128);
  for (int i = 0; i < 5000; ++i) {
    const std::string text(static_cast<std::size_t>(i % 40 + 1), static_cast<char>('a' + i % 26));
    REQUIRE(push(ring, text, static_cast<std::size_t>(i % 7)));
    REQUIRE(take(ring) == text);
  }
}

TEST_CASE("one thread writes while another reads") {
  AccessRing ring(1024);
  constexpr int count = 20000;
  std::thread writer([&] {
    for (int i = 0; i < count;) {
      const auto spare = static_cast<std::size_t>(i % 90);
      if (push(ring, std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), '.'), spare)) ++i;
    }
  });
  int next = 0;
  while (next < count) {
    const std::string text = take(ring);
    if (text.empty()) continue;
    if (text != std::to_string(next) + std::string(static_cast<std::size_t>(next % 50), '.')) break;
    ++next;
  }
  writer.join();
  CHECK(next == count);
}

}  // namespace
}  // namespace larder::obs
