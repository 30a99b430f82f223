// Bodies: each arrow of the header's diagram, by script.
#include "larder/cache/body.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "larder/cache/allocation.hpp"
#include "support/lowered_limit.hpp"

namespace larder::cache {
namespace {

using State = Body::State;
constexpr std::uint64_t any_number = 1 << 30;
constexpr std::size_t kib = 1024;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

std::string peeked(const Body::Reader& reader, std::uint64_t bytes_max = any_number) {
  std::array<std::string_view, 64> views;
  const std::size_t count = reader.peek(views, bytes_max);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += views[i];
  return text;
}

std::string taken(Body::Reader& reader, std::uint64_t bytes_max = any_number) {
  std::string text = peeked(reader, bytes_max);
  reader.consume(text.size());
  return text;
}

std::string whole(const std::shared_ptr<Body>& body) {
  auto reader = body->read_from(0);
  return taken(*reader);
}

// Counts its calls.
struct Bell {
  std::shared_ptr<int> rings = std::make_shared<int>(0);
  Body::Wake wake() const {
    return [rings = rings] { ++*rings; };
  }
  int count() const { return *rings; }
};

TEST_CASE("a landed body is read in pieces without a claim") {
  const LoweredLimit no_files(RLIMIT_NOFILE, 0);
  const std::string text = pattern(3 * Body::piece_size_max + 100);
  const auto body = Body::complete(text);
  CHECK(body->state() == State::complete);
  CHECK(body->size() == text.size());
  REQUIRE(body->pieces().size() == 4);
  CHECK(body->pieces().back().size() == 100);
  auto reader = body->read_from(10);
  REQUIRE(reader);
  CHECK(body->reader_count() == 0);
  CHECK(taken(*reader) == text.substr(10));
  CHECK(reader->is_done());
  CHECK_FALSE(reader->wait([] {}));
  CHECK_FALSE(body->read_from(text.size() + 1));
}

TEST_CASE("a large landed body is in a file") {
  const std::string text = pattern(base::MemoryFile::size_min + 1);
  const auto small = Body::complete(text.substr(2));
  CHECK_FALSE(small->file());
  const auto body = Body::complete(text);
  REQUIRE(body->file());
  REQUIRE(body->pieces().size() == 1);
  CHECK(body->pieces()[0].data() == body->file()->bytes().data());
  CHECK(whole(body) == text);
  CHECK(body->allocated() >= base::MemoryFile::allocated(text.size()) + sizeof(Body));
  CHECK(body->allocated() <= base::MemoryFile::allocated(text.size()) + 1000);
  CHECK_FALSE(body->compacted());

  const auto grown = Body::growing(text.size());
  grown->append(text);
  grown->finish();
  CHECK_FALSE(grown->file());
  const auto kept = grown->compacted();
  REQUIRE(kept);
  CHECK(kept->file());
  CHECK(whole(kept) == text);
  // Where there are none to be had, one that is exact stays what it is.
  const LoweredLimit no_files(RLIMIT_NOFILE, 0);
  CHECK_FALSE(grown->compacted());
}

TEST_CASE("an empty body is complete and done") {
  const auto body = Body::complete("");
  auto reader = body->read_from(0);
  CHECK(reader->is_done());
  CHECK(peeked(*reader).empty());
  CHECK(body->pieces().empty());
  const auto grown = Body::growing(0);
  grown->finish();
  CHECK(grown->read_from(0)->is_done());
}

TEST_CASE("a landed page takes little more than its bytes") {
  for (const std::size_t size : {5 * kib, 14 * kib, 16 * kib, 20 * kib, 40 * kib, 56 * kib}) {
    INFO(size);
    const auto body = Body::complete(pattern(size));
    CHECK(body->allocated() <= size + size / 8 + 400);
    std::string text;
    for (const std::string_view piece : body->pieces()) text += piece;
    CHECK(text == pattern(size));
  }
}

TEST_CASE("a body of known size is allocated exactly") {
  const auto small = Body::growing(200);
  const std::uint64_t bare = small->allocated();
  small->append(pattern(120));
  small->append(pattern(80));
  CHECK(small->allocated() == bare + allocated_size(200));
  small->finish();
  CHECK(small->pieces().size() == 1);

  const std::string text = pattern(2 * Body::piece_size_max + 5);
  const auto large = Body::growing(text.size());
  large->append(text);
  large->finish();
  REQUIRE(large->pieces().size() == 3);
  CHECK(large->pieces()[2].size() == 5);
}

TEST_CASE("a body of unknown size grows from small pieces to large ones") {
  const auto body = Body::growing(std::nullopt);
  const std::string text = pattern(300 * kib);
  for (std::size_t at = 0; at < text.size(); at += 1000) body->append(text.substr(at, 1000));
  body->finish();
  const auto pieces = body->pieces();
  CHECK(pieces[0].size() == 4096);
  CHECK(pieces[1].size() == 8192);
  CHECK(pieces[4].size() == 65536);
  CHECK(pieces[5].size() == 65536);
  auto reader = body->read_from(0);
  CHECK(taken(*reader) == text);
  const LoweredLimit no_files(RLIMIT_NOFILE, 0);
  const auto compact = body->compacted();
  REQUIRE(compact);
  CHECK_FALSE(compact->file());
  CHECK(compact->allocated() < body->allocated());
  CHECK_FALSE(compact->compacted());
  CHECK(whole(compact) == text);
}

TEST_CASE("more than the expected size is kept all the same") {
  const auto body = Body::growing(10);
  body->append(pattern(25));
  body->append(pattern(5));
  body->finish();
  CHECK(whole(body) == pattern(25) + pattern(5));
}

TEST_CASE("allocator waste is that of jemalloc's size classes") {
  const std::pair<std::uint64_t, std::uint64_t> rows[] = {
      {1, 8},       {8, 8},       {9, 16},        {128, 128},     {129, 160},     {160, 160},
      {161, 192},   {200, 224},   {256, 256},     {257, 320},     {1024, 1024},   {1025, 1280},
      {4096, 4096}, {4097, 5120}, {65536, 69632}, {14336, 14336}, {14337, 20480}, {65537, 86016},
  };
  for (const auto& [bytes, allocated] : rows) CHECK(allocated_size(bytes) == allocated);
}

TEST_CASE("readers of a growing body get what is there and are woken for more") {
  const auto body = Body::growing(std::nullopt);
  auto reader = body->read_from(0);
  const Bell bell;
  REQUIRE(reader->wait(bell.wake()));
  body->append("one ");
  CHECK(bell.count() == 1);
  CHECK_FALSE(reader->wait(bell.wake()));
  CHECK(taken(*reader, 2) == "on");
  CHECK(taken(*reader) == "e ");
  REQUIRE(reader->wait(bell.wake()));
  body->append("two");
  body->append(" three");
  CHECK(bell.count() == 2);
  auto late = body->read_from(4);
  CHECK(taken(*late) == "two three");
  REQUIRE(late->wait(bell.wake()));
  CHECK_FALSE(late->is_done());
  body->finish();
  CHECK(bell.count() == 3);
  CHECK(late->is_done());
  CHECK_FALSE(reader->is_done());
  CHECK(taken(*reader) == "two three");
  CHECK(reader->is_done());
}

TEST_CASE("a second wait replaces the first, and a cancelled one is not called") {
  const auto body = Body::growing(std::nullopt);
  auto reader = body->read_from(0);
  const Bell first;
  const Bell second;
  REQUIRE(reader->wait(first.wake()));
  REQUIRE(reader->wait(second.wake()));
  body->append("x");
  CHECK(first.count() == 0);
  CHECK(second.count() == 1);
  taken(*reader);
  REQUIRE(reader->wait(first.wake()));
  reader->cancel_wait();
  body->append("y");
  CHECK(first.count() == 0);
}

TEST_CASE("a failure comes after everything before it, and is never an end") {
  const auto body = Body::growing(100);
  body->append("half");
  auto reader = body->read_from(0);
  body->fail(Reason::upstream_closed_early);
  CHECK(body->state() == State::failed);
  CHECK(body->failure() == Reason::upstream_closed_early);
  CHECK_FALSE(reader->failure());
  CHECK_FALSE(reader->wait([] {}));
  CHECK(taken(*reader) == "half");
  CHECK_FALSE(reader->is_done());
  CHECK(reader->failure() == Reason::upstream_closed_early);
  CHECK_FALSE(reader->wait([] {}));
}

TEST_CASE("a reader can be moved, and its claim goes with it") {
  const auto body = Body::growing(std::nullopt);
  {
    auto first = body->read_from(0);
    Body::Reader second = std::move(*first);
    first.reset();
    CHECK(body->reader_count() == 1);
    body->append("abc");
    CHECK(taken(second) == "abc");
    Body::Reader third;
    third = std::move(second);
    CHECK(body->reader_count() == 1);
  }
  CHECK(body->reader_count() == 0);
}

TEST_CASE("the writer of a body to keep may always continue") {
  const auto body = Body::growing(std::nullopt);
  CHECK(body->writer_may_continue([] { FAIL("not asked to wait"); }));
}

TEST_CASE("the writer of a windowed body waits for the fastest reader") {
  const auto body = Body::growing(std::nullopt);
  auto fast = body->read_from(0);
  auto slow = body->read_from(0);
  body->make_windowed(100, 1000);
  body->append(pattern(99));
  const Bell bell;
  CHECK(body->writer_may_continue(bell.wake()));
  body->append("x");
  CHECK_FALSE(body->writer_may_continue(bell.wake()));
  CHECK(bell.count() == 0);
  fast->consume(1);
  CHECK(bell.count() == 1);
  slow->consume(1);
  CHECK(bell.count() == 1);
}

TEST_CASE("what every reader of a windowed body has passed is freed") {
  const auto body = Body::growing(std::nullopt);
  auto first = body->read_from(0);
  auto second = body->read_from(0);
  body->make_windowed(any_number, any_number);
  const std::string text = pattern(300 * kib);
  body->append(text);
  const std::uint64_t at_first = body->allocated();
  CHECK(taken(*first).size() == text.size());
  CHECK(body->allocated() == at_first);
  CHECK(taken(*second, 200 * kib).size() == 200 * kib);
  CHECK(body->allocated() < at_first - 100 * kib);
  CHECK_FALSE(body->read_from(0));
  auto third = body->read_from(200 * kib);
  REQUIRE(third);
  CHECK(taken(*third) == text.substr(200 * kib));
}

TEST_CASE("a windowed body keeps its beginning until the first reader has come") {
  const auto body = Body::growing(std::nullopt);
  body->append(pattern(5000));
  body->make_windowed(6000, 100000);
  body->append(pattern(5000));
  const Bell bell;
  CHECK_FALSE(body->writer_may_continue(bell.wake()));
  auto reader = body->read_from(0);
  REQUIRE(reader);
  CHECK(taken(*reader) == pattern(5000) + pattern(5000));
  CHECK(bell.count() == 1);
}

TEST_CASE("a reader too far behind is failed, and what it was sending stays") {
  const auto body = Body::growing(std::nullopt);
  auto fast = body->read_from(0);
  auto slow = body->read_from(0);
  body->make_windowed(any_number, 150 * kib);
  const std::string text = pattern(300 * kib);
  body->append(text);
  std::array<std::string_view, 4> sending;
  const std::size_t count = slow->peek(sending, any_number);
  std::string before;
  for (std::size_t i = 0; i < count; ++i) before += sending[i];
  const Bell bell;
  taken(*fast, 150 * kib);
  CHECK_FALSE(slow->failure());
  taken(*fast);
  CHECK(slow->failure() == Reason::reader_too_slow);
  CHECK(body->reader_count() == 1);
  CHECK_FALSE(slow->wait(bell.wake()));
  std::string after;
  for (std::size_t i = 0; i < count; ++i) after += sending[i];
  CHECK(after == before);
  CHECK(peeked(*slow).empty());
  CHECK_FALSE(slow->is_done());
}

TEST_CASE("a waiting writer is woken when the last reader goes") {
  const auto body = Body::growing(std::nullopt);
  auto reader = body->read_from(0);
  body->make_windowed(10, 1000);
  body->append(pattern(100));
  const Bell bell;
  REQUIRE_FALSE(body->writer_may_continue(bell.wake()));
  reader.reset();
  CHECK(bell.count() == 1);
  CHECK(body->reader_count() == 0);
  CHECK(body->writer_may_continue(bell.wake()));
}

TEST_CASE("a windowed body ends for its readers like any other") {
  const auto body = Body::growing(std::nullopt);
  auto reader = body->read_from(0);
  body->make_windowed(1000, 1000);
  body->append("abc");
  const Bell bell;
  CHECK(taken(*reader) == "abc");
  REQUIRE(reader->wait(bell.wake()));
  body->finish();
  CHECK(bell.count() == 1);
  CHECK(reader->is_done());
  CHECK_FALSE(reader->failure());
}

}  // namespace
}  // namespace larder::cache
