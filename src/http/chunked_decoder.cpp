// The chunked coding (RFC 9112 section 7.1), strictly.
#include <algorithm>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/framing.hpp"

namespace larder::http {
namespace {

constexpr unsigned size_digits_max = 15;  // so that no size overflows 63 bits
// Of all chunks of a body together: nobody sends extensions, and each byte of them costs us work for no data
// (RFC 9112 section 7.1.1 asks for such a limit).
constexpr std::size_t extension_size_max = 4096;

// RFC 9110 section 6.5.1: framing, routing, authentication, control data and what says how to read the
// content may not come after it. Every field that has a number is of one of these sorts, but for two
// that are defined for trailers: ETag (RFC 9110 section 8.8.3) and Cache-Status.
bool may_be_trailer(FieldId id) noexcept {
  return id == FieldId::other || id == FieldId::etag || id == FieldId::cache_status;
}

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::fail(std::size_t consumed) noexcept {
  state_ = State::error;
  return {{}, consumed};
}

// The byte after the digits of a size line.
bool ChunkedDecoder::end_size(char c) noexcept {
  if (digits_ == 0) return false;
  if (c == '\r') {
    phase_ = Phase::size_lf;
  } else if (c == ';') {
    phase_ = Phase::extension;
  } else if (c == ' ' || c == '\t') {
    phase_ = Phase::before_extension;
  } else {
    return false;
  }
  return true;
}

// Takes one byte of what lies between the data; false when it does not belong there.
bool ChunkedDecoder::step(char c) noexcept {
  switch (phase_) {
    case Phase::size: {
      const int digit = base::hex_value(c);
      if (digit < 0) return end_size(c);
      remaining_ = remaining_ * 16 + static_cast<unsigned>(digit);
      return ++digits_ <= size_digits_max;
    }
    case Phase::before_extension:
      // Bad white space before an extension (RFC 9112 section 7.1.1), and before nothing else.
      if (c == ';') phase_ = Phase::extension;
      return (c == ';' || c == ' ' || c == '\t') && ++extension_size_ <= extension_size_max;
    case Phase::extension:
      if (c == '\r') {
        phase_ = Phase::size_lf;
        return true;
      }
      return field_value_characters.has(c) && ++extension_size_ <= extension_size_max;
    case Phase::size_lf:
      phase_ = remaining_ == 0 ? Phase::trailer : Phase::data;
      return c == '\n';
    case Phase::data_cr:
      phase_ = Phase::data_lf;
      return c == '\r';
    case Phase::data_lf:
      phase_ = Phase::size;
      digits_ = 0;
      return c == '\n';
    default:
      return false;
  }
}

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view input) {
  if (state_ != State::more) return {};
  std::size_t at = 0;
  for (; at < input.size() && phase_ != Phase::trailer; ++at) {
    if (phase_ == Phase::data) {
      const std::size_t size = std::min<std::uint64_t>(remaining_, input.size() - at);
      remaining_ -= size;
      if (remaining_ == 0) phase_ = Phase::data_cr;
      return {input.substr(at, size), at + size};
    }
    if (!step(input[at])) return fail(at);
  }
  if (phase_ != Phase::trailer) return {{}, at};
  return {{}, at + take_trailer(input.substr(at))};
}

// Collects lines up to the empty one, and takes nothing after it; returns what it took.
std::size_t ChunkedDecoder::take_trailer(std::string_view input) {
  std::size_t taken = 0;
  while (taken < input.size() && state_ == State::more) {
    const std::size_t line_feed = input.find('\n', taken);
    const std::size_t end = std::min(line_feed, input.size() - 1) + 1;
    trailer_text_.append(input.substr(taken, end - taken));
    taken = end;
    const std::string_view text = trailer_text_;
    if (text.size() > limits_.size_max) {
      state_ = State::error;
    } else if (text == "\r\n" || text.ends_with("\n\r\n")) {
      finish();
    }
  }
  return taken;
}

void ChunkedDecoder::finish() {
  Fields lines;
  const HeadResult result = parse_field_lines(trailer_text_, limits_, lines);
  if (result.error != HeadError::none) {
    state_ = State::error;
    return;
  }
  for (const Field& line : lines) {
    if (may_be_trailer(line.id)) trailers_.add(line.name, line.value);
  }
  state_ = State::done;
}

}  // namespace larder::http
