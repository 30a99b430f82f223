// The path of a target.
#pragma once
#include <string>
#include <string_view>

namespace larder::http {

// Overwrites `out` with the normal form of `path`; false when an escape is malformed.
bool write_path(std::string_view path, std::string& out);
// True when a path in normal form holds a segment that some reader takes for "." or "..".
bool has_dot_segment(std::string_view path) noexcept;

}  // namespace larder::http
