// Writes: one response at a time is encoded, compressed and sent, its pieces first.
#include <algorithm>
#include <exception>
#include <utility>

#include "larder/cache/codec.hpp"
#include "larder/net/random_name.hpp"
#include "larder/obs/log.hpp"
#include "store/redis_store_state.hpp"

namespace larder::store {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration write_timeout = 1s;
// Past which a response is not written any more: other replicas may wait for it to stand there.
constexpr base::Duration queue_time_max = 2s;
constexpr std::size_t pieces_at_once = 4;
// Pieces that no frame names yet, since the replica that writes them may die before.
constexpr std::string_view orphan_ms = "30000";

// KEYS: the variant's and the Vary's; ARGV: frame, milliseconds to live, Vary, what the pieces' names begin
// with. Numbers are compared as text, since Lua's have 53 bits. Who reads the frame before may still want its
// pieces for a second.
constexpr std::string_view write_script = R"lua(
local function line_of(frame)
  if type(frame) ~= 'string' then return nil end
  local kind, epoch, number, received, pieces, id =
    string.match(frame, '^LF1 (%a) (%S+) (%d+) (%d+) %d+ %a+ (%d+) (%S+) ')
  if not kind then return nil end
  return {kind = kind, epoch = epoch, number = number, received = received,
          pieces = tonumber(pieces), id = id}
end
local function is_less(a, b) return #a < #b or (#a == #b and a < b) end
local function keep_pieces(line, ms)
  local are_there = true
  for i = 0, math.min(line.pieces, 64) - 1 do
    if redis.call('PEXPIRE', ARGV[4] .. line.id .. ':' .. i, ms) == 0 then are_there = false end
  end
  return are_there
end
local function is_superseded(new, old)
  if old.epoch ~= new.epoch then return false end
  if old.number ~= new.number then return is_less(new.number, old.number) end
  if new.kind == 'e' and old.kind == 'm' then return false end
  return is_less(new.received, old.received)
end
local new = line_of(ARGV[1])
local old = line_of(redis.pcall('GETRANGE', KEYS[1], 0, 383))
if old and is_superseded(new, old) then
  keep_pieces(new, 1000)
  return 0
end
if not keep_pieces(new, ARGV[2]) then return redis.error_reply('ERR the pieces are gone') end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if old then keep_pieces(old, 1000) end
local left = redis.call('PTTL', KEYS[2])
local ms = ARGV[2]
if left > tonumber(ms) then ms = string.format('%.0f', left) end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ms)
return 1
)lua";

// For how long it may still be of use.
base::Duration life_of(const cache::Freshness& freshness, base::MonoTime now) {
  const base::Duration grace = std::max(freshness.stale_while_revalidate, freshness.stale_if_error);
  return freshness.remaining(now) + (freshness.must_revalidate ? base::Duration(0) : grace);
}

base::WallTime wall_of(base::MonoTime time, base::Now now) {
  return std::max(now.wall + (time - now.mono), base::WallTime());
}

}  // namespace

net::Task<void> RedisStore::State::write_all() {
  while (!is_stopping) {
    std::optional<Write> next = next_write();
    if (!next) {
      co_await has_writes.wait();
      continue;
    }
    Written result = Written::failed;
    try {
      result = co_await write(*next);
    } catch (const std::exception& problem) {  // no memory
      obs::log_error(std::string("a response could not be written to Redis: ") + problem.what());
    }
    end_write(*next, result);
  }
}

std::optional<RedisStore::State::Write> RedisStore::State::next_write() {
  const std::lock_guard lock(mutex);
  if (waiting.empty()) return std::nullopt;
  std::optional<Write> next(std::move(waiting.front()));
  waiting.pop_front();
  return next;
}

net::Task<RedisStore::State::Written> RedisStore::State::write(const Write& wanted) {
  if (!writer->is_up()) co_return Written::failed;
  if (std::chrono::steady_clock::now() > wanted.accepted_at + queue_time_max) co_return Written::dropped;
  const base::Now now = clock.now();
  const base::Duration left =
      wanted.response ? life_of(wanted.response->freshness, now.mono) : wanted.expires_at - now.mono;
  if (left.count() <= 0) co_return Written::dropped;
  std::optional<WrittenFrame> frame = frame_of(wanted, now);
  if (!frame) co_return Written::dropped;
  if (frame->frame.pieces > 0) {
    const bool are_there = co_await write_pieces(*frame);
    if (!are_there) co_return Written::failed;
  }
  co_return co_await write_frame_of(wanted, std::move(*frame), left);
}

std::optional<WrittenFrame> RedisStore::State::frame_of(const Write& wanted, base::Now now) const {
  Frame frame;
  frame.kind = wanted.response ? Frame::Kind::entry : Frame::Kind::mark;
  frame.place = wanted.place;
  frame.received_ms = static_cast<std::uint64_t>(wall_of(wanted.received_at, now).time_since_epoch().count());
  const Variant& variant = wanted.variant;
  std::string payload =
      wanted.response
          ? cache::encode(*wanted.response, now)
          : text_of({variant.key, variant.vary, variant.secondary, wall_of(wanted.expires_at, now)});
  return write_frame(std::move(frame), std::move(payload), net::random_name());
}

net::Task<bool> RedisStore::State::write_pieces(const WrittenFrame& frame) {
  const std::string_view stored = frame.stored;
  for (std::size_t first = 0; first < frame.frame.pieces; first += pieces_at_once) {
    std::vector<redis::Command> commands;
    for (std::size_t i = first; i < std::min<std::size_t>(first + pieces_at_once, frame.frame.pieces); ++i) {
      commands.push_back({"SET", keys.of_piece(frame.frame.piece_id, i),
                          std::string(stored.substr(i * piece_size, piece_size)), "PX",
                          std::string(orphan_ms)});
    }
    const std::vector<redis::Outcome> outcomes =
        co_await writer->execute_all(std::move(commands), write_timeout);
    const bool are_ok = std::all_of(outcomes.begin(), outcomes.end(), [this](const redis::Outcome& outcome) {
      return is_ok(outcome, write_refusal);
    });
    if (!are_ok) co_return false;
  }
  co_return true;
}

net::Task<RedisStore::State::Written> RedisStore::State::write_frame_of(const Write& wanted,
                                                                        WrittenFrame frame,
                                                                        base::Duration left) {
  std::string value = std::move(frame.line);
  if (frame.frame.pieces == 0) value += frame.stored;
  redis::Command command{"EVAL",
                         std::string(write_script),
                         "2",
                         keys.of_variant(wanted.space, wanted.variant),
                         keys.of_vary(wanted.space, wanted.variant.key),
                         std::move(value),
                         std::to_string(left.count()),
                         wanted.variant.vary,
                         keys.of_pieces()};
  const redis::Outcome outcome = co_await writer->execute(std::move(command), write_timeout);
  if (!is_ok(outcome, write_refusal)) co_return Written::failed;
  write_refusal.clear();
  co_return outcome.reply.integer == 1 ? Written::written : Written::superseded;
}

}  // namespace larder::store
