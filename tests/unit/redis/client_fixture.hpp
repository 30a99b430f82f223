// A client on an io_context that the test's own thread runs, until what the test waits for has come.
#pragma once
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "larder/redis/client.hpp"
#include "support/redis/redis_server.hpp"
#include "support/scenario/waiting.hpp"

namespace larder::redis::test {

namespace asio = net::asio;
using namespace std::chrono_literals;

// Nothing here waits for a time to pass: what is to time out does so early.
inline Client::Options quick_options() {
  Client::Options options;
  options.command_timeout = 300ms;
  options.backoff_min = 5ms;
  options.backoff_max = 50ms;
  options.check_period = 20ms;
  return options;
}

inline config::Redis config_of(const std::string& url) {
  config::Redis config;
  if (const auto problem = config::parse_redis_url(url, config)) throw std::runtime_error(*problem);
  return config;
}

inline std::string url_of(const redis_support::RedisServer& server) {
  return "redis://127.0.0.1:" + std::to_string(server.port());
}

// Stores what a task returns.
template <typename T>
net::Task<void> store(net::Task<T> task, std::optional<T>& result) {
  T value = co_await task;
  result = std::move(value);
}

class Loop {
 public:
  net::Executor executor() { return context_.get_executor(); }

  template <typename Condition>
  void run_until(const std::string& what, Condition holds) {
    scenario::wait_until(what, [&] {
      context_.restart();
      context_.run_for(1ms);
      return holds();
    });
  }
  template <typename T>
  T result_of(net::Task<T> task) {
    std::optional<T> result;
    net::spawn(context_, store(std::move(task), result));
    run_until("a task's end", [&] { return result.has_value(); });
    return std::move(*result);
  }
  // Runs to the end of everything.
  void run_out() {
    run_until("the end of all that runs", [&] { return context_.stopped(); });
  }

 private:
  asio::io_context context_{1};
};

class Fixture {
 public:
  explicit Fixture(const std::string& url, Client::Options options = quick_options(),
                   Client::OnConnected on_connected = {})
      : Fixture(config_of(url), options, std::move(on_connected)) {}
  explicit Fixture(const config::Redis& config, Client::Options options = quick_options(),
                   Client::OnConnected on_connected = {})
      : client(loop.executor(), config, options, std::move(on_connected), [this] { ++losses; }) {
    client.start();
  }
  ~Fixture() {
    client.stop();
    loop.run_out();
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  Outcome execute(Command command, base::Duration within = 5s) {
    return loop.result_of(client.execute(std::move(command), within));
  }
  std::vector<Outcome> execute_all(std::vector<Command> commands, base::Duration within = 5s) {
    return loop.result_of(client.execute_all(std::move(commands), within));
  }
  void wait_until_up() {
    loop.run_until("the client", [this] { return client.is_up(); });
  }
  void wait_for(Trouble trouble) {
    loop.run_until(std::string(text_of(trouble)), [&] { return client.trouble() == trouble; });
  }

  Loop loop;
  int losses = 0;
  Client client;
};

}  // namespace larder::redis::test
