// A response directive, whatever field it came from, and what it does to the parsed values.
#pragma once
#include <string>

#include "larder/http/cache_control.hpp"

namespace larder::http {

struct Directive {
  std::string name;  // lower case
  bool has_argument = false;
  bool has_space_at_equals = false;  // "max-age =5": outside the grammar
  std::string argument;              // of a quoted string the content
};

// Unknown directives are ignored (RFC 9111 section 5.2.3).
void apply(const Directive& directive, ResponseCacheControl& control);
// Only if it restricts a cache; it does so even with an argument that it should not have. False when it does
// not.
bool apply_restriction(const Directive& directive, ResponseCacheControl& control);

}  // namespace larder::http
