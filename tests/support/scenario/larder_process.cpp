#include "support/scenario/larder_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "support/scenario/client.hpp"
#include "support/scenario/waiting.hpp"

namespace scenario {
namespace {

std::uint16_t free_port() {
  return port_of(listen_tcp(0));
}

bool is_ready(std::uint16_t admin_port) {
  try {
    return ask(admin_port, "GET", "/readyz").status == 200;
  } catch (const Failure&) {
    return false;  // nobody listens yet
  }
}

}  // namespace

LarderProcess::LarderProcess(const std::string& program, const std::string& yaml)
    : port_(free_port()), admin_port_(free_port()) {
  const std::string path = directory_.path() + "/larder.yaml";
  std::ofstream(path) << "listeners:\n  public: {bind: \"127.0.0.1:" << port_
                      << "\"}\n  admin: {bind: \"127.0.0.1:" << admin_port_ << "\"}\n"
                      << yaml;
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw Failure("fork");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int nothing = ::open("/dev/null", O_RDWR);
    for (const int descriptor : {0, 1, 2}) ::dup2(nothing, descriptor);
    ::close_range(3, ~0U, 0);
    ::execl(program.c_str(), program.c_str(), "serve", "--config", path.c_str(), nullptr);
    ::_exit(127);
  }
  try {
    wait_until("a process of Larder to be ready", [this] { return is_ready(admin_port_); });
  } catch (const Failure&) {
    kill();
    throw;
  }
}

LarderProcess::~LarderProcess() {
  kill();
}

void LarderProcess::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace scenario
