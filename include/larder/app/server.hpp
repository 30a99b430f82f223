// The whole sidecar in one object: workers with their public listeners, the control thread with the admin
// listener.
//
// Its life: constructed (nothing runs) -> start() binds everything, or throws with the reason -> running ->
// drain() stops accepting and lets exchanges end -> stop() ends everything. The command line and the
// scenarios use it alike.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/proxy/site.hpp"

namespace larder::app {

class Server {
 public:
  explicit Server(const config::ConfigPtr& config);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and runs. Throws std::runtime_error with the address and the reason when one cannot be bound.
  void start();
  // The TCP port that the first public (admin) address was bound to: the real one where the configuration
  // says 0.
  std::uint16_t public_port() const;
  std::uint16_t admin_port() const;
  proxy::Site& site();

  // Puts a new configuration in force for exchanges that begin from now on. What needs a restart (listeners,
  // upstream, workers, store size) is left as it was and named in the result.
  std::vector<std::string> reload(const config::ConfigPtr& config);
  // A configuration that could not be read changes nothing but the metric that says so.
  void note_failed_reload();
  void reopen_logs();
  // Not ready from here on; returns when no exchange is running any more or after limits.drain_timeout.
  void drain();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::app
