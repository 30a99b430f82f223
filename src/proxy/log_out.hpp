// The end of visitors' sessions, as Larder sees it: private copies (cache/private_copy.hpp) do not outlive
// them.
#pragma once
#include <string>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/http/fields.hpp"
#include "larder/proxy/site.hpp"

namespace larder::proxy {

// Outdates the private copies of the sessions of `request` that `response` ends. To be called before the
// client is handed that head: whoever knows of his log-out meets no copy from before it, and a fetch for the
// session that is under way is sealed. Appends to the purge log only where a copy is stored or under way, so
// that made-up sessions cannot make it grow. `own`: the flight that brought the response, whose landing is
// its own matter.
void note_log_out(Site& site, const config::Config& config, const http::Fields& request,
                  const http::Fields& response, const Flight* own = nullptr);
// The same for all sessions of a request that may have ended them: an unsafe one whose answer never came.
void note_possible_log_out(Site& site, const config::Config& config, const http::Fields& request);

}  // namespace larder::proxy
