// Replicas' shared stores over a real Redis, and a test's thread that waits for their answers.
#pragma once
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "larder/obs/log.hpp"
#include "larder/store/redis_store.hpp"
#include "store/redis_store_state.hpp"
#include "store_fixture.hpp"
#include "support/redis/redis_server.hpp"
#include "support/scenario/waiting.hpp"

namespace larder::store::fixture {

using namespace std::chrono_literals;

// One for all tests that do not harm it; each has a namespace of its own there.
inline redis_support::RedisServer& shared_server() {
  static redis_support::RedisServer server;
  return server;
}

inline std::string fresh_name_space() {
  static std::atomic<int> last{0};
  return "test" + std::to_string(++last);
}

// Where nothing is said of the budget no machine is too slow for it.
inline config::Redis config_of(const redis_support::RedisServer& server, const std::string& name_space,
                               base::Duration read_budget = scenario::patience) {
  // Before any of its threads logs.
  static const bool is_quiet = (obs::set_up_log({.level = "off"}), true);
  (void)is_quiet;
  config::Redis config;
  const std::string url = "redis://127.0.0.1:" + std::to_string(server.port());
  if (const auto problem = config::parse_redis_url(url, config)) throw std::runtime_error(*problem);
  config.name_space = name_space;
  config.read_budget = read_budget;
  return config;
}

template <typename T>
T result_of(std::future<T> future, const std::string& what) {
  if (future.wait_for(scenario::patience) != std::future_status::ready)
    throw scenario::Failure("waited for " + what);
  return future.get();
}

inline RedisStore::Question question_of(const cache::CacheKey& key, const http::Fields& fields = request_of(),
                                        const std::string& vary = {}, const std::string& space = "space") {
  return {space, key, vary, fields, {}};
}

inline std::future<RedisStore::Found> ask(RedisStore& store, RedisStore::Question question) {
  auto promise = std::make_shared<std::promise<RedisStore::Found>>();
  std::future<RedisStore::Found> found = promise->get_future();
  store.look_up(std::move(question), [promise](const RedisStore::Found& what) { promise->set_value(what); });
  return found;
}

inline std::future<bool> begin_put(RedisStore& store, cache::StoredPtr response, cache::Place place,
                                   const std::string& space = "space") {
  auto promise = std::make_shared<std::promise<bool>>();
  std::future<bool> is_there = promise->get_future();
  store.put(space, std::move(response), std::move(place),
            [promise](bool is_written) { promise->set_value(is_written); });
  return is_there;
}

// A replica's, once it is up.
class Replica {
 public:
  explicit Replica(const config::Redis& config, bool waits = true) : store(config, clock) {
    store.start();
    if (waits) wait_until_up();
  }

  RedisStore::Found look_up(RedisStore::Question question) {
    return result_of(ask(store, std::move(question)), "a look-up");
  }
  bool put(const cache::ResponseDraft& response, const cache::Place& place = {"epoch", 1},
           const std::string& space = "space") {
    return result_of(begin_put(store, cache::freeze(response), place, space), "a write");
  }
  bool put_mark(const cache::CacheKey& key, const RedisStore::Mark& mark,
                const cache::Place& place = {"epoch", 1}) {
    auto promise = std::make_shared<std::promise<bool>>();
    std::future<bool> is_there = promise->get_future();
    store.put_mark("space", key, mark, place, [promise](bool is_written) { promise->set_value(is_written); });
    return result_of(std::move(is_there), "a mark");
  }
  // Both of its connections.
  void wait_until_up() {
    scenario::wait_until("a store that is up", [this] {
      const RedisStore::Mark mark{"", "", clock.now().mono + 1min};
      return look_up(question_of(key_of("/probe"))).is_known && put_mark(key_of("/probe"), mark);
    });
  }

  // Fresh here for a minute.
  cache::ResponseDraft page(const cache::CacheKey& key, std::string_view body,
                            std::optional<std::string_view> language = std::nullopt) {
    cache::ResponseDraft response = draft(key, {.language = language});
    response.body = cache::Body::complete(body);
    response.freshness.received_at = clock.now().mono;
    response.freshness.lifetime = 1min;
    return response;
  }

  net::Clock clock;
  RedisStore store;
};

inline std::string text_of(const cache::ResponseDraft& response) {
  std::string body;
  for (const std::string_view piece : response.body->pieces()) body += piece;
  return body;
}

// The body that was found; nothing where there is no response.
inline std::optional<std::string> body_of(const RedisStore::Found& found) {
  return found.response ? std::optional(text_of(*found.response)) : std::nullopt;
}

}  // namespace larder::store::fixture
