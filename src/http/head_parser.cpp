// The strict reader of message heads: one pass over the bytes, stopping at the first that the grammar of
// RFC 9112 does not allow. Every step either advances, or leaves an error (perhaps `incomplete`) behind.
#include <algorithm>
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
constexpr std::string_view usual_method = "GET ";
constexpr std::string_view usual_line_end = "HTTP/1.1\r\n";

// Sixteen bytes at a time: the ones that end a request target, and a field value but for HTAB.
constexpr auto ends_target = [](base::Lanes bytes) { return bytes.outside('!', '~') | bytes.equal('#'); };
constexpr auto ends_value = [](base::Lanes bytes) { return bytes.below(' ') | bytes.equal('\x7f'); };
// One comparison less, and all that most values are made of.
class IsNotPrintable {
 public:
  base::Lanes::Mask operator()(base::Lanes bytes) const noexcept { return bytes.outside(printable_); }

 private:
  base::Lanes::Range printable_{' ', '~'};
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
  [[gnu::always_inline]] bool is_here(std::string_view text) const noexcept {
    return static_cast<std::size_t>(end_ - at_) >= text.size() &&
           std::memcmp(at_, text.data(), text.size()) == 0;
  }
  bool expect(std::string_view text, HeadError error) noexcept;
  bool expect_slowly(std::string_view text, HeadError error) noexcept;
  bool read_method(RequestHead& head) noexcept;
  bool read_version(int& minor_version) noexcept;
  bool read_status(int& status) noexcept;
  std::string_view take_name() noexcept;
  static const char* read_usual_line(const char* at, const char* end, IsNotPrintable is_not_printable,
                                     Fields& fields);
  std::size_t read_usual_lines(Fields& fields, std::size_t lines_max);
  bool read_line(Fields& fields);

  const char* begin_;
  const char* at_;
  const char* end_;
  bool is_at_limit_;
  std::size_t fields_max_;
  bool is_in_start_line_ = false;
  HeadError error_ = HeadError::none;
};

[[gnu::always_inline]] inline bool Reader::expect(std::string_view text, HeadError error) noexcept {
  if (!is_here(text)) return expect_slowly(text, error);
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

bool Reader::read_method(RequestHead& head) noexcept {
  if (is_here(usual_method)) {
    head.method_text = {at_, usual_method.size() - 1};
    head.method = Method::get;
    at_ += usual_method.size();
    return true;
  }
  head.method_text = take_all(token_characters);
  if (at_ == end_) return want_more();
  if (head.method_text.empty() || *at_ != ' ') return fail(HeadError::bad_method);
  head.method = method_of(head.method_text);
  ++at_;
  return true;
}

// request-line = method SP request-target SP HTTP-version, RFC 9112 section 3.
bool Reader::read_request_line(RequestHead& head) noexcept {
  is_in_start_line_ = true;
  if (!read_method(head)) return false;
  head.target = {at_, base::bytes_before(at_, end_, ends_target)};
  at_ += head.target.size();
  if (at_ == end_) return want_more();
  if (head.target.empty()) return fail(HeadError::bad_target);
  // A line that ends after the target is a request of HTTP/0.9.
  if (*at_ != ' ') return fail(*at_ == '\r' ? HeadError::bad_start_line : HeadError::bad_target);
  ++at_;
  if (is_here(usual_line_end)) {
    at_ += usual_line_end.size();
    head.minor_version = 1;
  } else {
    if (!read_version(head.minor_version)) return false;
    if (!expect(line_end, HeadError::bad_start_line)) return false;
  }
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

// On success at_ is at the name's colon.
std::string_view Reader::take_name() noexcept {
  const std::string_view name = take_all(token_characters);
  if (at_ == end_) {
    want_more();
  } else if (name.empty() || *at_ != ':') {
    fail(HeadError::bad_field_name);
  }
  return name;
}

// A line as almost every line is: a known name, which thereby is a token, one space, a value of printable
// ASCII, and all of it here. Returns where the next line begins; null: nothing is read, and nothing said.
[[gnu::always_inline]] inline const char* Reader::read_usual_line(const char* at, const char* end,
                                                                  IsNotPrintable is_not_printable,
                                                                  Fields& fields) {
  const auto name = known_name_at(at, end);
  if (!name) return nullptr;
  const char* const value = at + name->size + 2;
  if (value[-1] != ' ' || static_cast<unsigned char>(value[0]) <= ' ') return nullptr;
  const char* value_end = base::first_stop(value, end, is_not_printable);
  if (value_end > end - line_end.size() || std::memcmp(value_end, line_end.data(), line_end.size()) != 0)
    return nullptr;
  const char* const next = value_end + line_end.size();
  while (value_end[-1] == ' ') --value_end;  // not as far as the value's first byte
  fields.add_known_view({at, name->size}, {value, static_cast<std::size_t>(value_end - value)}, name->id);
  return next;
}

// field-line = field-name ":" OWS field-value OWS, RFC 9112 section 5. White space at the front (obs-fold)
// and before the colon is no token character, so both end in bad_field_name.
bool Reader::read_line(Fields& fields) {
  const std::string_view name = take_name();
  if (error_ != HeadError::none) return false;
  ++at_;
  const std::string_view value = take_value();
  if (!expect(line_end, HeadError::bad_field_value)) return false;
  fields.add_view(name, base::trim(value));
  return true;
}

// Lines that are usual, one after the other, up to the first that is not; how many. The most of what a
// request's bytes cost: nothing else is done here, so that all of it stays in registers.
[[gnu::noinline]] std::size_t Reader::read_usual_lines(Fields& fields, std::size_t lines_max) {
  // Around where a line may begin that read_usual_line() looks at.
  constexpr std::ptrdiff_t before = 2 * line_end.size();
  constexpr std::ptrdiff_t behind = base::Lanes::count + 2;
  if (at_ - begin_ < before || end_ - at_ < behind) return 0;
  const char* const end = end_;
  const char* const begin_max = end - behind;
  const IsNotPrintable is_not_printable;
  const char* at = at_;
  std::size_t left = lines_max;
  for (; left != 0 && at <= begin_max; --left) {
    const char* const next = read_usual_line(at, end, is_not_printable, fields);
    if (next == nullptr) break;
    at = next;
  }
  at_ = at;
  return lines_max - left;
}

bool Reader::read_field_lines(Fields& fields) {
  for (std::size_t left = fields_max_;; --left) {
    left -= read_usual_lines(fields, left);
    if (at_ == end_) return want_more();
    if (*at_ == '\r') return expect(line_end, HeadError::bad_field_name);
    if (left == 0) return fail(HeadError::too_many_fields);
    if (!read_line(fields)) return false;
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
