// Who is the master, by the word of a majority of the configured sentinels. A minority may be cut off and
// still name the old one.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "larder/config/redis.hpp"
#include "larder/net/types.hpp"
#include "larder/redis/channel.hpp"

namespace larder::redis {

// Counts what the sentinels say, in whatever order they answer. Pure.
class Election {
 public:
  explicit Election(std::size_t voters) : voters_(voters) {}

  // A sentinel's word; nothing when it has none or is out of reach.
  void add(const std::optional<config::Address>& vote);
  // Nobody's further word changes the result.
  bool is_decided() const;
  // What more than half of all voters, also of those who are silent, agree on.
  std::optional<config::Address> winner() const;

 private:
  struct Count {
    config::Address address;
    std::size_t votes;
  };
  const Count* most_voted() const;

  std::size_t voters_;
  std::size_t heard_ = 0;
  std::vector<Count> counts_;
};

// The word of one sentinel: its answer to SENTINEL GET-MASTER-ADDR-BY-NAME, if it knows the master.
std::optional<config::Address> vote_of(const Outcome& outcome);

// Asks all sentinels of `config` side by side, each on a connection of its own, and returns as soon as they
// are decided, `within` at the latest.
net::Task<std::optional<config::Address>> ask_sentinels(net::Executor executor, config::Redis config,
                                                        base::Duration within);

}  // namespace larder::redis
