// How a connection begins: what is asked of the server, and what its answers mean. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/config/redis.hpp"
#include "larder/redis/channel.hpp"
#include "larder/redis/client.hpp"

namespace larder::redis {

// AUTH, where there is a password.
std::optional<Command> auth_command(const config::Redis& config);
// AUTH where it is needed, INFO server, ROLE, SELECT, CLIENT SETNAME; sent at once.
std::vector<Command> set_up_commands(const config::Redis& config);

struct SetUp {
  Trouble trouble = Trouble::none;
  std::string detail;  // the server's words, where it has some
  ServerIdentity identity;
};
// `outcomes` are those of set_up_commands(). A server that is no master, or of a Redis Cluster, is refused.
SetUp judge_set_up(const config::Redis& config, const std::vector<Outcome>& outcomes);

// The value of "NAME:value" in the answer to INFO; empty without it.
std::string_view info_value(std::string_view info, std::string_view name);
// "master", "slave" or "sentinel", of an answer to ROLE; empty when it is none.
std::string_view role_of(const Outcome& outcome);

}  // namespace larder::redis
