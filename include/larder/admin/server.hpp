// The admin listener: `listeners.admin.bind` served on the control thread.
//
// Its life: constructed -> start() binds, or throws -> connections are served as the context runs -> stop()
// closes everything. All on the thread that runs the context; the context must be run on after stop() (or
// destroyed) before the site goes.
#pragma once
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "larder/admin/handler.hpp"
#include "larder/proxy/site.hpp"

namespace larder::admin {

class Server {
 public:
  Server(proxy::Site& site, boost::asio::io_context& context);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Throws std::runtime_error with the address and the reason.
  void start();
  // The TCP port that the first such address was bound to; 0 without one.
  std::uint16_t port() const noexcept;
  void stop();
  Handler& handler() noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace larder::admin
