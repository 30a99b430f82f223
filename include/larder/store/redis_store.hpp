// The second level of the store: stored responses in the Redis that replicas share, and hit-for-miss marks,
// so that what one replica has fetched the others need not. A miss in memory asks here; a hit never does.
//
// What stands here is never trusted by itself: it bears its place in the shared log of purges, and whoever
// takes it compares that with the log as it does with what it holds in memory. So nothing is ever searched
// for or removed here: entries run out by themselves, once their grace has.
//
// Two threads of its own speak to Redis, one to read and one to write; nothing here blocks a worker's. What
// is asked for, and waits to be written, is bounded: past that it is dropped, and counted.
//
// Keys, under "larder:NAMESPACE:" (docs/replicas.md); D is the digest of space and cache key, S that of a
// variant's Vary and secondary key:
//   v:D    the Vary last seen for the key
//   r:D:S  an entry or a mark: a line of text that says what it is, and the codec's bytes, compressed above a
//          size
//   c:...  the pieces of a large one
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "larder/cache/place.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/config/redis.hpp"
#include "larder/net/clock.hpp"

namespace larder::store {

// What has happened, ever, and what waits.
struct RedisStoreStats {
  std::uint64_t look_ups = 0;  // each of these is one of:
  std::uint64_t hits = 0;      // an entry or a mark
  std::uint64_t misses = 0;    // nothing there
  std::uint64_t corrupt = 0;   // something that is not what was written: of another version, changed, foreign
  std::uint64_t timeouts = 0;  // no answer within the budget
  std::uint64_t unavailable = 0;    // no connection, refused, or too many wait
  std::uint64_t writes = 0;         // that Redis has confirmed
  std::uint64_t superseded = 0;     // a newer one stood there
  std::uint64_t dropped = 0;        // past a bound, or of no use any more when its turn came
  std::uint64_t failed_writes = 0;  // refused, lost, or without an answer
  std::uint64_t waiting_bytes = 0;  // of responses that wait to be written, now
};

class RedisStore {
 public:
  // Larger bodies are not shared: a read of them would not fit into the budget.
  static constexpr std::uint64_t body_size_max = std::uint64_t{16} * 1024 * 1024;

  // Nothing connects before start(). The clock outlives it.
  RedisStore(const config::Redis& redis, const net::Clock& clock);
  ~RedisStore();
  RedisStore(const RedisStore&) = delete;
  RedisStore& operator=(const RedisStore&) = delete;

  // Throws std::runtime_error where the certificates of the configuration cannot be used.
  void start();
  // Ends the threads. What is under way is dropped, and functions that wait are not called any more.
  void stop();

  // Whose answer is looked for. `space` keeps apart what must not be mixed: configurations whose routes
  // differ.
  struct Question {
    std::string space;
    cache::CacheKey key;
    std::string vary;  // under which the asker would look for it; where another was seen last, that counts
    http::Fields fields;
    cache::CookieRule cookies;
    std::uint64_t body_size_max = RedisStore::body_size_max;  // a larger one is of no use
  };
  struct Mark {
    std::string vary;
    std::string secondary;
    base::MonoTime expires_at{};
  };
  struct Found {
    // Landed whole. Its `sequence` means nothing here: whoever knows the log sets that of `place`.
    std::optional<cache::ResponseDraft> response;
    std::optional<Mark> mark;  // where there is no response: the key is known not to be shareable
    cache::Place place;        // of either
    bool is_known = false;     // Redis has answered: where nothing was found, there is nothing
  };
  // `done` is called once, within `store.redis.read_budget` or a little more, on a thread of this store's or
  // the caller's; it must not block. Any thread.
  void look_up(Question question, std::function<void(Found)> done);

  // Writes it behind the caller's back, for as long as its lifetime and its grace last; not over one of the
  // same epoch and a newer place. `response` has landed whole, and is no private copy and no part. `done` is
  // called once, as above, with whether it stands in Redis now (or a newer one does). Any thread.
  void put(std::string space, cache::StoredPtr response, cache::Place place, std::function<void(bool)> done);
  // The same of the memory that a key is not shareable.
  void put_mark(std::string space, const cache::CacheKey& key, Mark mark, cache::Place place,
                std::function<void(bool)> done);

  RedisStoreStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::store
