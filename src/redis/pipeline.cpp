#include "pipeline.hpp"

#include <algorithm>
#include <utility>

namespace larder::redis {

void append_command(std::string& output, const Command& command) {
  output.append("*").append(std::to_string(command.size())).append("\r\n");
  for (const std::string& argument : command) {
    output.append("$").append(std::to_string(argument.size())).append("\r\n");
    output.append(argument).append("\r\n");
  }
}

namespace {

// Not less than append_command() makes of it, and no more than a few bytes above.
std::size_t size_of(const Command& command) {
  constexpr std::size_t frame = 16;  // "$", ten digits and twice CRLF
  std::size_t size = frame;
  for (const std::string& argument : command) size += frame + argument.size();
  return size;
}

}  // namespace

Failure Pipeline::send(const std::shared_ptr<Call>& call, const std::vector<Command>& commands,
                       base::Duration within, base::MonoTime now) {
  std::size_t size = 0;
  for (const Command& command : commands) size += size_of(command);
  if (slots_.size() + commands.size() > limits_.pending_max) return Failure::overloaded;
  if (pending_bytes_ + size > limits_.pending_bytes_max) return Failure::overloaded;
  if (!slots_.empty() && now - slots_.front().sent_at >= within) return Failure::down;

  if (slots_.empty()) first_since_ = now;
  const base::Duration patience = std::max(within, limits_.silence_max);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    append_command(output_, commands[i]);
    slots_.push_back({call, i, size_of(commands[i]), now, patience});
  }
  pending_bytes_ += size;
  call->outcomes.resize(commands.size());
  call->is_answered.resize(commands.size());
  call->open = commands.size();
  call->deadline = deadlines_.emplace(now + within, call);
  return Failure::none;
}

bool Pipeline::receive(std::string_view bytes, base::MonoTime now) {
  reader_.feed(bytes);
  for (;;) {
    Reply reply;
    const ReplyReader::Step step = reader_.next(reply);
    if (step == ReplyReader::Step::broken) return false;
    if (step == ReplyReader::Step::incomplete) return true;
    if (slots_.empty()) return false;
    answer(std::move(reply), now);
  }
}

void Pipeline::answer(Reply reply, base::MonoTime now) {
  const Slot slot = std::move(slots_.front());
  slots_.pop_front();
  pending_bytes_ -= slot.size;
  first_since_ = now;
  Call& call = *slot.call;
  if (call.is_over) return;
  const Failure failure = reply.is_error() ? Failure::refused : Failure::none;
  call.outcomes[slot.index] = {failure, std::move(reply)};
  call.is_answered[slot.index] = true;
  if (--call.open == 0) end(call, Failure::none);
}

void Pipeline::end(Call& call, Failure of_the_rest) {
  for (std::size_t i = 0; i < call.outcomes.size(); ++i) {
    if (!call.is_answered[i]) call.outcomes[i].failure = of_the_rest;
  }
  call.is_over = true;
  const std::shared_ptr<Call> kept = std::move(call.deadline->second);
  deadlines_.erase(call.deadline);
  kept->on_over();
}

void Pipeline::expire(base::MonoTime now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    end(*deadlines_.begin()->second, Failure::timeout);
  }
}

bool Pipeline::is_silent(base::MonoTime now) const {
  return !slots_.empty() && now - first_since_ >= slots_.front().patience;
}

std::optional<base::MonoTime> Pipeline::next_deadline() const {
  if (slots_.empty()) return std::nullopt;
  const base::MonoTime silence = first_since_ + slots_.front().patience;
  return deadlines_.empty() ? silence : std::min(silence, deadlines_.begin()->first);
}

void Pipeline::fail_all() {
  slots_.clear();
  pending_bytes_ = 0;
  output_.clear();
  while (!deadlines_.empty()) end(*deadlines_.begin()->second, Failure::lost);
}

}  // namespace larder::redis
