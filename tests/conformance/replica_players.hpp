// Players before two replicas. Two servers take a while to join a fleet, and mostly wait meanwhile: the next
// few players are made while the cases before are told.
#pragma once
#include <deque>
#include <future>
#include <memory>

#include "conformance/story.hpp"
#include "support/redis/redis_server.hpp"

namespace conformance {

class ReplicaPlayers {
 public:
  // One that has seen nothing yet. The first call starts Redis. Throws scenario::Failure. The players end
  // before this does. One thread.
  std::unique_ptr<Player> next();

 private:
  std::unique_ptr<redis_support::RedisServer> redis_;
  std::deque<std::future<std::unique_ptr<Player>>> coming_;
};

}  // namespace conformance
