#include "obs/log_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <stdexcept>
#include <system_error>

namespace larder::obs {
namespace {

// O_NONBLOCK: opening a FIFO that nobody reads must fail, not wait.
int open_for_append(const std::string& path) noexcept {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
}

// A pipe that poll() finds writable has room for PIPE_BUF bytes, and takes that many in one piece (pipe(7)):
// as many whole lines as fit.
std::string_view first_chunk(std::string_view lines) noexcept {
  if (lines.size() <= PIPE_BUF) return lines;
  const std::size_t end = lines.substr(0, PIPE_BUF).rfind('\n');
  return lines.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

}  // namespace

LogOutput::LogOutput(std::string name) : name_(std::move(name)) {
  if (name_ == "stdout") {
    adopt(STDOUT_FILENO);
  } else if (name_ == "stderr") {
    adopt(STDERR_FILENO);
  } else {
    const int descriptor = open_for_append(name_);
    if (descriptor < 0) {
      throw std::runtime_error("cannot open the log " + name_ + ": " +
                               std::generic_category().message(errno));
    }
    is_file_ = true;
    adopt(descriptor);
  }
}

LogOutput::~LogOutput() {
  if (is_file_) ::close(descriptor_);
}

void LogOutput::adopt(int descriptor) noexcept {
  descriptor_ = descriptor;
  struct stat status {};
  is_regular_ = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

bool LogOutput::reopen() noexcept {
  if (!is_file_) return true;
  const int descriptor = open_for_append(name_);
  if (descriptor < 0) return false;
  ::close(descriptor_);
  adopt(descriptor);
  is_torn_ = false;
  return true;
}

bool LogOutput::wait_until_writable(base::Duration patience) const noexcept {
  pollfd waiting{descriptor_, POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<base::Duration::rep>(patience.count(), 0)));
  return ready > 0 || (ready < 0 && errno == EINTR);
}

bool LogOutput::write_chunk(std::string_view& lines) noexcept {
  const std::string_view chunk = is_regular_ ? lines : first_chunk(lines);
  const ssize_t written = ::write(descriptor_, chunk.data(), chunk.size());
  if (written < 0) return errno == EINTR || errno == EAGAIN;
  if (written == 0) return false;
  lines.remove_prefix(static_cast<std::size_t>(written));
  is_torn_ = chunk[static_cast<std::size_t>(written) - 1] != '\n';
  return true;
}

std::uint64_t LogOutput::write(std::string_view lines, base::Duration patience) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto is_done = [&](std::string_view& rest) {
    while (!rest.empty()) {
      const auto left = std::chrono::ceil<base::Duration>(deadline - std::chrono::steady_clock::now());
      if (!is_regular_ && !wait_until_writable(left)) return false;
      if (!write_chunk(rest)) return false;
    }
    return true;
  };
  std::string_view line_end = is_torn_ ? "\n" : "";
  if (is_done(line_end) && is_done(lines)) return 0;
  return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

}  // namespace larder::obs
