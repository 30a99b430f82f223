#include "obs/access_ring.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <thread>

namespace larder::obs {
namespace {

bool push(AccessRing& ring, std::string_view text) {
  char* out = ring.claim(text.size());
  if (out == nullptr) return false;
  std::copy(text.begin(), text.end(), out);
  ring.publish();
  return true;
}

std::string take(AccessRing& ring) {
  std::string text(ring.front());
  if (!text.empty()) ring.pop();
  return text;
}

TEST_CASE("a ring gives messages back in order") {
  AccessRing ring(256);
  CHECK(take(ring).empty());
  REQUIRE(push(ring, "one"));
  REQUIRE(push(ring, "two two two"));
  CHECK(take(ring) == "one");
  CHECK(take(ring) == "two two two");
  CHECK(take(ring).empty());
  CHECK(ring.used() == 0);
}

TEST_CASE("a message that is claimed but not published is not there yet") {
  AccessRing ring(256);
  REQUIRE(ring.claim(3) != nullptr);
  CHECK(take(ring).empty());
}

TEST_CASE("a full ring drops, counts, and goes on when there is room again") {
  AccessRing ring(64);
  REQUIRE(push(ring, std::string(24, 'a')));
  REQUIRE(push(ring, std::string(24, 'b')));
  CHECK_FALSE(push(ring, "c"));
  CHECK(ring.dropped() == 1);
  CHECK(take(ring) == std::string(24, 'a'));
  CHECK(push(ring, "d"));
  CHECK(take(ring) == std::string(24, 'b'));
  CHECK(take(ring) == "d");
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

TEST_CASE("messages survive every place of the ring's end") {
  AccessRing ring(128);
  for (int i = 0; i < 1000; ++i) {
    const std::string text(static_cast<std::size_t>(i % 40 + 1), static_cast<char>('a' + i % 26));
    REQUIRE(push(ring, text));
    REQUIRE(take(ring) == text);
  }
}

TEST_CASE("one thread writes while another reads") {
  AccessRing ring(1024);
  constexpr int count = 20000;
  std::thread writer([&] {
    for (int i = 0; i < count;) {
      if (push(ring, std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), '.'))) ++i;
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
