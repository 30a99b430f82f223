// What the commands are made of.
#pragma once
#include <optional>
#include <string>

#include "larder/config/config.hpp"

namespace larder::app {

// A file's bytes; nothing when it cannot be read.
std::optional<std::string> read_file(const std::string& path);
// Loads a configuration; every error goes to stderr, and then there is none.
config::ConfigPtr load_config(const std::string& file);
// Runs the sidecar until a signal ends it; returns the exit code.
//   SIGTERM, SIGINT: drain and exit; a second one exits at once.   SIGHUP: reload.   SIGUSR1: reopen the
//   logs.
int serve(const std::string& file);
// The JSON of /api/stats as text for a person, to stdout.
void print_stats(const std::string& json);

}  // namespace larder::app
