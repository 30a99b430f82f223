#include "support/scenario/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "support/scenario/waiting.hpp"

namespace scenario {
namespace {

// A descriptor that ends with its owner.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }

 private:
  int value_;
};

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

int checked(int result, const char* what) {
  if (result < 0) throw Failure(what);
  return result;
}

Pair pipe_to_read() {
  std::array<int, 2> ends{};
  checked(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Pair terminal() {
  Descriptor ours(checked(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt"));
  checked(::grantpt(ours.get()), "grantpt");
  checked(::unlockpt(ours.get()), "unlockpt");
  std::array<char, 64> name{};
  if (::ptsname_r(ours.get(), name.data(), name.size()) != 0) throw Failure("ptsname_r");
  Descriptor theirs(checked(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC), "open a terminal"));
  return {std::move(ours), std::move(theirs)};
}

std::vector<char*> pointers_of(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(const Invocation& invocation, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  const std::vector<char*> arguments = pointers_of(invocation.arguments);
  const std::vector<char*> environment = pointers_of(invocation.environment);
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, arguments.front(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure("cannot run " + invocation.arguments.front());
  return process;
}

// Until both have ended: a pipe by its end, a terminal by an error. False past the deadline.
bool read_both(int out, int err, Ended& ended) {
  const SteadyTime deadline = deadline_from_now();
  std::array<pollfd, 2> open{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (::poll(open.data(), open.size(), milliseconds_left(deadline)) <= 0) return false;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 4096> bytes{};
      const ssize_t size = ::read(open[i].fd, bytes.data(), bytes.size());
      if (size <= 0) {
        open[i].fd = -1;
      } else {
        (i == 0 ? ended.out : ended.err).append(bytes.data(), static_cast<std::size_t>(size));
      }
    }
  }
  return true;
}

}  // namespace

Ended run(const Invocation& invocation) {
  Pair in = pipe_to_read();
  Pair out = pipe_to_read();
  Pair err = invocation.is_terminal ? terminal() : pipe_to_read();
  const pid_t process = spawn(invocation, in.ours.get(), out.theirs.get(), err.theirs.get());
  for (Pair* const pair : {&out, &err}) pair->theirs = Descriptor();
  const auto written = ::write(in.theirs.get(), invocation.input.data(), invocation.input.size());
  for (Descriptor* const end : {&in.ours, &in.theirs}) *end = Descriptor();
  Ended ended;
  const bool is_over = read_both(out.ours.get(), err.ours.get(), ended);
  if (!is_over) ::kill(process, SIGKILL);
  int status = 0;
  ::waitpid(process, &status, 0);
  if (!is_over) throw Failure("waited for a command to end");
  if (written != static_cast<ssize_t>(invocation.input.size())) throw Failure("a command's input");
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

}  // namespace scenario
