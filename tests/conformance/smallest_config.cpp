#include "conformance/smallest_config.hpp"

#include <stdexcept>

#include "larder/config/load.hpp"

namespace conformance {

using namespace larder;

config::ConfigPtr smallest_config(const std::string& upstream) {
  const std::string yaml = "listen: \"127.0.0.1:8080\"\nupstream: \"http://" + upstream + "\"\n";
  const config::Surroundings surroundings{[](std::string_view) { return std::nullopt; },
                                          [](const std::string&) { return std::nullopt; }};
  auto loaded = config::load(yaml, "smallest.yaml", surroundings);
  if (auto* config = std::get_if<config::ConfigPtr>(&loaded)) return std::move(*config);
  std::string problems;
  for (const auto& error : std::get<1>(loaded)) problems += config::text_of(error) + "\n";
  throw std::runtime_error(problems);
}

}  // namespace conformance
