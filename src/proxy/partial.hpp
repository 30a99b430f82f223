// A 206 out of a stored 200 (RFC 9110 section 15.3.7): one range, or several as multipart/byteranges.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "larder/cache/stored_response.hpp"
#include "larder/http/range.hpp"

namespace larder::proxy {

struct Partial {
  std::string head;  // start line and field lines
  struct Part {
    std::string before;  // what goes before the bytes; empty for a single range
    http::ByteRange range;
  };
  std::vector<Part> parts;
  std::string end;         // what goes after the last
  std::uint64_t size = 0;  // of the whole content
};

// `ranges` of a body of `total` bytes. `boundary` separates several and is not used for one. A request with
// If-Range gets the fields that section 15.3.7 requires and no others of the representation: it has them.
Partial make_partial(const cache::HeadView& stored, const std::vector<http::ByteRange>& ranges,
                     std::uint64_t total, bool has_if_range, std::string_view boundary);

// 128 bits that nobody could know before: no body holds them, whoever wrote it (RFC 2046 section 5.1.1), and
// it need not be searched. Any thread.
std::string new_boundary();

}  // namespace larder::proxy
