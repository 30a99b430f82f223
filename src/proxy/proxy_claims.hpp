// Request fields by which proxies tell the server behind them who asked for what, and how. Frameworks obey
// many of them, no key knows any: from a stranger they would change the page for everybody who asks after
// him (Kettle, "Practical Web Cache Poisoning", 2018).
#pragma once
#include <string_view>

#include "larder/http/fields.hpp"

namespace larder::proxy {

// Leaves out the claims of a peer that is not trusted; a trusted one's stay, but on a fetch that may be
// stored (`is_shared`) not those that name another host or another target. That fetch carries no field with
// '_' in its name either: a CGI-like server takes "Accept_Language" for Accept-Language, which the key by
// Vary does not. "Proxy" goes in any case.
void remove_claims(http::Fields& fields, bool is_trusted, bool is_shared);

}  // namespace larder::proxy
