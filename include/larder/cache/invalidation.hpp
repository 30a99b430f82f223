// What a response to an unsafe request outdates (RFC 9111 section 4.4, RFC 9875 section 3). Pure.
#pragma once
#include <string>
#include <vector>

#include "larder/cache/selector.hpp"
#include "larder/http/message.hpp"
#include "larder/http/target.hpp"

namespace larder::cache {

// True for a response that is no error (2xx, 3xx) to a request whose method is not known to be safe.
bool invalidates(http::Method method, int status) noexcept;

// The paths that such a response outdates on its request's own origin: the target's, and those that Location
// and Content-Location name there. Each once, as keys have them.
std::vector<std::string> invalidated_paths(const http::Target& target, const http::Fields& response);

}  // namespace larder::cache
