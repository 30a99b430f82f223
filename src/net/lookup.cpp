#include "larder/net/lookup.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "larder/net/notifier.hpp"

namespace larder::net {

// A look-up under way, which outlives whoever asked for it.
struct Lookup::Pending {
  explicit Pending(const Executor& executor) : done(executor) {}

  Notifier done;
  ErrorCode error = asio::error::operation_aborted;
  std::vector<Endpoint> found;
};

Task<ErrorCode> Lookup::find(const config::Address& address, std::vector<Endpoint>& found) {
  if (address.is_unix()) {
    found.emplace_back(asio::local::stream_protocol::endpoint(address.unix_path));
    co_return ErrorCode();
  }
  ErrorCode error;
  const asio::ip::address ip = asio::ip::make_address(address.host, error);
  if (!error) {
    found.emplace_back(asio::ip::tcp::endpoint(ip, address.port));
    co_return ErrorCode();
  }
  error = co_await ask(address, found);
  co_return error;
}

Task<ErrorCode> Lookup::ask(const config::Address& address, std::vector<Endpoint>& found) {
  using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  const auto pending = std::make_shared<Pending>(executor_);
  Resolver resolver(executor_);  // its end takes back a look-up that has not begun
  resolver.async_resolve(address.host, std::to_string(address.port),
                         [pending](ErrorCode error, const Resolver::results_type& results) {
                           pending->error = error;
                           for (const auto& entry : results) pending->found.emplace_back(entry.endpoint());
                           pending->done.notify();
                         });
  pending_ = pending;
  co_await pending->done.wait();
  pending_.reset();
  found = std::move(pending->found);
  const bool is_empty = !pending->error && found.empty();
  co_return is_empty ? ErrorCode(asio::error::host_not_found) : pending->error;
}

void Lookup::abandon() {
  if (pending_) pending_->done.notify();
}

}  // namespace larder::net
