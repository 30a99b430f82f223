// From a configured address to the endpoints to connect to; host names by the name service. One thread.
//
// getaddrinfo() cannot be called back: one that is given up goes on, on a thread of Asio's for this
// io_context, and finds then that nobody waits. The next look-up begins when it has ended.
#pragma once
#include <memory>
#include <vector>

#include "larder/config/address.hpp"
#include "larder/net/types.hpp"

namespace larder::net {

class Lookup {
 public:
  using Endpoint = Socket::endpoint_type;
  explicit Lookup(const Executor& executor) : executor_(executor) {}
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  // Fills `found` with at least one endpoint, or says why there is none. One at a time; it has no deadline of
  // its own: whoever waits calls abandon().
  Task<ErrorCode> find(const config::Address& address, std::vector<Endpoint>& found);
  // Makes a find() that waits return at once.
  void abandon();

 private:
  struct Pending;
  Task<ErrorCode> ask(const config::Address& address, std::vector<Endpoint>& found);

  Executor executor_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace larder::net
