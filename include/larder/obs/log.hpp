// The process's log: few lines, for people and machines, through spdlog's default logger.
//
// Lines cannot be forged: control characters in a message are escaped in both formats. A slow reader of
// stdout never holds a thread up: the line is dropped and counted. Any thread, once set_up_log has returned.
#pragma once
#include <cstdint>
#include <string_view>

#include "larder/cache/reason.hpp"
#include "larder/config/config.hpp"

namespace larder::obs {

// Level, format and output. Throws std::runtime_error when the output cannot be opened: the log stays as it
// was.
void set_up_log(const config::Log& log);
// Opens a file again (SIGUSR1).
void reopen_log();
// Lines of this log and the access log that could not be written.
std::uint64_t log_lines_lost() noexcept;
void count_lines_lost(std::uint64_t count) noexcept;

void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);
// A warning "message: reason", once a second for each reason at most: a failing upstream must not fill the
// disk. The next line says how many were left out; the counters miss none.
void log_failure(cache::Reason reason, std::string_view message);

}  // namespace larder::obs
