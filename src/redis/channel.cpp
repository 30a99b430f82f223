#include "larder/redis/channel.hpp"

#include <utility>

namespace larder::redis {

net::Task<Outcome> Channel::execute(Command command, base::Duration within) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  std::vector<Outcome> outcomes = co_await execute_all(std::move(commands), within);
  co_return std::move(outcomes.front());
}

}  // namespace larder::redis
