// The strict reader of message heads: one pass over the bytes, stopping at the first that the grammar of
// RFC 9112 does not allow. Every step either advances, or leaves an error (perhaps `incomplete`) behind.
#include <algorithm>
#include <bit>
#include <cstring>

#include "characters.hpp"
#include "field_names.hpp"
#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"
#include "larder/http/message.hpp"

namespace larder::http {
namespace {

constexpr std::string_view http_name = "HTTP/";  // case-sensitive, RFC 9112 section 2.3
constexpr std::string_view line_end = "\r\n";

// Sixteen bytes at a time: the ones that end a request target, and a field value but for HTAB.
constexpr auto ends_target = [](base::Lanes bytes) {
  return bytes.below('!') | bytes.above('~') | bytes.equal('#');
};
constexpr auto ends_value = [](base::Lanes bytes) { return bytes.below(' ') | bytes.equal('\x7f'); };

// Where colons and the ends of values are, found for sixty-four bytes at a time: a head's field lines are
// short, and looking for each end anew costs more than the bytes do. Asked from front to back.
class FieldScan {
 public:
  explicit FieldScan(const char* end) noexcept : end_(end), block_(end) {}

  // From `from` on, which is before the end: the next colon, the next control character (HTAB too) or DEL;
  // the end where there is none.
  const char* colon(const char* from) noexcept {
    return next(from, [this] { return colons_; });
  }
  const char* value_end(const char* from) noexcept {
    return next(from, [this] { return ends_; });
  }

 private:
  static constexpr std::size_t block_size = 64;

  template <typename Bits>
  [[gnu::always_inline]] const char* next(const char* from, Bits bits) noexcept {
    while (from < end_) {
      if (static_cast<std::size_t>(from - block_) >= size_) load(from);
      const std::uint64_t rest = bits() >> static_cast<unsigned>(from - block_);
      if (rest != 0) return from + std::countr_zero(rest);
      from = block_ + size_;
    }
    return end_;
  }
  [[gnu::noinline]] void load(const char* from) noexcept {
    block_ = from;
    size_ = std::min<std::size_t>(static_cast<std::size_t>(end_ - from), block_size);
    char padded[block_size];
    if (size_ < block_size) {
      std::memset(padded, 'x', block_size);
      std::memcpy(padded, from, size_);
      from = padded;
    }
    colons_ = ends_ = 0;
    for (std::size_t at = 0; at < block_size; at += base::Lanes::count) {
      const base::Lanes bytes(from + at);
      colons_ |= std::uint64_t{bytes.equal(':').bits()} << at;
      ends_ |= std::uint64_t{ends_value(bytes).bits()} << at;
    }
  }

  const char* end_;
  const char* block_;
  std::size_t size_ = 0;
  std::uint64_t colons_ = 0;
  std::uint64_t ends_ = 0;
};

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
  bool expect_slowly(std::string_view text, HeadError error) noexcept;
  bool read_version(int& minor_version) noexcept;
  bool read_status(int& status) noexcept;
  std::string_view take_other_name() noexcept;

  const char* begin_;
  const char* at_;
  const char* end_;
  bool is_at_limit_;
  std::size_t fields_max_;
  bool is_in_start_line_ = false;
  HeadError error_ = HeadError::none;
};

[[gnu::always_inline]] inline bool Reader::expect(std::string_view text, HeadError error) noexcept {
  const bool is_there =
      static_cast<std::size_t>(end_ - at_) >= text.size() && std::memcmp(at_, text.data(), text.size()) == 0;
  if (!is_there) return expect_slowly(text, error);
  at_ += text.size();
  return true;
}

bool Reader::expect_slowly(std::string_view text, HeadError error) noexcept {
  for (const char wanted : text) {
    if (at_ == end_) return want_more();
    if (*at_ != wanted) return fail(error);
    ++at_;
  }
  return true;
}

// Reason phrases: SP, HTAB, VCHAR and obs-text, as in field values.
std::string_view Reader::take_value() noexcept {
  const char* const from = at_;
  at_ += base::bytes_before(at_, end_, ends_value);
  while (at_ != end_ && *at_ == '\t') {
    ++at_;
    at_ += base::bytes_before(at_, end_, ends_value);
  }
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
  head.target = {at_, base::bytes_before(at_, end_, ends_target)};
  at_ += head.target.size();
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

// A name without a number, whose bytes have to be looked at. On success at_ is at its colon.
std::string_view Reader::take_other_name() noexcept {
  const std::string_view name = take_all(token_characters);
  if (at_ == end_) {
    want_more();
  } else if (name.empty() || *at_ != ':') {
    fail(HeadError::bad_field_name);
  }
  return name;
}

// field-line = field-name ":" OWS field-value OWS, RFC 9112 section 5. White space at the front (obs-fold)
// and before the colon is no token character, so both end in bad_field_name. A name that has a number is a
// token.
//
// The place is kept beside at_, in a register: this loop is the most of what a request's bytes cost.
bool Reader::read_field_lines(Fields& fields) {
  FieldScan scan(end_);
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  for (const char* at = at_;; at_ = at) {
    if (at == end_) return want_more();
    if (*at == '\r') return expect(line_end, HeadError::bad_field_name);
    if (fields.size() == fields_max_) return fail(HeadError::too_many_fields);
    const char* colon = scan.colon(at);
    std::string_view name(at, static_cast<std::size_t>(colon - at));
    const FieldId id = colon != end_ ? find_field_id(name) : FieldId::other;
    if (id == FieldId::other) {
      name = take_other_name();
      if (error_ != HeadError::none) return false;
      colon = at_;
    }
    const char* value = colon + 1;
    while (value != end_ && is_space(*value)) ++value;
    const char* end = scan.value_end(value);
    while (end != end_ && *end == '\t') end = scan.value_end(end + 1);
    at_ = end;
    if (!expect(line_end, HeadError::bad_field_value)) return false;
    at = end + line_end.size();
    while (end != value && is_space(end[-1])) --end;
    fields.add_view(name, {value, static_cast<std::size_t>(end - value)}, id);
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
