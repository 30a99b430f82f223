// A Larder as a process of its own, which a test can kill. It ends with the test, however that ends.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "support/redis/redis_server.hpp"

namespace scenario {

class LarderProcess {
 public:
  // `program` serves this configuration, to which it adds the listeners, on free ports; ready when this
  // returns.
  LarderProcess(const std::string& program, const std::string& yaml);
  ~LarderProcess();
  LarderProcess(const LarderProcess&) = delete;
  LarderProcess& operator=(const LarderProcess&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t admin_port() const noexcept { return admin_port_; }
  void kill();  // SIGKILL; returns once it is gone

 private:
  redis_support::TemporaryDirectory directory_;
  std::uint16_t port_;
  std::uint16_t admin_port_;
  pid_t process_ = -1;
};

}  // namespace scenario
