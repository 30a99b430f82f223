// A real redis-server (or redis-sentinel) as a process of the test's, in a directory of its own, which can
// die, stand still, and come back with its data at its old port. It ends with the test, however that ends.
// One thread.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace redis_support {

// A directory in the system's place for such, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

class RedisServer {
 public:
  // Starts it on 127.0.0.1 at a free port, and on the unix socket, without snapshots. `arguments` are those
  // of redis-server, "--requirepass", "secret", and may take any of that back; {port} in one stands for
  // the port.
  explicit RedisServer(std::vector<std::string> arguments = {});
  // A sentinel: `lines` are those of its configuration, such as "sentinel monitor m 127.0.0.1 7000 2".
  static std::unique_ptr<RedisServer> sentinel(const std::vector<std::string>& lines);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Starts it again, at the same port and with what its directory holds, and waits until it answers. Throws
  // std::runtime_error with the end of its log when it does not.
  void start();
  void stop();    // SIGTERM: saves what it is configured to save
  void kill();    // SIGKILL
  void pause();   // SIGSTOP; returns once it stands still
  void resume();  // SIGCONT
  bool is_running() const noexcept { return process_ > 0; }

  std::uint16_t port() const noexcept { return port_; }
  std::string unix_path() const { return directory_.path() + "/socket"; }
  const std::string& directory() const noexcept { return directory_.path(); }  // its data, log, and socket
  // Sends one command of plain words, on a connection of its own; what the server answers, as RESP
  // (of an array the beginning).
  std::string ask(const std::vector<std::string>& command) const;

 private:
  RedisServer(const std::vector<std::string>& arguments, bool is_sentinel);
  void launch();
  bool has_answered() const;
  bool has_ended();
  void end(int signal);
  std::string log_end() const;

  TemporaryDirectory directory_;
  std::vector<std::string> arguments_;
  bool is_sentinel_ = false;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace redis_support
