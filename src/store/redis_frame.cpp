#include "store/redis_frame.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "larder/base/hash.hpp"

namespace larder::store {
namespace {

constexpr std::string_view version = "LF1";
constexpr std::string_view plain = "plain";
constexpr std::string_view compressed = "zstd";
constexpr std::string_view no_pieces = "-";
constexpr std::size_t words_in_line = 10;
// Less is not worth the work, nor is more effort than the fastest: the network is close.
constexpr std::size_t compressed_size_min = 1024;
constexpr int compression_level = 1;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_word(std::string_view text, std::size_t size_max) {
  const auto is_visible = [](char character) { return character > ' ' && character < '\x7f'; };
  return !text.empty() && text.size() <= size_max && std::all_of(text.begin(), text.end(), is_visible);
}

// The words of a line, as many as there are and one more at the most.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (words.size() <= words_in_line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    if (end == line.size()) break;
    line.remove_prefix(end + 1);
  }
  return words;
}

std::string words_without_checksum(const Frame& frame) {
  std::string line(version);
  line.append(" ").append(1, static_cast<char>(frame.kind));
  line.append(" ").append(frame.place.epoch);
  for (const std::uint64_t number : {frame.place.number, frame.received_ms, frame.size})
    line.append(" ").append(std::to_string(number));
  line.append(" ").append(frame.is_compressed ? compressed : plain);
  line.append(" ").append(std::to_string(frame.pieces));
  line.append(" ").append(frame.pieces == 0 ? no_pieces : std::string_view(frame.piece_id));
  return line;
}

std::string checksum_of(std::string_view line, std::string_view stored) {
  const std::array<std::string_view, 2> parts{line, stored};
  std::array<char, 16> digits{};
  digits.fill('0');
  std::array<char, 16> shortest{};
  const auto end = std::to_chars(shortest.begin(), shortest.end(), base::hash64(parts), 16).ptr;
  std::copy_backward(shortest.begin(), end, digits.end());
  return {digits.begin(), digits.end()};
}

// Empty where it does not get smaller.
std::string compress(const std::string& payload) {
  std::string smaller(ZSTD_compressBound(payload.size()), '\0');
  const std::size_t size =
      ZSTD_compress(smaller.data(), smaller.size(), payload.data(), payload.size(), compression_level);
  if (ZSTD_isError(size) != 0 || size >= payload.size()) return {};
  smaller.resize(size);
  smaller.shrink_to_fit();
  return smaller;
}

std::optional<std::string> decompress(std::string_view bytes, std::uint64_t size) {
  // The writer always says it; a claim alone is no reason to allocate.
  if (ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != size) return std::nullopt;
  std::string payload(size, '\0');
  const std::size_t written = ZSTD_decompress(payload.data(), payload.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(written) != 0 || written != size) return std::nullopt;
  return payload;
}

bool is_piece_id(std::string_view text, std::uint32_t pieces) {
  return pieces == 0 ? text == no_pieces : is_word(text, 64) && text != no_pieces;
}

}  // namespace

std::optional<WrittenFrame> write_frame(Frame frame, std::string payload, const std::string& piece_id) {
  if (!is_word(frame.place.epoch, epoch_size_max) || payload.size() > payload_size_max) return std::nullopt;
  frame.size = payload.size();
  std::string stored;
  if (payload.size() > compressed_size_min) stored = compress(payload);
  frame.is_compressed = !stored.empty();
  if (!frame.is_compressed) stored = std::move(payload);
  if (stored.size() > piece_size) {
    frame.pieces = static_cast<std::uint32_t>((stored.size() + piece_size - 1) / piece_size);
    frame.piece_id = piece_id;
  }
  WrittenFrame written;
  written.line = words_without_checksum(frame);
  frame.checksum = checksum_of(written.line, stored);
  written.line.append(" ").append(frame.checksum).append("\n");
  written.frame = std::move(frame);
  written.stored = std::move(stored);
  return written;
}

std::optional<Frame> read_frame(std::string_view bytes, std::string_view& stored) {
  const std::size_t end = bytes.substr(0, line_size_max).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = words_of(bytes.substr(0, end));
  if (words.size() != words_in_line || words[0] != version) return std::nullopt;
  const bool is_mark = words[1] == "m";
  if (!is_mark && words[1] != "e") return std::nullopt;
  const auto number = number_of(words[3]);
  const auto received = number_of(words[4]);
  const auto size = number_of(words[5]);
  const auto pieces = number_of(words[7]);
  if (!number || !received || !size || !pieces) return std::nullopt;
  if (*size > payload_size_max || *pieces > pieces_max || !is_word(words[2], epoch_size_max))
    return std::nullopt;
  if (words[6] != plain && words[6] != compressed) return std::nullopt;
  Frame frame;
  frame.kind = is_mark ? Frame::Kind::mark : Frame::Kind::entry;
  frame.place = {std::string(words[2]), *number};
  frame.received_ms = *received;
  frame.size = *size;
  frame.is_compressed = words[6] == compressed;
  frame.pieces = static_cast<std::uint32_t>(*pieces);
  if (!is_piece_id(words[8], frame.pieces)) return std::nullopt;
  if (frame.pieces > 0) frame.piece_id = words[8];
  frame.checksum = words[9];
  stored = bytes.substr(end + 1);
  return frame;
}

std::optional<std::string> payload_of(const Frame& frame, std::string_view stored) {
  // A number of another spelling, which a reader would take for the same, is none that was written.
  if (checksum_of(words_without_checksum(frame), stored) != frame.checksum) return std::nullopt;
  if (frame.size > payload_size_max) return std::nullopt;
  if (frame.is_compressed) return decompress(stored, frame.size);
  if (stored.size() != frame.size) return std::nullopt;
  return std::string(stored);
}

// "EXPIRES KEY_SIZE VARY_SIZE\n", the key, the Vary, and what is left is the secondary key.
std::string text_of(const MarkPayload& mark) {
  std::string text = std::to_string(mark.expires_at.time_since_epoch().count());
  text.append(" ").append(std::to_string(mark.key.size()));
  text.append(" ").append(std::to_string(mark.vary.size())).append("\n");
  return text.append(mark.key).append(mark.vary).append(mark.secondary);
}

std::optional<MarkPayload> mark_of(std::string_view payload) {
  const std::size_t end = payload.substr(0, line_size_max).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = words_of(payload.substr(0, end));
  if (words.size() != 3) return std::nullopt;
  const auto expires_ms = number_of(words[0]);
  const auto key_size = number_of(words[1]);
  const auto vary_size = number_of(words[2]);
  // Milliseconds that a sum of two does not overflow.
  constexpr std::uint64_t expires_ms_max = std::uint64_t{1} << 60U;
  if (!expires_ms || !key_size || !vary_size || *expires_ms > expires_ms_max) return std::nullopt;
  std::string_view rest = payload.substr(end + 1);
  if (*key_size > rest.size() || *vary_size > rest.size() - *key_size) return std::nullopt;
  MarkPayload mark;
  mark.key = rest.substr(0, *key_size);
  mark.vary = rest.substr(*key_size, *vary_size);
  mark.secondary = rest.substr(*key_size + *vary_size);
  mark.expires_at = base::WallTime(base::Duration(static_cast<base::Duration::rep>(*expires_ms)));
  return mark;
}

}  // namespace larder::store
