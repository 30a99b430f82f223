// One connection to one server, from its opening to its end; it is not mended.
//
//   open() -> is_open() -> execute_all() ... -> closed: by close(), by the server, by what is no reply, by
//                                               silence, or because the server stopped being a master
//
// One thread. Whatever runs here keeps the connection alive until it has ended.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "larder/net/clock.hpp"
#include "larder/net/notifier.hpp"
#include "larder/redis/channel.hpp"
#include "pipeline.hpp"
#include "stream.hpp"

namespace larder::redis {

class Connection : public Channel, public std::enable_shared_from_this<Connection> {
 public:
  Connection(const net::Executor& executor, std::shared_ptr<TlsContext> tls, Pipeline::Limits limits);

  // An empty text, or why there is no connection. Once.
  net::Task<std::string> open(config::Address address, base::Duration within);
  net::Task<std::vector<Outcome>> execute_all(std::vector<Command> commands, base::Duration within) override;
  const ServerIdentity& identity() const noexcept override { return identity_; }
  void set_identity(ServerIdentity identity) { identity_ = std::move(identity); }

  bool is_open() const noexcept { return is_open_; }
  bool is_idle() const noexcept { return pipeline_.is_idle(); }
  // What is under way is lost.
  void close();
  // Returns once it is closed, or after `within`. One waiter.
  net::Task<void> wait_for_end(base::Duration within);

 private:
  using Self = std::shared_ptr<Connection>;
  struct Waiting;
  static net::Task<std::vector<Outcome>> run(Self self, std::vector<Command> commands, base::Duration within);
  static net::Task<void> read(Self self);
  static net::Task<void> write(Self self);
  static net::Task<void> watch(Self self);
  Failure send(const std::shared_ptr<Waiting>& waiting, const std::vector<Command>& commands,
               base::Duration within);
  base::MonoTime now() const noexcept { return clock_.mono(); }

  net::Executor executor_;
  net::Clock clock_;
  Stream stream_;
  Pipeline pipeline_;
  ServerIdentity identity_;
  net::Notifier has_output_;
  net::Timer end_;
  net::Timer deadline_;
  base::MonoTime armed_for_ = base::MonoTime::max();
  bool is_open_ = false;
};

}  // namespace larder::redis
