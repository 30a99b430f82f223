#include "set_up.hpp"

#include <algorithm>

namespace larder::redis {
namespace {

bool is_about_credentials(std::string_view error) {
  const auto begins = [&](std::string_view word) { return error.starts_with(word); };
  return begins("WRONGPASS") || begins("NOAUTH") || begins("NOPERM") || begins("ERR AUTH") ||
         begins("ERR invalid password");
}

SetUp trouble_of(const Outcome& outcome) {
  SetUp result;
  if (outcome.failure == Failure::refused) {
    result.detail = outcome.reply.text;
    result.trouble = is_about_credentials(result.detail) ? Trouble::credentials : Trouble::set_up;
  } else {
    result.detail = outcome.failure == Failure::timeout ? "no reply in time" : "the connection broke";
    result.trouble = Trouble::unreachable;
  }
  return result;
}

}  // namespace

std::optional<Command> auth_command(const config::Redis& config) {
  if (config.password.empty()) return std::nullopt;
  Command auth{"AUTH"};
  if (!config.user.empty()) auth.push_back(config.user);
  auth.push_back(config.password);
  return auth;
}

std::vector<Command> set_up_commands(const config::Redis& config) {
  std::vector<Command> commands;
  if (const auto auth = auth_command(config)) commands.push_back(*auth);
  commands.push_back({"INFO", "server"});
  commands.push_back({"ROLE"});
  commands.push_back({"SELECT", std::to_string(config.database)});
  commands.push_back({"CLIENT", "SETNAME", "larder"});
  return commands;
}

SetUp judge_set_up(const config::Redis& config, const std::vector<Outcome>& outcomes) {
  const std::size_t first = auth_command(config) ? 1 : 0;
  const Outcome& info = outcomes.at(first);
  const Outcome& role = outcomes.at(first + 1);
  // In this order: a cluster refuses SELECT, and a replica that has lost its master more than that.
  if (first == 1 && !outcomes.front().is_ok()) return trouble_of(outcomes.front());
  if (!info.is_ok()) return trouble_of(info);
  SetUp result;
  if (info_value(info.reply.text, "redis_mode") == "cluster") {
    result.trouble = Trouble::cluster;
    return result;
  }
  if (!role.is_ok()) return trouble_of(role);
  result.identity = {std::string(info_value(info.reply.text, "run_id")), std::string(role_of(role))};
  if (result.identity.role != "master") {
    result.trouble = Trouble::replica;
    return result;
  }
  const auto refused = std::find_if(outcomes.begin() + static_cast<std::ptrdiff_t>(first) + 2, outcomes.end(),
                                    [](const Outcome& outcome) { return !outcome.is_ok(); });
  if (refused != outcomes.end()) return trouble_of(*refused);
  if (result.identity.run_id.empty()) {
    result.trouble = Trouble::set_up;
    result.detail = "INFO tells no run_id";
  }
  return result;
}

std::string_view info_value(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const std::size_t end = std::min(info.find("\r\n"), info.size());
    const std::string_view line = info.substr(0, end);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return line.substr(name.size() + 1);
    }
    info.remove_prefix(std::min(end + 2, info.size()));
  }
  return {};
}

std::string_view role_of(const Outcome& outcome) {
  if (!outcome.is_ok() || outcome.reply.items.empty()) return {};
  return outcome.reply.items.front().text;
}

}  // namespace larder::redis
