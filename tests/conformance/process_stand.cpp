#include "conformance/process_stand.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <vector>

#include "conformance/smallest_config.hpp"
#include "support/scenario/waiting.hpp"

extern char** environ;

namespace conformance {
namespace {

using scenario::Failure;

constexpr int control_descriptor = 3;  // in the server

std::string write_file(const std::string& text) {
  std::array<char, 32> path{"/tmp/larder-smallest-XXXXXX"};
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) throw Failure("no file for the configuration");
  ::close(descriptor);
  std::ofstream(path.data()) << text;
  return path.data();
}

// Its access log, which the smallest configuration writes to stdout, is not this test's matter.
pid_t start(const std::string& file, int control) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, control, control_descriptor);
  std::string program = LARDER_WITH_CLOCK;
  std::string argument = file;
  std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
  std::string variable = "LARDER_CLOCK_CONTROL=" + std::to_string(control_descriptor);
  std::vector<char*> variables{variable.data()};
  for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
  variables.push_back(nullptr);
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, program.c_str(), &actions, nullptr, arguments.data(), variables.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure("cannot start " + program);
  return process;
}

}  // namespace

ProcessStand::ProcessStand(const scenario::Upstream& upstream)
    : file_(write_file(text_of_smallest_config(upstream.address()))) {
  std::array<int, 2> pair{};
  // Neither end is inherited as it is: the server gets a copy of one as its descriptor 3.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) throw Failure("no socket pair");
  control_ = scenario::Socket(pair[0]);
  scenario::Socket theirs(::fcntl(pair[1], F_DUPFD_CLOEXEC, control_descriptor + 1));
  ::close(pair[1]);
  process_ = start(file_, theirs.descriptor());
  theirs.close();
  port_ = static_cast<std::uint16_t>(command("port"));
}

// The end of the control channel ends the server.
ProcessStand::~ProcessStand() {
  control_.close();
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
  ::unlink(file_.c_str());
}

long long ProcessStand::command(const std::string& line) const {
  control_.send(line + "\n");
  std::string answer;
  while (answer.find('\n') == std::string::npos) {
    if (control_.receive(answer) != scenario::Arrival::data) throw Failure("the server has gone: " + line);
  }
  if (!answer.starts_with("ok")) throw Failure("the server says: " + answer);
  return answer.size() > 4 ? std::stoll(answer.substr(3)) : 0;
}

Instant ProcessStand::now() const {
  return Instant(std::chrono::seconds(command("now")));
}

void ProcessStand::advance(std::chrono::milliseconds by) {
  command("advance " + std::to_string(by.count()));
}

void ProcessStand::settle() {
  command("settle");
}

}  // namespace conformance
