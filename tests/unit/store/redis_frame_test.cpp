// Frames: what was written is read again, and nothing else is taken for it.
#include "store/redis_frame.hpp"

#include <catch2/catch.hpp>
#include <iomanip>
#include <limits>
#include <random>
#include <sstream>

#include "larder/cache/codec.hpp"
#include "store_fixture.hpp"

namespace larder::store {
namespace {

const base::Now now{base::WallTime(base::Duration(1'700'000'000'000)),
                    base::MonoTime(base::Duration(50'000'000))};

Frame frame_of(Frame::Kind kind = Frame::Kind::entry) {
  Frame frame;
  frame.kind = kind;
  frame.place = {"run:born", 18'446'744'073'709'551'615U};
  frame.received_ms = 1'700'000'000'000;
  return frame;
}

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// As a reader does it, whatever the bytes: the payload, or nothing.
std::optional<std::string> read_whole(std::string_view bytes) {
  std::string_view stored;
  const auto frame = read_frame(bytes, stored);
  return frame && frame->pieces == 0 ? payload_of(*frame, stored) : std::nullopt;
}

std::string written(const std::string& payload) {
  const auto frame = write_frame(frame_of(), payload, "id");
  REQUIRE(frame);
  REQUIRE(frame->frame.pieces == 0);
  return frame->line + frame->stored;
}

}  // namespace

TEST_CASE("a frame is a line that people can read, and its payload") {
  const auto mark = write_frame(frame_of(Frame::Kind::mark), "payload", "id");
  REQUIRE(mark);
  CHECK(mark->line.starts_with("LF1 m run:born 18446744073709551615 1700000000000 7 plain 0 - "));
  CHECK(mark->stored == "payload");
  std::string_view stored;
  const std::string bytes = mark->line + mark->stored;
  const auto read = read_frame(bytes, stored);
  REQUIRE(read);
  CHECK(read->kind == Frame::Kind::mark);
  CHECK(read->place == mark->frame.place);
  CHECK(read->received_ms == mark->frame.received_ms);
  CHECK(payload_of(*read, stored) == "payload");
}

TEST_CASE("a payload is compressed where that makes it smaller") {
  const std::string page(100'000, 'x');
  CHECK(written(page).size() < 1'000);
  CHECK(written(page).find(" zstd 0 - ") != std::string::npos);
  CHECK(read_whole(written(page)) == page);
  for (const std::string& payload : {std::string(), std::string(1024, 'x'), noise(100'000)}) {
    CHECK(written(payload).find(" plain 0 - ") != std::string::npos);
    CHECK(read_whole(written(payload)) == payload);
  }
}

TEST_CASE("a large payload is cut into pieces") {
  const std::string large = noise(2 * piece_size + 1);
  const auto frame = write_frame(frame_of(), large, "some-id");
  REQUIRE(frame);
  CHECK(frame->frame.pieces == 3);
  std::string_view stored;
  const auto read = read_frame(frame->line, stored);
  REQUIRE(read);
  CHECK(read->pieces == 3);
  CHECK(read->piece_id == "some-id");
  CHECK(stored.empty());
  CHECK(payload_of(*read, frame->stored) == large);
  CHECK_FALSE(payload_of(*read, std::string_view(frame->stored).substr(1)));
  std::string changed = frame->stored;
  changed[piece_size + 5] = static_cast<char>(changed[piece_size + 5] ^ 1);
  CHECK_FALSE(payload_of(*read, changed));
}

TEST_CASE("what would not be read again is not written") {
  CHECK(write_frame(frame_of(), std::string(payload_size_max, 'x'), "id"));
  CHECK_FALSE(write_frame(frame_of(), std::string(payload_size_max + 1, 'x'), "id"));
  for (const std::string& epoch :
       {std::string(), std::string("a b"), std::string("a\n"), std::string(epoch_size_max + 1, 'e')}) {
    Frame frame = frame_of();
    frame.place.epoch = epoch;
    CHECK_FALSE(write_frame(frame, "payload", "id"));
  }
  // The longest line there is.
  Frame frame = frame_of();
  frame.place.epoch = std::string(epoch_size_max, 'e');
  frame.received_ms = std::numeric_limits<std::uint64_t>::max();
  const auto longest = write_frame(frame, noise(payload_size_max), std::string(64, 'i'));
  REQUIRE(longest);
  CHECK(longest->frame.pieces == pieces_max);
  std::string_view stored;
  CHECK(read_frame(longest->line, stored));
}

TEST_CASE("a frame that is cut short or changed anywhere is never accepted") {
  const auto response = fixture::response_of(fixture::key_of("/a"), {.body_size = 3'000, .language = "de"});
  const std::string payload = GENERATE_COPY(std::string("small"), cache::encode(*response, now));
  const std::string bytes = written(payload);
  REQUIRE(read_whole(bytes) == payload);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    CHECK_FALSE(read_whole(std::string_view(bytes).substr(0, size)));
  }
  CHECK_FALSE(read_whole(bytes + "x"));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned bits : {0x01U, 0x10U, 0x80U, 0x20U}) {
      INFO(at << " by " << bits);
      std::string changed = bytes;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ bits);
      CHECK_FALSE(read_whole(changed));
    }
  }
}

TEST_CASE("a size that is a claim allocates nothing") {
  std::string_view stored;
  const auto reads = [&stored](const std::string& line) { return read_frame(line, stored).has_value(); };
  CHECK(reads("LF1 e epoch 1 2 17825792 zstd 0 - 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 17825793 zstd 0 - 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 18446744073709551616 zstd 0 - 0\n"));
  CHECK(reads("LF1 e epoch 1 2 3 zstd 34 id 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 3 zstd 35 id 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 3 zstd 1 - 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 3 zstd 0 id 0\n"));
  CHECK_FALSE(reads("LF1 e epoch -1 2 3 plain 0 - 0\n"));
  CHECK_FALSE(reads("LF1 e  1 2 3 plain 0 - 0\n"));
  CHECK_FALSE(reads("LF1 x epoch 1 2 3 plain 0 - 0\n"));
  CHECK_FALSE(reads("LF2 e epoch 1 2 3 plain 0 - 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 3 plain 0 - 0 0\n"));
  CHECK_FALSE(reads("LF1 e epoch 1 2 3 plain 0 -\n"));
  CHECK_FALSE(reads(std::string(1'000'000, ' ') + "\n"));
  CHECK_FALSE(reads(""));
}

// A frame by somebody who knows how.
std::string forged(const std::string& line, const std::string& stored) {
  std::ostringstream checksum;
  checksum << std::hex << std::setw(16) << std::setfill('0') << base::hash64(line + stored);
  return line + " " + checksum.str() + "\n" + stored;
}

TEST_CASE("a lie about the size is not believed, though the checksum holds") {
  const auto frame = write_frame(frame_of(), std::string(100'000, 'x'), "id");
  REQUIRE(frame);
  CHECK(read_whole(forged("LF1 e epoch 1 2 100000 zstd 0 -", frame->stored)));
  for (const std::string size : {"99999", "100001", "0", "17825792"})
    CHECK_FALSE(read_whole(forged("LF1 e epoch 1 2 " + size + " zstd 0 -", frame->stored)));
  CHECK_FALSE(read_whole(forged("LF1 e epoch 1 2 100000 zstd 0 -", frame->stored.substr(0, 20))));
  CHECK_FALSE(read_whole(forged("LF1 e epoch 1 2 100000 zstd 0 -", noise(100))));
  CHECK_FALSE(read_whole(forged("LF1 e epoch 1 2 100000 zstd 0 -", "")));
  CHECK(read_whole(forged("LF1 e epoch 1 2 4 plain 0 -", "page")));
  CHECK_FALSE(read_whole(forged("LF1 e epoch 1 2 3 plain 0 -", "page")));
  CHECK_FALSE(read_whole(forged("LF1 e epoch 01 2 4 plain 0 -", "page")));
}

TEST_CASE("what is stored under another frame is not unpacked") {
  const auto frame = write_frame(frame_of(), std::string(100'000, 'x'), "id");
  const auto other = write_frame(frame_of(), std::string(50'000, 'x'), "id");
  REQUIRE(frame);
  REQUIRE(other);
  CHECK_FALSE(payload_of(frame->frame, other->stored));
  CHECK_FALSE(payload_of(other->frame, frame->stored));
}

TEST_CASE("a mark's payload is read again, and no other is taken for one") {
  const MarkPayload mark{"http://example.com/a\nb", "accept-language", std::string("d\0e", 3), now.wall};
  const std::string text = text_of(mark);
  const auto read = mark_of(text);
  REQUIRE(read);
  CHECK(read->key == mark.key);
  CHECK(read->vary == mark.vary);
  CHECK(read->secondary == mark.secondary);
  CHECK(read->expires_at == mark.expires_at);
  CHECK_FALSE(mark_of(""));
  CHECK_FALSE(mark_of("1 2 3"));
  CHECK_FALSE(mark_of("1 2\nabcdef"));
  CHECK_FALSE(mark_of("1 2 3\nabcd"));
  CHECK(mark_of("1 2 3\nabcde"));
  CHECK_FALSE(mark_of("-1 2 3\nabcde"));
  CHECK_FALSE(mark_of("18446744073709551615 2 3\nabcde"));
  CHECK_FALSE(mark_of("1 18446744073709551615 3\nabcde"));
  CHECK_FALSE(mark_of("1 2 18446744073709551615\nabcde"));
  for (std::size_t size = 0; size < text.size(); ++size) mark_of(std::string_view(text).substr(0, size));
}

}  // namespace larder::store
