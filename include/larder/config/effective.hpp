// The configuration in force, as `larder config` prints it.
#pragma once
#include <string>

#include "larder/config/config.hpp"

namespace larder::config {

// The whole configuration as YAML: defaults filled in, the profile's rules written out with their reasons
// beside them, secrets masked. It loads again and then means the same, but for the secrets.
std::string effective_yaml(const Config& config);

// The part of it that decides what is stored, under which key and tags: hosts, cookies, query, routes. Equal
// texts, equal rules.
std::string rules_of(const Config& config);

}  // namespace larder::config
