// Text as a YAML scalar that reads back as itself, and lists of it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace larder::config {

// Quoted, unless it is a plain word that no reader of YAML takes for something else.
std::string yaml_text(std::string_view text);
// The same for a key, in which nothing is substituted.
std::string yaml_key(std::string_view text);
// "[a, \"b c\"]".
std::string yaml_list(const std::vector<std::string>& texts);

}  // namespace larder::config
