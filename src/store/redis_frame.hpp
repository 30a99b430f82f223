// What stands under one key of the shared store, as bytes and back. Pure; any thread.
//
//   LF1 KIND EPOCH NUMBER RECEIVED SIZE ENCODING PIECES PIECE_ID CHECKSUM\n  stored bytes
//
// A line of text, so that redis-cli shows it and a script can compare the places of two, then the payload as
// it is stored: compressed where that makes it smaller, and under keys of its own where it is large. Nothing
// in it is trusted before payload_of() has compared the checksum, which is of the line and of what is stored.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/cache/place.hpp"

namespace larder::store {

struct Frame {
  enum class Kind : char { entry = 'e', mark = 'm' };
  Kind kind = Kind::entry;
  cache::Place place;
  std::uint64_t received_ms = 0;  // wall clock: of two of one place the later counts
  std::uint64_t size = 0;         // of the payload
  bool is_compressed = false;
  std::uint32_t pieces = 0;  // 0: what is stored follows the line
  std::string piece_id;      // empty without pieces
  std::string checksum;
};

// A payload of more is neither written nor read.
inline constexpr std::uint64_t payload_size_max = std::uint64_t{17} * 1024 * 1024;
inline constexpr std::size_t piece_size = std::size_t{512} * 1024;
inline constexpr std::uint32_t pieces_max = payload_size_max / piece_size;
inline constexpr std::size_t epoch_size_max = 128;
inline constexpr std::size_t line_size_max = 384;

struct WrittenFrame {
  Frame frame;
  std::string line;  // with its end
  std::string
      stored;  // follows the line; or is to be cut into `frame.pieces` of piece_size, the last shorter
};

// `frame` says kind, place and time of receipt; `piece_id` is for a payload that is cut. Nothing where the
// epoch or the payload is of no size that is read again.
std::optional<WrittenFrame> write_frame(Frame frame, std::string payload, const std::string& piece_id);
// A line and what follows it (`stored`, a view of `bytes`), within the bounds above. Nothing for what is
// none.
std::optional<Frame> read_frame(std::string_view bytes, std::string_view& stored);
// The payload of what is stored, pieces joined; nothing where it is not what was written. Allocates no more
// than payload_size_max, whatever the bytes say.
std::optional<std::string> payload_of(const Frame& frame, std::string_view stored);

// The payload of a mark.
struct MarkPayload {
  std::string key;
  std::string vary;
  std::string secondary;
  base::WallTime expires_at;
};
std::string text_of(const MarkPayload& mark);
std::optional<MarkPayload> mark_of(std::string_view payload);

}  // namespace larder::store
