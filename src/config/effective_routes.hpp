// The rules of the site and of its routes, as effective_yaml() prints them.
#pragma once
#include <string>

#include "larder/config/config.hpp"

namespace larder::config {

// cookies, query, forward_ignored, refuse: each list item of the profile with its reason.
void append_site_rules(const Config& config, std::string& out);
// Of each route what differs from the site's rules.
void append_routes(const Config& config, std::string& out);

}  // namespace larder::config
