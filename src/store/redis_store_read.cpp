// Look-ups: the Vary that was seen last, the variant under it, and its pieces.
#include <algorithm>
#include <exception>
#include <utility>

#include "larder/cache/codec.hpp"
#include "larder/cache/vary.hpp"
#include "larder/obs/log.hpp"
#include "store/redis_store_state.hpp"

namespace larder::store {
namespace {

// Asked for at a time: their replies are read even when nobody waits for them any more.
constexpr std::uint32_t pieces_at_once = 4;
// Of large responses, all together.
constexpr std::uint64_t bytes_under_way_max = std::uint64_t{64} * 1024 * 1024;
// What an entry is beside its body, at most: so much larger than that may the whole be.
constexpr std::uint64_t head_size_max = std::uint64_t{1024} * 1024;

class Charge {
 public:
  Charge(std::uint64_t& account, std::uint64_t bytes) : account_(account), bytes_(bytes) {
    account_ += bytes_;
  }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { account_ -= bytes_; }

 private:
  std::uint64_t& account_;
  std::uint64_t bytes_;
};

Variant variant_of(const RedisStore::Question& question, std::string vary) {
  std::string secondary =
      cache::secondary_key(cache::vary_from_text(vary), question.fields, question.cookies);
  return {question.key.text, std::move(vary), std::move(secondary)};
}

}  // namespace

net::Task<void> RedisStore::State::answer(State& state, Asked asked) {
  Found found;
  Answer answer = Answer::unavailable;
  try {
    answer = co_await state.read(asked, found);
  } catch (const std::exception& problem) {  // no memory
    obs::log_error(std::string("a look-up in Redis failed: ") + problem.what());
    found = {};
  }
  {
    const std::lock_guard lock(state.mutex);
    --state.look_ups_under_way;
  }
  if (state.is_stopping) co_return;
  count(state.counter_of(answer));
  found.is_known = answer == Answer::hit || answer == Answer::miss || answer == Answer::corrupt;
  asked.done(std::move(found));
}

net::Task<RedisStore::State::Answer> RedisStore::State::read(const Asked& asked, Found& found) {
  const Question& question = asked.question;
  Variant variant = variant_of(question, question.vary);
  std::vector<std::string> names{keys.of_vary(question.space, variant.key),
                                 keys.of_variant(question.space, variant)};
  Values values = co_await get(std::move(names), asked.deadline);
  if (values.answer != Answer::hit) co_return values.answer;
  const redis::Reply& seen = values.replies.front();
  if (seen.is_text() && seen.text != variant.vary) {
    if (seen.text.size() > vary_size_max) co_return Answer::corrupt;
    variant = variant_of(question, seen.text);
    std::vector<std::string> other{keys.of_variant(question.space, variant)};
    values = co_await get(std::move(other), asked.deadline);
    if (values.answer != Answer::hit) co_return values.answer;
  }
  redis::Reply& value = values.replies.back();
  if (!value.is_text()) co_return Answer::miss;
  co_return co_await take(asked, variant, std::move(value.text), found);
}

// A value of another type is none: MGET says nil of it.
net::Task<RedisStore::State::Values> RedisStore::State::get(std::vector<std::string> names,
                                                            SteadyTime deadline) {
  Values values;
  const auto left = std::chrono::duration_cast<base::Duration>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) {
    values.answer = Answer::timeout;
    co_return values;
  }
  const std::size_t wanted = names.size();
  redis::Command command{"MGET"};
  command.insert(command.end(), std::move_iterator(names.begin()), std::move_iterator(names.end()));
  redis::Outcome outcome = co_await reader->execute(std::move(command), left);
  if (!is_ok(outcome, read_refusal)) {
    values.answer = outcome.failure == redis::Failure::timeout ? Answer::timeout : Answer::unavailable;
  } else if (outcome.reply.items.size() != wanted) {
    values.answer = Answer::corrupt;
  } else {
    values.replies = std::move(outcome.reply.items);
  }
  co_return values;
}

net::Task<RedisStore::State::Answer> RedisStore::State::take(const Asked& asked, const Variant& variant,
                                                             std::string value, Found& found) {
  std::string_view after_line;
  const std::optional<Frame> frame = read_frame(value, after_line);
  if (!frame) co_return Answer::corrupt;
  // Of what is too large for who asks nothing more is read.
  if (frame->size > asked.question.body_size_max + head_size_max) co_return Answer::miss;
  std::string pieces;
  if (frame->pieces > 0) {
    if (bytes_under_way + frame->size > bytes_under_way_max) co_return Answer::unavailable;
    const Charge charge(bytes_under_way, frame->size);
    const Answer answer = co_await get_pieces(*frame, asked.deadline, pieces);
    if (answer != Answer::hit) co_return answer;
    after_line = pieces;
  }
  const std::optional<std::string> payload = payload_of(*frame, after_line);
  if (!payload) co_return Answer::corrupt;
  found.place = frame->place;
  co_return frame->kind == Frame::Kind::mark ? take_mark(variant, *payload, found)
                                             : take_entry(variant, *payload, found);
}

// A piece that is gone was evicted, or the entry is about to be another.
net::Task<RedisStore::State::Answer> RedisStore::State::get_pieces(const Frame& frame, SteadyTime deadline,
                                                                   std::string& stored) {
  for (std::uint32_t first = 0; first < frame.pieces; first += pieces_at_once) {
    std::vector<std::string> names;
    for (std::uint32_t i = first; i < std::min(first + pieces_at_once, frame.pieces); ++i)
      names.push_back(keys.of_piece(frame.piece_id, i));
    const Values values = co_await get(std::move(names), deadline);
    if (values.answer != Answer::hit) co_return values.answer;
    for (const redis::Reply& piece : values.replies) {
      if (!piece.is_text()) co_return Answer::miss;
      if (piece.text.size() > piece_size) co_return Answer::corrupt;
      stored += piece.text;
    }
  }
  co_return Answer::hit;
}

RedisStore::State::Answer RedisStore::State::take_entry(const Variant& variant, const std::string& payload,
                                                        Found& found) const {
  const base::Now now = clock.now();
  std::optional<cache::ResponseDraft> response = cache::decode(payload, now);
  if (!response) return Answer::corrupt;
  if (response->key.text != variant.key || response->vary != variant.vary ||
      response->secondary != variant.secondary) {
    return Answer::corrupt;
  }
  // Another replica's clock may be ahead of ours: nothing is younger than just received.
  response->freshness.received_at = std::min(response->freshness.received_at, now.mono);
  found.response = std::move(response);
  return Answer::hit;
}

RedisStore::State::Answer RedisStore::State::take_mark(const Variant& variant, const std::string& payload,
                                                       Found& found) const {
  const std::optional<MarkPayload> mark = mark_of(payload);
  if (!mark) return Answer::corrupt;
  if (mark->key != variant.key || mark->vary != variant.vary || mark->secondary != variant.secondary)
    return Answer::corrupt;
  const base::Now now = clock.now();
  if (mark->expires_at <= now.wall) return Answer::miss;
  found.mark = Mark{mark->vary, mark->secondary, now.mono + (mark->expires_at - now.wall)};
  return Answer::hit;
}

}  // namespace larder::store
