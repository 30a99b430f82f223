#include "support/redis/redis_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/scenario/socket.hpp"

namespace redis_support {
namespace {

std::uint16_t free_port() {
  return scenario::port_of(scenario::listen_tcp(0));
}

// A line, or a bulk.
bool is_whole(const std::string& answer) {
  const std::size_t end = answer.find("\r\n");
  if (end == std::string::npos || answer.front() != '$' || answer[1] == '-') return end != std::string::npos;
  return answer.size() >= end + 4 + std::stoul(answer.substr(1, end));
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "redis-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a directory like " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RedisServer::RedisServer(std::vector<std::string> arguments) : RedisServer(arguments, false) {}

RedisServer::RedisServer(const std::vector<std::string>& arguments, bool is_sentinel)
    : arguments_(arguments), is_sentinel_(is_sentinel) {
  constexpr int tries_max = 5;  // somebody else may take the port before the server does
  for (int tries = 1;; ++tries) {
    port_ = free_port();
    if (is_sentinel_) {
      std::ofstream file(directory() + "/sentinel.conf");
      file << "bind 127.0.0.1\nport " << port_ << "\ndir " << directory() << "\nlogfile " << directory()
           << "/log\n";
      for (const std::string& line : arguments_) file << line << "\n";
    }
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (tries == tries_max) throw;
    }
  }
}

std::unique_ptr<RedisServer> RedisServer::sentinel(const std::vector<std::string>& lines) {
  return std::unique_ptr<RedisServer>(new RedisServer(lines, true));
}

RedisServer::~RedisServer() {
  kill();
}

void RedisServer::launch() {
  std::vector<std::string> words{"redis-sentinel", directory() + "/sentinel.conf"};
  if (!is_sentinel_) {
    words = {"redis-server",
             "--bind",
             "127.0.0.1",
             "--port",
             std::to_string(port_),
             "--save",
             "",
             "--dir",
             directory(),
             "--logfile",
             directory() + "/log",
             "--unixsocket",
             unix_path()};
    for (const std::string& argument : arguments_) {
      words.push_back(argument == "{port}" ? std::to_string(port_) : argument);
    }
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) ::dup2(nothing, descriptor);
  ::close_range(3, ~0u, 0);
  ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

void RedisServer::start() {
  if (is_running()) return;
  launch();
  scenario::wait_until("redis-server", [this] { return has_ended() || has_answered(); });
  if (!is_running()) throw std::runtime_error("redis-server does not start: " + log_end());
}

bool RedisServer::has_ended() {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ <= 0;
}

// Any answer but that it is still loading.
bool RedisServer::has_answered() const {
  try {
    const std::string answer = ask({"PING"});
    return !answer.empty() && answer.find("LOADING") == std::string::npos;
  } catch (const scenario::Failure&) {
    return false;
  }
}

std::string RedisServer::ask(const std::vector<std::string>& command) const {
  const scenario::Socket socket =
      is_sentinel_ ? scenario::connect_tcp(port_) : scenario::connect_unix(unix_path());
  std::string line;
  for (const std::string& word : command) line += word + " ";
  std::string answer;
  if (!socket.send(line + "\r\n")) return answer;
  while (!is_whole(answer) && socket.receive(answer) == scenario::Arrival::data) {
  }
  return answer;
}

void RedisServer::end(int signal) {
  if (!is_running()) return;
  ::kill(process_, signal);
  resume();
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::stop() {
  end(SIGTERM);
}

void RedisServer::kill() {
  end(SIGKILL);
}

void RedisServer::pause() {
  ::kill(process_, SIGSTOP);
  int status = 0;
  ::waitpid(process_, &status, WUNTRACED);
}

void RedisServer::resume() {
  ::kill(process_, SIGCONT);
}

std::string RedisServer::log_end() const {
  constexpr std::size_t size_max = 1000;
  const std::string log = content_of(directory() + "/log");
  return log.size() > size_max ? log.substr(log.size() - size_max) : log;
}

}  // namespace redis_support
