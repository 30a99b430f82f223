// Several Larders that share a real Redis, before one upstream.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "support/redis/redis_server.hpp"
#include "support/scenario/larder.hpp"

namespace scenario {

// What its scenarios set differently.
struct ReplicaSettings {
  std::string site{};  // as in Settings
  // Keys of store.redis beside the URL. A lease and a budget that a busy machine makes nobody lose.
  std::string redis = "lease: 2s, on_loss: revalidate, read_budget: 5s";
};

class Replicas {
 public:
  // `count` of them, each a member of the fleet when this returns.
  Replicas(const Upstream& upstream, std::size_t count, ReplicaSettings settings = {});

  redis_support::RedisServer& redis() { return redis_; }
  Larder& operator[](std::size_t index) { return *larders_[index]; }
  std::size_t size() const { return larders_.size(); }
  // One more, which need not be able to join.
  Larder& add();
  void stop(std::size_t index) { larders_[index].reset(); }

  // Until every replica is, or none is any more, a member whose lease holds.
  void wait_for_leases();
  void wait_for_no_lease();

 private:
  redis_support::RedisServer redis_;
  const Upstream& upstream_;
  Settings settings_;
  std::vector<std::unique_ptr<Larder>> larders_;
};

// POST /api/purge with one selector; the answer, whatever it is.
Response purge_at(const Larder& larder, std::string_view selector);

}  // namespace scenario
