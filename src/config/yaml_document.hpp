// YAML text to its tree. Stricter than yaml-cpp, which reads on where a configuration should not be believed.
#pragma once
#include <optional>
#include <string_view>

#include "yaml_reader.hpp"

namespace larder::config {

// The root of the one document, a map; nothing, with an error noted, when there is none.
std::optional<Value> read_document(std::string_view yaml, Reader& reader);

}  // namespace larder::config
