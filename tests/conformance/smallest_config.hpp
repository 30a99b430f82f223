// The configuration that every case is told with: `listen`, `upstream`, and nothing else.
#pragma once
#include <string>

#include "larder/config/config.hpp"

namespace conformance {

// `upstream` is host:port.
larder::config::ConfigPtr smallest_config(const std::string& upstream);

}  // namespace conformance
