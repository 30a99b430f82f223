// The strict reader of message heads: one pass over the bytes, stopping at the first that the grammar of
// RFC 9112 does not allow. Every step either advances, or leaves an error (perhaps `incomplete`) behind.
#include <algorithm>
#include <bit>
#include <cstring>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/message.hpp"

namespace larder::http {
namespace {

constexpr std::string_view http_name = "HTTP/";  // case-sensitive, RFC 9112 section 2.3
constexpr std::string_view line_end = "\r\n";

// How many of eight bytes come before the first control character (HTAB counts as one) or DEL.
std::size_t plain_bytes(const char* bytes) noexcept {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  // The top bit of a byte says that a subtraction borrowed. A borrow can mislead about later bytes only.
  const std::uint64_t below_space = (word - ones * 0x20) & ~word;
  const std::uint64_t delete_bits = word ^ (ones * 0x7f);
  const std::uint64_t is_delete = (delete_bits - ones) & ~delete_bits;
  return static_cast<std::size_t>(std::countr_zero((below_space | is_delete) & tops)) / 8;
}

class Reader {
 public:
  // Bytes past the limit are not looked at, so that a result does not depend on how much was read at once.
  Reader(std::string_view bytes, const HeadLimits& limits) noexcept
      : begin_(bytes.data()),
        at_(bytes.data()),
        end_(bytes.data() + std::min(bytes.size(), limits.size_max)),
        is_at_limit_(bytes.size() >= limits.size_max),
        fields_max_(limits.fields_max) {}

  // Each returns false once an error stands.
  bool skip_empty_line() noexcept;
  bool read_request_line(RequestHead& head) noexcept;
  bool read_status_line(ResponseHead& head);
  bool read_field_lines(Fields& fields);

  HeadResult result() const noexcept {
    if (error_ != HeadError::none) return {error_, 0};
    return {HeadError::none, static_cast<std::size_t>(at_ - begin_)};
  }

 private:
  bool fail(HeadError error) noexcept {
    error_ = error;
    return false;
  }
  // More bytes are needed: an error where there may not be more.
  bool want_more() noexcept {
    if (!is_at_limit_) return fail(HeadError::incomplete);
    return fail(is_in_start_line_ ? HeadError::target_too_long : HeadError::too_large);
  }
  // The bytes from here to the first that is not in `set`.
  std::string_view take_all(const CharacterSet& set) noexcept {
    const char* const from = at_;
    while (at_ != end_ && set.has(*at_)) ++at_;
    return {from, static_cast<std::size_t>(at_ - from)};
  }
  std::string_view take_value() noexcept;
  bool expect(std::string_view text, HeadError error) noexcept;
  bool read_version(int& minor_version) noexcept;
  bool read_status(int& status) noexcept;
  bool read_field_line(Fields& fields);

