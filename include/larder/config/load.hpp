// YAML text to a Config, or every error in it. Pure: the file's text and the environment come in as values.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/config/config.hpp"

namespace larder::config {

struct ConfigError {
  std::string file;
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // from 1
  std::string message;     // what is wrong, what was expected, and the nearest key for a misspelt one
};
// "larder.yaml:3:5: unknown key 'upstrem'; did you mean 'upstream'?"
std::string text_of(const ConfigError& error);

struct Surroundings {
  std::function<std::optional<std::string>(std::string_view name)> environment;  // ${NAME}
  std::function<std::optional<std::string>(const std::string& path)> read_file;  // `..._file` secrets
};

// All errors, in the file's order; none is ever dropped for another.
std::variant<ConfigPtr, std::vector<ConfigError>> load(std::string_view yaml, std::string file,
                                                       const Surroundings& surroundings);

// "500ms" "30s" "5m" "24h" "7d" "1y"; nothing when malformed or past 100 years.
std::optional<base::Duration> parse_duration(std::string_view text);
// "64KiB" "8MiB" "2GiB" "512B" "100"; nothing when malformed or past 2^62.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace larder::config
