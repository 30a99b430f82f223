// The command line: larder serve | check | config | purge | warm | stats | version.
#pragma once

namespace larder::app {

// sysexits.h's EX_CONFIG, and the usual ones.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_bad_config = 78;

// Runs one command to its end and returns the process's exit code. Throws nothing.
int run_command_line(int argc, char** argv);

}  // namespace larder::app