  const char* begin_;
  const char* at_;
  const char* end_;
  bool is_at_limit_;
  std::size_t fields_max_;
  bool is_in_start_line_ = false;
  HeadError error_ = HeadError::none;
};

bool Reader::expect(std::string_view text, HeadError error) noexcept {
  for (const char wanted : text) {
    if (at_ == end_) return want_more();
    if (*at_ != wanted) return fail(error);
    ++at_;
  }
  return true;
}

// Field values and reason phrases: SP, HTAB, VCHAR and obs-text, most of them eight at a time.
std::string_view Reader::take_value() noexcept {
  const char* const from = at_;
  while (end_ - at_ >= 8) {
    const std::size_t plain = plain_bytes(at_);
    at_ += plain;
    if (plain == 8) continue;
    if (*at_ != '\t') return {from, static_cast<std::size_t>(at_ - from)};
    ++at_;
  }
  while (at_ != end_ && field_value_characters.has(*at_)) ++at_;
  return {from, static_cast<std::size_t>(at_ - from)};
}

// RFC 9112 section 2.2: a server ignores at least one empty line before the request line.
bool Reader::skip_empty_line() noexcept {
  is_in_start_line_ = true;
  if (at_ == end_) return want_more();
  return *at_ != '\r' || expect(line_end, HeadError::bad_start_line);
}

// RFC 9112 section 2.3. A minor version above 1 is one that we may treat as 1.1 (RFC 9110 section 2.5).
bool Reader::read_version(int& minor_version) noexcept {
  if (!expect(http_name, HeadError::bad_start_line)) return false;
  if (at_ == end_) return want_more();
  const int major = base::hex_value(*at_);
  if (major < 0 || major > 9) return fail(HeadError::bad_start_line);
  ++at_;
  if (!expect(".", HeadError::bad_start_line)) return false;
  if (at_ == end_) return want_more();
  const int minor = base::hex_value(*at_);
  if (minor < 0 || minor > 9) return fail(HeadError::bad_start_line);
  ++at_;
  if (major != 1) return fail(HeadError::bad_version);
  minor_version = minor == 0 ? 0 : 1;
  return true;
}

// request-line = method SP request-target SP HTTP-version, RFC 9112 section 3.
bool Reader::read_request_line(RequestHead& head) noexcept {
  is_in_start_line_ = true;
  head.method_text = take_all(token_characters);
  if (at_ == end_) return want_more();
  if (head.method_text.empty() || *at_ != ' ') return fail(HeadError::bad_method);
  head.method = method_of(head.method_text);
  ++at_;
  head.target = take_all(target_characters);
  if (at_ == end_) return want_more();
  if (head.target.empty()) return fail(HeadError::bad_target);
  // A line that ends after the target is a request of HTTP/0.9.
  if (*at_ != ' ') return fail(*at_ == '\r' ? HeadError::bad_start_line : HeadError::bad_target);
  ++at_;
  if (!read_version(head.minor_version)) return false;
  if (!expect(line_end, HeadError::bad_start_line)) return false;
  is_in_start_line_ = false;
  return true;
}

bool Reader::read_status(int& status) noexcept {
  status = 0;
  for (int digit = 0; digit < 3; ++digit, ++at_) {
    if (at_ == end_) return want_more();
    if (*at_ < '0' || *at_ > '9') return fail(HeadError::bad_start_line);
    status = status * 10 + (*at_ - '0');
  }
  // RFC 9110 section 15: outside 100 to 599 a status code is invalid.
  return (status >= 100 && status <= 599) || fail(HeadError::bad_start_line);
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ], RFC 9112 section 4.
bool Reader::read_status_line(ResponseHead& head) {
  is_in_start_line_ = true;
  if (!read_version(head.minor_version)) return false;
  if (!expect(" ", HeadError::bad_start_line)) return false;
  if (!read_status(head.status)) return false;
  if (!expect(" ", HeadError::bad_start_line)) return false;
  const std::string_view reason = take_value();
  if (!expect(line_end, HeadError::bad_start_line)) return false;
  head.reason.assign(reason);
  is_in_start_line_ = false;
  return true;
}

// field-line = field-name ":" OWS field-value OWS, RFC 9112 section 5. White space at the front (obs-fold)
// and before the colon is no token character, so both end in bad_field_name.
bool Reader::read_field_line(Fields& fields) {
  if (fields.size() == fields_max_) return fail(HeadError::too_many_fields);
  const std::string_view name = take_all(token_characters);
  if (at_ == end_) return want_more();
  if (name.empty() || *at_ != ':') return fail(HeadError::bad_field_name);
  ++at_;
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  std::string_view value = take_value();
  if (!expect(line_end, HeadError::bad_field_value)) return false;
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  fields.add_view(name, value);
  return true;
}

bool Reader::read_field_lines(Fields& fields) {
  for (;;) {
    if (at_ == end_) return want_more();
    if (*at_ == '\r') return expect(line_end, HeadError::bad_field_name);
    if (!read_field_line(fields)) return false;
  }
}

}  // namespace

HeadResult parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  head.method = Method::other;
  head.method_text = {};
  head.target = {};
  head.minor_version = 1;
  head.fields.clear();
  Reader reader(bytes, limits);
  if (reader.skip_empty_line() && reader.read_request_line(head)) reader.read_field_lines(head.fields);
  return reader.result();
}

HeadResult parse_response_head(std::string_view bytes, const HeadLimits& limits, ResponseHead& head) {
  head.status = 0;
  head.reason.clear();
  head.minor_version = 1;
  head.fields.clear();
  Reader reader(bytes, limits);
  if (reader.read_status_line(head)) reader.read_field_lines(head.fields);
  return reader.result();
}

HeadResult parse_field_lines(std::string_view bytes, const HeadLimits& limits, Fields& fields) {
  fields.clear();
  Reader reader(bytes, limits);
  reader.read_field_lines(fields);
  return reader.result();
}

}  // namespace larder::http
