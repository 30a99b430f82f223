// The configuration that every case is told with: `listen`, `upstream`, and nothing else.
#pragma once
#include <string>

#include "larder/config/config.hpp"

namespace conformance {

// `upstream` is a URL.
std::string text_of_smallest_config(const std::string& upstream);
larder::config::ConfigPtr smallest_config(const std::string& upstream);
// The same, saying nothing about what it does.
larder::config::ConfigPtr smallest_config_without_log(const std::string& upstream);

}  // namespace conformance
