#include "fleet/scripts.hpp"

#include <array>
#include <charconv>

namespace larder::fleet {
namespace {

using redis::Reply;

enum Key : std::size_t { epoch_key, seq_key, log_key, members_key, applied_key, events_key };
constexpr std::array<std::string_view, 6> key_names = {"epoch", "seq", "log", "members", "applied", "events"};

// KEYS as above. What is returned of the members is two flat lists, their beats and their places.
constexpr std::string_view functions = R"lua(
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local function epoch_of()
  local e = redis.call('HMGET', KEYS[1], 'run', 'born', 'replid')
  if e[1] ~= run or e[3] ~= replid or not e[2] then return '' end
  if redis.call('HEXISTS', KEYS[4], '') == 0 then return '' end
  return run .. ':' .. e[2]
end
local function beat(replica)
  redis.call('HSET', KEYS[4], replica, redis.call('HINCRBY', KEYS[1], 'beats', 1))
end
local function number_of(id) return string.match(id, '^%d+') end
local function oldest()
  local first = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)
  return first[1] and number_of(first[1][1]) or '0'
end
local function members() return redis.call('HGETALL', KEYS[4]) end
local function applied() return redis.call('HGETALL', KEYS[5]) end
local function newest() return redis.call('GET', KEYS[2]) or '0' end
local function settled() return redis.call('HGET', KEYS[1], 'settled') or '0' end
)lua";

constexpr std::string_view in_epoch = R"lua(
if epoch_of() ~= ARGV[1] then return redis.error_reply('EPOCH another has begun') end
)lua";

// ARGV: born, replica, lease, broken
constexpr std::string_view join_script = R"lua(
local current = epoch_of()
if current == '' or current == ARGV[4] then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
  redis.call('HSET', KEYS[1], 'run', run, 'born', ARGV[1], 'replid', replid, 'lease', ARGV[3])
  redis.call('HSET', KEYS[4], '', 0)
end
beat(ARGV[2])
redis.call('HSETNX', KEYS[5], ARGV[2], 0)
local event = redis.call('XREVRANGE', KEYS[6], '+', '-', 'COUNT', 1)
return {epoch_of(), redis.call('HGET', KEYS[1], 'lease') or ARGV[3], settled(),
        newest(), oldest(), event[1] and event[1][1] or '0-0', members(), applied()}
)lua";

// ARGV: epoch, replica, applied
constexpr std::string_view renew_script = R"lua(
if redis.call('HEXISTS', KEYS[4], ARGV[2]) == 0 then return redis.error_reply('EXPELLED') end
beat(ARGV[2])
redis.call('HSET', KEYS[5], ARGV[2], ARGV[3])
return {newest(), oldest(), settled(), members(), applied()}
)lua";

// ARGV: epoch, token, line, kept
constexpr std::string_view append_script = R"lua(
local number = redis.call('INCR', KEYS[2])
local added = redis.pcall('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], number .. '-0',
                         'e', ARGV[1], 't', ARGV[2], 'l', ARGV[3])
if type(added) == 'table' and added.err then return redis.error_reply('BROKEN ' .. added.err) end
return {tostring(number), members(), applied()}
)lua";

// ARGV: epoch, replica, applied, kept
constexpr std::string_view acknowledge_script = R"lua(
redis.call('HSET', KEYS[5], ARGV[2], ARGV[3])
redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[4], '*', 'a', ARGV[2], 'n', ARGV[3])
return 1
)lua";

// ARGV: epoch, replica, beat
constexpr std::string_view expel_script = R"lua(
if redis.call('HGET', KEYS[4], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[2])
return 1
)lua";

// ARGV: epoch, replica
constexpr std::string_view leave_script = R"lua(
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[2])
return 1
)lua";

constexpr std::string_view settle_script = R"lua(
redis.call('HSET', KEYS[1], 'settled', 1)
return 1
)lua";

