// A stand in a process of its own: larder_with_clock with a file that holds the smallest configuration.
#pragma once
#include <sys/types.h>

#include <string>

#include "conformance/stand.hpp"
#include "support/scenario/socket.hpp"
#include "support/scenario/upstream.hpp"

namespace conformance {

class ProcessStand : public Stand {
 public:
  // Throws scenario::Failure when the server does not start.
  explicit ProcessStand(const scenario::Upstream& upstream);
  ~ProcessStand() override;
  ProcessStand(const ProcessStand&) = delete;
  ProcessStand& operator=(const ProcessStand&) = delete;

  std::uint16_t port() const override { return port_; }
  Instant now() const override;
  void advance(std::chrono::milliseconds by) override;
  void settle() override;

 private:
  // What follows "ok" in the answer.
  long long command(const std::string& line) const;

  std::string file_;
  scenario::Socket control_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace conformance
