// Which bytes of a stored representation a request asks for (RFC 9110 section 14).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/http/fields.hpp"

namespace larder::http {

// Of the representation that is held.
struct Validators {
  std::optional<std::string_view> etag;
  std::optional<base::WallTime> last_modified;
  std::optional<base::WallTime> date;
};

struct Selection {
  enum class Kind : std::uint8_t {
    whole,          // 200: no range, none that we serve, or If-Range names another representation
    part,           // 206: `size` bytes from `first` on; never none
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

// What a GET with these fields gets of a representation of `size` bytes. One range of bytes is served;
// several are answered whole, and so is what breaks the grammar, as section 14.2 allows.
Selection select_range(const Fields& request, std::uint64_t size, const Validators& held,
                       base::WallTime now) noexcept;

}  // namespace larder::http
