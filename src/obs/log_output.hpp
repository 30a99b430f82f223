// Where log lines go: stdout, stderr or a file. Never throws once open, never waits longer than it is told
// to: what cannot be written (a full disk, a closed pipe, a reader that does not read) is lost, and the
// caller learns how much.
//
// One thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "larder/base/time.hpp"

namespace larder::obs {

class LogOutput {
 public:
  // "stdout", "stderr" or a path. Throws std::runtime_error with the path and the reason.
  explicit LogOutput(std::string name);
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  // Writes whole lines, waiting for a slow reader `patience` at most; returns how many lines were lost. The
  // first line after a torn one begins on a line of its own.
  std::uint64_t write(std::string_view lines, base::Duration patience) noexcept;
  // Opens the path again, for log rotation. When that fails, writing goes on where it was: returns false.
  bool reopen() noexcept;

 private:
  bool wait_until_writable(base::Duration patience) const noexcept;
  bool write_chunk(std::string_view& lines) noexcept;
  void adopt(int descriptor) noexcept;

  std::string name_;
  int descriptor_ = -1;
  bool is_file_ = false;     // a path, opened and closed by this object
  bool is_regular_ = false;  // writes to it never wait for a reader
  bool is_torn_ = false;     // the last byte written ended no line
};

}  // namespace larder::obs
