// Loads YAML text with a given environment and given files.
#pragma once
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/config/load.hpp"

namespace larder::config::test {

using Texts = std::map<std::string, std::string, std::less<>>;
using Loaded = std::variant<ConfigPtr, std::vector<ConfigError>>;

inline std::optional<std::string> found(const Texts& texts, std::string_view name) {
  const auto text = texts.find(name);
  return text == texts.end() ? std::nullopt : std::optional(text->second);
}

inline Loaded load_text(std::string_view yaml, const Texts& environment = {}, const Texts& files = {}) {
  Surroundings surroundings;
  surroundings.environment = [&](std::string_view name) { return found(environment, name); };
  surroundings.read_file = [&](const std::string& path) { return found(files, path); };
  return load(yaml, "larder.yaml", surroundings);
}

// "3:5: message", one for each error.
inline std::vector<std::string> errors_of(const Loaded& loaded) {
  std::vector<std::string> lines;
  const auto* errors = std::get_if<std::vector<ConfigError>>(&loaded);
  if (!errors) return lines;
  for (const ConfigError& error : *errors) {
    lines.push_back(std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message);
  }
  return lines;
}

inline const Config& config_of(const Loaded& loaded) {
  return *std::get<ConfigPtr>(loaded);
}

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace larder::config::test
