// Message heads and their one strict grammar (RFC 9112 sections 2 to 5), without any leniency: no bare LF or
// CR, no obs-fold, no space before a colon, no control characters, exactly one space between the parts of a
// start line. What is ambiguous is refused, since two readers of it could disagree (request smuggling).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "larder/http/fields.hpp"

namespace larder::http {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  trace,
  connect,
  purge,
  other
};

Method method_of(std::string_view token) noexcept;  // methods are case-sensitive
bool is_safe(Method method) noexcept;               // RFC 9110 section 9.2.1
bool is_idempotent(Method method) noexcept;         // RFC 9110 section 9.2.2

struct RequestHead {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;  // as received
  int minor_version = 1;    // HTTP/1.x
  Fields fields;
};

struct ResponseHead {
  int status = 0;  // 100 to 599 as received; 600 to 999 are refused
  std::string reason;
  int minor_version = 1;
  Fields fields;
};

struct HeadLimits {
  std::size_t size_max = std::size_t{32} * 1024;  // bytes of the whole head, limits.header_size
  std::size_t fields_max = 100;                   // limits.headers
};

enum class HeadError : std::uint8_t {
  none,
  incomplete,  // not an error yet: more bytes are needed
  too_large,   // 431 for fields, 414 when the start line alone is over the limit
  target_too_long,
  too_many_fields,  // 431
  bad_start_line,   // 400
  bad_method,       // 400: not a token
  bad_target,       // 400: control characters, spaces, '#', non-ASCII bytes
  bad_version,      // 505: a major version other than 1; a malformed one is a bad_start_line
  bad_field_name,   // 400: not a token, or space before the colon, or a line that starts with white space
                    // (obs-fold)
  bad_field_value,  // 400: a control character, bare CR or LF
};

struct HeadResult {
  HeadError error = HeadError::incomplete;
  std::size_t size = 0;  // bytes consumed, start line to the empty line included, when error is none
};

// Reads one request head from the front of `bytes`. On success `head` views `bytes`. An empty line before the
// request line is skipped once (RFC 9112 section 2.2). Never reads past the head. `head` is cleared first.
// Incomplete input is scanned again from its start: callers bound it by size_max.
HeadResult parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head);
// The same for a status line and fields; the fields view `bytes`.
HeadResult parse_response_head(std::string_view bytes, const HeadLimits& limits, ResponseHead& head);
// Field lines and the empty line that ends them: a trailer section.
HeadResult parse_field_lines(std::string_view bytes, const HeadLimits& limits, Fields& fields);

// The status code to answer a request head of this error with: 400, 414, 431 or 505.
int status_of(HeadError error) noexcept;
// A few words for logs ("bad field name").
std::string_view text_of(HeadError error) noexcept;
// The standard reason phrase; "Unknown" when there is none.
std::string_view reason_phrase(int status) noexcept;

}  // namespace larder::http
