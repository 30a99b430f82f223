// How long a message's body is (RFC 9112 section 6), and the chunked coding (section 7) as a machine that is
// fed bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "larder/http/message.hpp"

namespace larder::http {

enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

enum class FramingError : std::uint8_t {
  none,
  both_lengths,             // Transfer-Encoding and Content-Length: refused, never repaired
  bad_content_length,       // not one decimal number, or several that differ, or 2^63 and more
  chunked_not_last,         // nobody knows where such a request ends: 400
  unknown_transfer_coding,  // more than exactly "chunked": 501 for a request
  transfer_coding_in_1_0,   // RFC 9112 section 6.1
  missing_host,             // HTTP/1.1 without Host: 400
  several_hosts,
};

struct Framing {
  BodyKind kind = BodyKind::none;
  std::uint64_t length = 0;  // for BodyKind::length
  FramingError error = FramingError::none;
  // False for "Content-Length: 0" too.
  bool has_body() const noexcept {
    return kind != BodyKind::none && !(kind == BodyKind::length && length == 0);
  }
};

// A Content-Length that is a list ("5, 5") is read as its one number: who forwards the head writes `length`
// in its place. Also checks Host, since a request without one cannot be framed into a target (RFC 9112
// section 3.2).
Framing request_framing(const RequestHead& head) noexcept;
// `request` is the method the response answers: HEAD, and a 2xx to CONNECT, have no body; nor have 1xx, 204
// and 304.
Framing response_framing(const ResponseHead& head, Method request) noexcept;
int status_of(FramingError error) noexcept;  // 400 or 501
std::string_view text_of(FramingError error) noexcept;

// Decodes chunked bytes. Feed it what was read; it hands back pieces of data that view the input.
//   size line -> data -> CRLF -> size line ... -> last chunk -> trailer lines -> done
// Strict: hexadecimal size of at most 15 digits, CRLF only, extensions skipped but bounded and free of
// control characters, trailer section bounded by `limits`.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(HeadLimits limits = {}) : limits_(limits) {}

  enum class State : std::uint8_t { more, done, error };
  struct Step {
    std::string_view data;     // may be empty
    std::size_t consumed = 0;  // of the input; the rest must be fed again
  };
  // Returns after the first piece of data, or when the input is used up, or at the end or an error.
  Step feed(std::string_view input);

  State state() const noexcept { return state_; }
  // Valid once done. Owned.
  Fields& trailers() noexcept { return trailers_; }

 private:
  enum class Phase : std::uint8_t {
    size,
    before_extension,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer
  };
  Step fail(std::size_t consumed) noexcept;
  bool end_size(char c) noexcept;
  bool step(char c) noexcept;
  std::size_t take_trailer(std::string_view input);
  void finish();

  HeadLimits limits_;
  State state_ = State::more;
  Phase phase_ = Phase::size;
  std::uint64_t remaining_ = 0;
  unsigned digits_ = 0;
  std::size_t extension_size_ = 0;
  std::string trailer_text_;
  Fields trailers_;
};

// Writes the size line of a chunk of `size` bytes ("1f4\r\n") to `out`, which has room for 18; returns its
// length.
std::size_t write_chunk_size(std::uint64_t size, char* out) noexcept;

// Removes what concerns one connection only (RFC 9110 section 7.6.1): Connection and every field it names,
// Keep-Alive, Proxy-Connection, TE, Transfer-Encoding, Upgrade, and Proxy-Authenticate/-Authorization's kin.
// Never removed, even when Connection names them: the fields that decide where a message goes and ends, whose
// it is, and who may have it, such as Host, Content-Length, Cookie and Cache-Control. Call it before adding
// fields of our own.
void remove_hop_by_hop(Fields& fields);
// The same; but a 426 keeps its Upgrade, which says what is required (RFC 9110 section 15.5.22).
void remove_hop_by_hop(ResponseHead& head);
// What almost every client says in Connection, if it says anything.
bool says_keep_alive_alone(const Fields& request) noexcept;
// True when Connection names a field of the request that is not known to concern one connection only: the
// upstream would not see what a key, by Vary, may have been made of.
bool removes_other_fields(const Fields& request) noexcept;

}  // namespace larder::http