constexpr std::size_t lines_at_once_max = 1000;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  const bool is_whole = result.ptr == end || *result.ptr == '-';  // an id is "number-0"
  if (result.ec != std::errc() || !is_whole) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> number_of(const Reply& reply) {
  if (reply.kind == Reply::Kind::text) return number_in(reply.text);
  if (reply.kind != Reply::Kind::integer || reply.integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(reply.integer);
}

bool is_array(const Reply& reply, std::size_t size_min) {
  return reply.kind == Reply::Kind::array && reply.items.size() >= size_min;
}

// HGETALL twice: [replica, beat, ...], [replica, applied, ...].
std::optional<std::vector<Member>> members_of(const Reply& beats, const Reply& places) {
  if (!is_array(beats, 0) || !is_array(places, 0)) return std::nullopt;
  std::vector<Member> members;
  for (std::size_t i = 0; i + 1 < beats.items.size(); i += 2) {
    if (beats.items[i].text.empty()) continue;  // the mark by which the hash is known to be whole
    const auto beat = number_of(beats.items[i + 1]);
    if (!beat) return std::nullopt;
    members.push_back({beats.items[i].text, *beat, 0});
  }
  for (std::size_t i = 0; i + 1 < places.items.size(); i += 2) {
    const auto applied = number_of(places.items[i + 1]);
    if (!applied) return std::nullopt;
    for (Member& member : members) {
      if (member.id == places.items[i].text) member.applied = *applied;
    }
  }
  return members;
}

// [name, value, ...] of a stream's entry.
std::string_view field_of(const Reply& entry, std::string_view name) {
  if (!is_array(entry, 2) || !is_array(entry.items[1], 0)) return {};
  const std::vector<Reply>& fields = entry.items[1].items;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text == name) return fields[i + 1].text;
  }
  return {};
}

bool read_lines(const Reply& entries, Read& read) {
  for (const Reply& entry : entries.items) {
    const auto number = is_array(entry, 2) ? number_of(entry.items[0]) : std::nullopt;
    if (!number) return false;
    read.lines.push_back({*number, std::string(field_of(entry, "e")), std::string(field_of(entry, "t")),
                          std::string(field_of(entry, "l"))});
  }
  return true;
}

bool read_events(const Reply& entries, Read& read) {
  for (const Reply& entry : entries.items) {
    if (!is_array(entry, 2)) return false;
    read.last_event = entry.items[0].text;
    const std::string_view replica = field_of(entry, "a");
    const auto applied = number_in(field_of(entry, "n"));
    if (!replica.empty() && applied) read.acknowledgements.push_back({std::string(replica), *applied});
    const std::string_view digest = field_of(entry, "f");
    const Handover handover = field_of(entry, "h") == "alone" ? Handover::fetch_alone : Handover::look_again;
    if (!digest.empty()) read.endings.push_back({std::string(digest), handover});
  }
  return true;
}

}  // namespace

Scripts::Scripts(const std::string& name_space, std::string id) : id_(std::move(id)) {
  for (const std::string_view name : key_names) {
    keys_.push_back("larder:" + name_space + ":" + std::string(name));
  }
}

redis::Command Scripts::script(std::string_view text, std::vector<std::string> arguments) const {
  redis::Command command;
  command.reserve(3 + keys_.size() + arguments.size());
  command.emplace_back("EVAL");
  command.emplace_back(text);
  command.push_back(std::to_string(keys_.size()));
  command.insert(command.end(), keys_.begin(), keys_.end());
  for (std::string& argument : arguments) command.push_back(std::move(argument));
  return command;
}

redis::Command Scripts::join(std::string_view born, base::Duration lease, std::string_view broken) const {
  static const std::string text = std::string(functions).append(join_script);
  return script(text, {std::string(born), id_, std::to_string(lease.count()), std::string(broken)});
}

redis::Command Scripts::renew(std::string_view epoch, std::uint64_t applied) const {
  static const std::string text = std::string(functions).append(in_epoch).append(renew_script);
  return script(text, {std::string(epoch), id_, std::to_string(applied)});
}

