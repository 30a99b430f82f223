// Which bytes of a stored representation a request asks for (RFC 9110 section 14).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/http/fields.hpp"

namespace larder::http {

// Of the representation that is held.
struct Validators {
  std::optional<std::string_view> etag;
  std::optional<base::WallTime> last_modified;
  std::optional<base::WallTime> date;
};

// `size` bytes from `first` on; never none.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  bool operator==(const ByteRange&) const = default;
};

// The range-spec of a request for one range of bytes and no other, as it was sent: "0-499", "500-" or "-500".
std::optional<std::string_view> single_range_of(const Fields& request) noexcept;

// Of a 206 with one range (section 14.4): "bytes 0-499/1234".
struct ContentRange {
  ByteRange range;
  std::uint64_t complete = 0;  // length of the whole representation
};
// Nothing where there is no such field or several, where it breaks the grammar or contradicts itself, is of
// another unit, or does not tell the complete length.
std::optional<ContentRange> content_range_of(const Fields& response) noexcept;
// The field's value again.
std::string text_of(const ContentRange& range);

struct Selection {
  enum class Kind : std::uint8_t {
    whole,          // 200: no range, none that we serve, or If-Range names another representation
    parts,          // 206
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  // In the order in which they were asked for, without the unsatisfiable ones; those that overlapped are one
  // (section 15.3.7.2), so that no byte is sent twice.
  std::vector<ByteRange> parts;
};

// So many ranges are looked at: more are answered whole, as section 14.2 allows. Each costs about 100 bytes
// of framing, which a short request could otherwise multiply (section 17.15); viewers of documents ask for
// a dozen.
inline constexpr std::size_t ranges_max = 32;

// What a GET with these fields gets of a representation of `size` bytes. What breaks the grammar is answered
// whole.
Selection select_range(const Fields& request, std::uint64_t size, const Validators& held, base::WallTime now);

}  // namespace larder::http
