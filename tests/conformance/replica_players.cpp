#include "conformance/replica_players.hpp"

#include "conformance/replica_stand.hpp"
#include "conformance/socket_player.hpp"

namespace conformance {
namespace {

constexpr std::size_t made_ahead = 6;

}  // namespace

std::unique_ptr<Player> ReplicaPlayers::next() {
  if (!redis_) redis_ = std::make_unique<redis_support::RedisServer>();
  while (coming_.size() <= made_ahead) {
    coming_.push_back(std::async(std::launch::async, [&redis = *redis_]() -> std::unique_ptr<Player> {
      return std::make_unique<SocketPlayer>([&redis](const scenario::Upstream& upstream) {
        return std::make_unique<ReplicaStand>(upstream, redis);
      });
    }));
  }
  auto made = std::move(coming_.front());
  coming_.pop_front();
  return made.get();
}

}  // namespace conformance
