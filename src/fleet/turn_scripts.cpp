#include "fleet/turn_scripts.hpp"

#include <algorithm>
#include <charconv>

namespace larder::fleet {
namespace {

// KEYS: the turn. ARGV: value, lease, expected
constexpr std::string_view take_script = R"lua(
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[3] then return {0, held, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, held or '', 0}
)lua";

// KEYS: turns. ARGV: lease, the turns' tokens
constexpr std::string_view renew_script = R"lua(
for i, key in ipairs(KEYS) do
  local token = ARGV[i + 1] .. ' '
  local held = redis.call('GET', key)
  if held and string.sub(held, 1, #token) == token then redis.call('PEXPIRE', key, ARGV[1]) end
end
return 1
)lua";

// KEYS: events, turns. ARGV: kept, how, the turns' tokens. Where nobody has the turn its lock has run out:
// who waited for that may not have looked yet.
constexpr std::string_view end_script = R"lua(
for i = 2, #KEYS do
  local token = ARGV[i + 1] .. ' '
  local held = redis.call('GET', KEYS[i])
  local ours = held and string.sub(held, 1, #token) == token
  if ours then redis.call('DEL', KEYS[i]) end
  if ours or not held then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'f', string.sub(KEYS[i], -64), 'h', ARGV[2])
  end
end
return 1
)lua";

redis::Command script(std::string_view text, const std::vector<std::string>& keys,
                      std::vector<std::string> arguments) {
  redis::Command command{"EVAL", std::string(text), std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  for (std::string& argument : arguments) command.push_back(std::move(argument));
  return command;
}

}  // namespace

std::string value_of(const TurnHolder& holder) {
  return holder.token + " " + holder.place.epoch + " " + std::to_string(holder.place.number);
}

std::optional<TurnHolder> holder_of(std::string_view value) {
  const std::size_t after_epoch = value.rfind(' ');
  if (after_epoch == std::string_view::npos || after_epoch == 0) return std::nullopt;
  const std::size_t after_token = value.rfind(' ', after_epoch - 1);
  if (after_token == std::string_view::npos) return std::nullopt;
  TurnHolder holder;
  holder.token = value.substr(0, after_token);
  holder.place.epoch = value.substr(after_token + 1, after_epoch - after_token - 1);
  const char* const end = value.data() + value.size();
  const auto result = std::from_chars(value.data() + after_epoch + 1, end, holder.place.number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return holder;
}

redis::Command TurnScripts::take(std::string_view digest, const TurnHolder& holder, base::Duration lease,
                                 std::string_view expected) const {
  return script(take_script, {key_of(digest)},
                {value_of(holder), std::to_string(lease.count()), std::string(expected)});
}

std::vector<redis::Command> TurnScripts::renew(const std::vector<HeldTurn>& turns,
                                               base::Duration lease) const {
  std::vector<redis::Command> commands;
  for (std::size_t at = 0; at < turns.size();) {
    std::vector<std::string> keys;
    std::vector<std::string> arguments{std::to_string(lease.count())};
    for (const std::size_t end = std::min(at + turns_at_once_max, turns.size()); at < end; ++at) {
      keys.push_back(key_of(turns[at].digest));
      arguments.push_back(turns[at].token);
    }
    commands.push_back(script(renew_script, keys, std::move(arguments)));
  }
  return commands;
}

std::vector<redis::Command> TurnScripts::end(const std::vector<HeldTurn>& turns, Handover handover) const {
  std::vector<redis::Command> commands;
  const std::string how = handover == Handover::look_again ? "look" : "alone";
  for (std::size_t at = 0; at < turns.size();) {
    std::vector<std::string> keys{prefix_ + "events"};
    std::vector<std::string> arguments{std::to_string(Scripts::events_kept), how};
    for (const std::size_t end = std::min(at + turns_at_once_max, turns.size()); at < end; ++at) {
      keys.push_back(key_of(turns[at].digest));
      arguments.push_back(turns[at].token);
    }
    commands.push_back(script(end_script, keys, std::move(arguments)));
  }
  return commands;
}

std::optional<TurnReply> TurnScripts::taken(const redis::Reply& reply) {
  if (!reply.is_array() || reply.items.size() < 3) return std::nullopt;
  if (!reply.items[0].is_integer() || !reply.items[2].is_integer()) return std::nullopt;
  TurnReply taken;
  taken.is_ours = reply.items[0].integer == 1;
  taken.is_taken_over = taken.is_ours && !reply.items[1].text.empty();
  taken.held = reply.items[1].text;
  taken.left = base::Duration(reply.items[2].integer);
  return taken;
}

}  // namespace larder::fleet
