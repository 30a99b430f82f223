// A connection to Redis that mends itself.
//
//   start() -> trying: find the master, connect, set up (AUTH, SELECT, INFO, ROLE), on_connected
//                |  any of it fails: trouble() says what; again after a pause that grows, with jitter
//                v
//              up: execute_all() pipelines -> lost, silent, or no master any more: on_lost, then trying
//   stop() from anywhere: ended
//
// While it is not up nothing is queued for it: commands are answered `down` at once, so that a dead Redis
// costs nothing. One thread, the executor's, but for what says otherwise; its io_context outlives the client.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "larder/config/redis.hpp"
#include "larder/net/types.hpp"
#include "larder/redis/channel.hpp"

namespace larder::redis {

// Why a client is not up.
enum class Trouble : std::uint8_t {
  none,         // it is
  not_tried,    // nothing is known yet
  unreachable,  // no connection, or it broke
  credentials,  // user or password are refused, or may not do what is needed
  set_up,       // a command of the set-up failed, or on_connected did
  replica,      // the server is no master
  cluster,      // the server is of a Redis Cluster, which is not supported
  no_majority,  // the sentinels do not agree, or are out of reach
};

// What has happened, ever.
struct ClientCounters {
  std::uint64_t attempts = 0;    // to connect
  std::uint64_t connects = 0;    // that came up
  std::uint64_t losses = 0;      // of a client that was up
  std::uint64_t commands = 0;    // that were asked for; each of these is of one kind at most:
  std::uint64_t down = 0;        //
  std::uint64_t timeouts = 0;    //
  std::uint64_t lost = 0;        //
  std::uint64_t overloaded = 0;  //
  std::uint64_t refused = 0;     //
};

class Client : public Channel {
 public:
  struct Options {
    base::Duration connect_timeout = std::chrono::seconds(1);  // look-up, connection and TLS
    // Of each step of the set-up; and how long a server may say nothing before it is given up, while somebody
    // waits for it.
    base::Duration command_timeout = std::chrono::seconds(1);
    base::Duration backoff_min = std::chrono::milliseconds(50);
    base::Duration backoff_max = std::chrono::seconds(2);
    base::Duration check_period = std::chrono::seconds(1);  // an idle connection is asked for its role
    std::size_t pending_max = 1024;                         // commands without a reply
    std::size_t pending_bytes_max = 16ull * 1024 * 1024;    // of them
  };
  // Called with the new connection once it is set up, before anybody else's commands are sent; commands of
  // its own go to that channel. False: the connection is given up. When the client stops, or the connection
  // breaks, meanwhile, its commands fail, and it ends by that.
  using OnConnected = std::function<net::Task<bool>(Channel&)>;
  // Called when a connection that was up is lost; not by stop().
  using OnLost = std::function<void()>;

  // Throws std::runtime_error when the authorities of `config` cannot be used. Either function may be empty.
  Client(const net::Executor& executor, const config::Redis& config, const Options& options,
         OnConnected on_connected, OnLost on_lost);
  ~Client() override;  // stops

  void start();  // once
  // What is under way is lost, and neither function is called any more. Questions to sentinels run out by
  // themselves, within connect_timeout.
  void stop();

  // The channel's. Commands that the server carries out later (XREAD BLOCK) want a client of their own.
  net::Task<std::vector<Outcome>> execute_all(std::vector<Command> commands, base::Duration within) override;
  const ServerIdentity& identity() const noexcept override;

  // Whether the sentinels still name this connection's server, a majority of them and within this time; true
  // without Sentinel. A server that they do not name is dropped. False also while it is not up. What they
  // said was so when they said it: a failover may have begun since.
  net::Task<bool> confirm_master(base::Duration within);

  // Any thread.
  bool is_up() const noexcept { return trouble() == Trouble::none; }
  Trouble trouble() const noexcept;
  ClientCounters counters() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// "not reachable", for messages.
std::string_view text_of(Trouble trouble) noexcept;

}  // namespace larder::redis