redis::Command Scripts::append(std::string_view epoch, std::string_view token, std::string_view line) const {
  static const std::string text = std::string(functions).append(in_epoch).append(append_script);
  return script(text,
                {std::string(epoch), std::string(token), std::string(line), std::to_string(lines_kept)});
}

redis::Command Scripts::acknowledge(std::string_view epoch, std::uint64_t applied) const {
  static const std::string text = std::string(functions).append(in_epoch).append(acknowledge_script);
  return script(text, {std::string(epoch), id_, std::to_string(applied), std::to_string(events_kept)});
}

redis::Command Scripts::expel(std::string_view epoch, const Member& member) const {
  static const std::string text = std::string(functions).append(in_epoch).append(expel_script);
  return script(text, {std::string(epoch), member.id, std::to_string(member.beat)});
}

redis::Command Scripts::leave(std::string_view epoch) const {
  static const std::string text = std::string(functions).append(in_epoch).append(leave_script);
  return script(text, {std::string(epoch), id_});
}

redis::Command Scripts::settle(std::string_view epoch) const {
  static const std::string text = std::string(functions).append(in_epoch).append(settle_script);
  return script(text, {std::string(epoch)});
}

redis::Command Scripts::read(std::uint64_t applied, std::string_view event, base::Duration block) const {
  return {"XREAD",
          "COUNT",
          std::to_string(lines_at_once_max),
          "BLOCK",
          std::to_string(block.count()),
          "STREAMS",
          keys_[log_key],
          keys_[events_key],
          std::to_string(applied) + "-0",
          std::string(event)};
}

std::optional<Joined> Scripts::joined(const Reply& reply) {
  if (!is_array(reply, 8)) return std::nullopt;
  const auto lease = number_of(reply.items[1]);
  const auto newest = number_of(reply.items[3]);
  const auto oldest = number_of(reply.items[4]);
  auto members = members_of(reply.items[6], reply.items[7]);
  if (!lease || *lease == 0 || !newest || !oldest || !members) return std::nullopt;
  Joined joined;
  joined.epoch = reply.items[0].text;
  joined.lease = base::Duration(static_cast<base::Duration::rep>(*lease));
  joined.is_settled = reply.items[2].text == "1";
  joined.newest = *newest;
  joined.oldest = *oldest;
  joined.last_event = reply.items[5].text;
  joined.members = std::move(*members);
  return joined;
}

std::optional<Renewed> Scripts::renewed(const Reply& reply) {
  if (!is_array(reply, 5)) return std::nullopt;
  const auto newest = number_of(reply.items[0]);
  const auto oldest = number_of(reply.items[1]);
  auto members = members_of(reply.items[3], reply.items[4]);
  if (!newest || !oldest || !members) return std::nullopt;
  return Renewed{*newest, *oldest, reply.items[2].text == "1", std::move(*members)};
}

std::optional<Appended> Scripts::appended(const Reply& reply) {
  if (!is_array(reply, 3)) return std::nullopt;
  const auto number = number_of(reply.items[0]);
  auto members = members_of(reply.items[1], reply.items[2]);
  if (!number || !members) return std::nullopt;
  return Appended{*number, std::move(*members)};
}

std::optional<Read> Scripts::read_of(const Reply& reply) const {
  Read read;
  if (reply.kind == Reply::Kind::nil) return read;
  if (!is_array(reply, 0)) return std::nullopt;
  for (const Reply& stream : reply.items) {
    if (!is_array(stream, 2) || !is_array(stream.items[1], 0)) return std::nullopt;
    const bool is_log = stream.items[0].text == keys_[log_key];
    const bool is_read = is_log ? read_lines(stream.items[1], read) : read_events(stream.items[1], read);
    if (!is_read) return std::nullopt;
  }
  return read;
}

}  // namespace larder::fleet
