// Accept-Encoding in a normal form: two fields that mean the same are written the same (RFC 9111 section 4.1,
// "normalizing both header field values in a way that is known to have identical semantics").
#pragma once
#include <string>

#include "larder/http/fields.hpp"

namespace larder::cache {

// Appends the normal form of all its lines. Each step and what allows it, RFC 9110:
//   lines are one list, empty members and white space mean nothing   sections 5.3, 5.6.1, 5.6.3
//   codings and the letter q have no case                            sections 8.4.1, 12.4.2
//   x-gzip is gzip, x-compress is compress                           sections 8.4.1.1, 8.4.1.3
//   a weight of 1 is none, and zeros at a fraction's end are nothing section 12.4.2
//   the order of members means nothing, weights do                   section 12.5.3
//   a member that is repeated with the same weight is there once     section 12.5.3
// False, and nothing appended, for what is not of that grammar, names a coding twice with different weights,
// or has too many members: what that means nobody can say. Allocates only what `out` needs, and what a thread
// remembers: the meaning of sixteen values of up to 128 bytes.
bool append_normal_accept_encoding(const http::Fields& request, std::string& out);

}  // namespace larder::cache
