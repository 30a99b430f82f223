#include "larder/store/redis_store.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "larder/base/hash.hpp"
#include "larder/obs/log.hpp"
#include "store/redis_store_state.hpp"

namespace larder::store {
namespace {

namespace asio = net::asio;

constexpr std::size_t look_ups_max = 1024;
constexpr std::size_t writes_max = 1024;
constexpr std::uint64_t waiting_bytes_max = std::uint64_t{32} * 1024 * 1024;

// Unambiguous, since no first part holds a NUL.
std::string digest_of(std::string_view first, std::string_view second) {
  std::string text(first);
  text.append(1, '\0').append(second);
  const base::DigestText digest = base::digest256(text);
  return {digest.begin(), digest.end()};
}

// The bytes that a response holds while it waits.
std::uint64_t size_of(const cache::StoredResponse& response) {
  const cache::HeadView head = response.head();
  std::uint64_t size = response.body_size() + head.text.size() + head.hidden.size() +
                       response.key().text.size() + response.vary().size() + response.secondary().size();
  for (const std::string_view tag : response.tags()) size += tag.size();
  return size;
}

bool is_sharable(const cache::StoredResponse& response) {
  return response.is_whole() && response.body_size() <= RedisStore::body_size_max &&
         !response.key().is_private();
}

void tell(const std::function<void(bool)>& done, bool is_there) {
  if (done) done(is_there);
}

}  // namespace

std::string RedisKeys::of_vary(std::string_view space, std::string_view key) const {
  return prefix_ + "v:" + digest_of(space, key);
}

std::string RedisKeys::of_variant(std::string_view space, const Variant& variant) const {
  return prefix_ + "r:" + digest_of(space, variant.key) + ":" + digest_of(variant.vary, variant.secondary);
}

std::string RedisKeys::of_piece(const std::string& id, std::size_t index) const {
  return of_pieces() + id + ":" + std::to_string(index);
}

RedisStore::RedisStore(const config::Redis& redis, const net::Clock& clock)
    : state_(std::make_unique<State>(redis, clock)) {}

RedisStore::~RedisStore() {
  stop();
}

// Here, where a certificate that cannot be read is the starter's exception.
void RedisStore::start() {
  State& state = *state_;
  const redis::Client::Options options;
  state.reader.emplace(state.reads.get_executor(), state.redis, options, nullptr, nullptr);
  state.writer.emplace(state.writing.get_executor(), state.redis, options, nullptr, nullptr);
  state.read_thread = std::thread([&state] { state.run_reads(); });
  state.write_thread = std::thread([&state] { state.run_writes(); });
  const std::lock_guard lock(state.mutex);
  state.is_running = true;
}

void RedisStore::stop() {
  State& state = *state_;
  if (!state.read_thread.joinable()) return;
  state.is_stopping = true;
  {
    const std::lock_guard lock(state.mutex);
    state.is_running = false;
  }
  asio::post(state.reads, [&state] {
    state.reader->stop();
    state.reads.stop();
  });
  asio::post(state.writing, [&state] {
    state.writer->stop();
    state.has_writes.notify();
    state.writing.stop();
  });
  state.read_thread.join();
  state.write_thread.join();
  // What is under way has failed by now; it ends here, and lets go of what it was asked for.
  for (asio::io_context* const context : {&state.reads, &state.writing}) {
    context->restart();
    context->poll();
  }
  state.waiting.clear();
}

void RedisStore::State::run_reads() {
  reader->start();
  const auto work = asio::make_work_guard(reads);
  reads.run();
}

void RedisStore::State::run_writes() {
  writer->start();
  net::spawn(writing, [this] { return write_all(); });
  const auto work = asio::make_work_guard(writing);
  writing.run();
}

void RedisStore::look_up(Question question, std::function<void(Found)> done) {
  State& state = *state_;
  count(state.look_ups);
  const auto deadline = std::chrono::steady_clock::now() + state.redis.read_budget;
  State::Asked asked{std::move(question), std::move(done), deadline};
  {
    const std::lock_guard lock(state.mutex);
    if (state.is_running && state.reader->is_up() && state.look_ups_under_way < look_ups_max) {
      ++state.look_ups_under_way;
      asio::post(state.reads, [&state, asked = std::move(asked)]() mutable {
        net::spawn(state.reads, State::answer(state, std::move(asked)));
      });
      return;
    }
  }
  count(state.unavailable);
  asked.done({});
}

void RedisStore::put(std::string space, cache::StoredPtr response, cache::Place place,
                     std::function<void(bool)> done) {
  if (!is_sharable(*response)) {
    count(state_->dropped);
    tell(done, false);
    return;
  }
  State::Write write;
  write.space = std::move(space);
  write.variant = {std::string(response->key().text), std::string(response->vary()),
                   std::string(response->secondary())};
  write.received_at = response->freshness.received_at;
  write.place = std::move(place);
  write.done = std::move(done);
  write.bytes = size_of(*response);
  write.response = std::move(response);
  state_->accept(std::move(write));
}

void RedisStore::put_mark(std::string space, const cache::CacheKey& key, Mark mark, cache::Place place,
                          std::function<void(bool)> done) {
  State::Write write;
  write.space = std::move(space);
  write.bytes = key.text.size() + mark.vary.size() + mark.secondary.size();
  write.variant = {key.text, std::move(mark.vary), std::move(mark.secondary)};
  write.expires_at = mark.expires_at;
  write.received_at = state_->clock.mono();
  write.place = std::move(place);
  write.done = std::move(done);
  state_->accept(std::move(write));
}

void RedisStore::State::accept(Write write) {
  Counter* reason = &dropped;
  {
    const std::lock_guard lock(mutex);
    if (!is_running || !writer->is_up()) {
      reason = &failed_writes;
    } else if (write.variant.vary.size() <= vary_size_max && waiting_count < writes_max &&
               waiting_bytes + write.bytes <= waiting_bytes_max) {
      ++waiting_count;
      waiting_bytes += write.bytes;
      write.accepted_at = std::chrono::steady_clock::now();
      waiting.push_back(std::move(write));
      asio::post(writing, [this] { has_writes.notify(); });
      return;
    }
  }
  count(*reason);
  tell(write.done, false);
}

void RedisStore::State::end_write(Write& write, Written result) {
  {
    const std::lock_guard lock(mutex);
    --waiting_count;
    waiting_bytes -= write.bytes;
  }
  if (is_stopping) return;
  count(counter_of(result));
  tell(write.done, result == Written::written || result == Written::superseded);
}

RedisStore::State::Counter& RedisStore::State::counter_of(Answer answer) {
  switch (answer) {
    case Answer::hit:
      return hits;
    case Answer::miss:
      return misses;
    case Answer::corrupt:
      return corrupt;
    case Answer::timeout:
      return timeouts;
    case Answer::unavailable:
      break;
  }
  return unavailable;
}

RedisStore::State::Counter& RedisStore::State::counter_of(Written written) {
  switch (written) {
    case Written::written:
      return writes;
    case Written::superseded:
      return superseded;
    case Written::dropped:
      return dropped;
    case Written::failed:
      break;
  }
  return failed_writes;
}

bool RedisStore::State::is_ok(const redis::Outcome& outcome, std::string& last_refusal) {
  if (outcome.failure != redis::Failure::refused) return outcome.is_ok();
  const std::string& error = outcome.reply.text;
  if (error != last_refusal)
    obs::log_warning("Redis refuses what the replicas share: " + error.substr(0, 200));
  last_refusal = error;
  return false;
}

RedisStoreStats RedisStore::stats() const {
  const State& state = *state_;
  RedisStoreStats stats;
  stats.look_ups = state.look_ups;
  stats.hits = state.hits;
  stats.misses = state.misses;
  stats.corrupt = state.corrupt;
  stats.timeouts = state.timeouts;
  stats.unavailable = state.unavailable;
  stats.writes = state.writes;
  stats.superseded = state.superseded;
  stats.dropped = state.dropped;
  stats.failed_writes = state.failed_writes;
  stats.waiting_bytes = state.waiting_bytes;
  return stats;
}

}  // namespace larder::store
