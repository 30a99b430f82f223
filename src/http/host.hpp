// The host[:port] of a target.
#pragma once
#include <string>
#include <string_view>

namespace larder::http {

// Overwrites `out` with the normal form of `text`; false when that is no host[:port]. `scheme` is in lower
// case.
bool write_host(std::string_view text, std::string_view scheme, std::string& out);

}  // namespace larder::http
