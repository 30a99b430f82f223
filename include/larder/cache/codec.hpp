// A stored response as bytes, for a store outside this process, and back. Pure; any thread.
//
// The form: "LRD", a version, a checksum (XXH3 of all that follows), then the parts in a fixed order:
// integers little-endian of fixed width, texts with their length before them. Times are wall-clock times,
// since another process has another monotonic clock. A reader takes its own version and no other.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::cache {

inline constexpr char codec_version = 2;

// `response` has landed whole: its body is complete and was never windowed. `now` ties its monotonic times to
// the wall clock.
std::string encode(const StoredResponse& response, base::Now now);

// Nothing for what encode() of this version did not write: cut short, changed, of another version, or
// foreign. Never reads outside `bytes` nor allocates more than they hold. What purges have said of it since
// comes from the reader's own log: `checked_at` starts at zero.
std::optional<ResponseDraft> decode(std::string_view bytes, base::Now now);

}  // namespace larder::cache
