#include "conformance/smallest_config.hpp"

#include <stdexcept>

#include "larder/config/load.hpp"

namespace conformance {

using namespace larder;

std::string text_of_smallest_config(const std::string& upstream) {
  return "listen: \"127.0.0.1:8080\"\nupstream: \"" + upstream + "\"\n";
}

config::ConfigPtr smallest_config(const std::string& upstream) {
  const config::Surroundings surroundings{[](std::string_view) { return std::nullopt; },
                                          [](const std::string&) { return std::nullopt; }};
  auto loaded = config::load(text_of_smallest_config(upstream), "smallest.yaml", surroundings);
  if (auto* config = std::get_if<config::ConfigPtr>(&loaded)) return std::move(*config);
  std::string problems;
  for (const auto& error : std::get<1>(loaded)) problems += config::text_of(error) + "\n";
  throw std::runtime_error(problems);
}

config::ConfigPtr smallest_config_without_log(const std::string& upstream) {
  auto quiet = std::make_shared<config::Config>(*smallest_config(upstream));
  quiet->log.level = "off";
  quiet->log.access = config::AccessLog::off;
  return quiet;
}

}  // namespace conformance
