// One byte stream to a server: TCP or unix, over TLS where a context is given. One thread; one read and one
// write may be under way at once.
#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "larder/config/redis.hpp"
#include "larder/net/lookup.hpp"
#include "larder/net/types.hpp"
#include "larder/net/watchdog.hpp"

namespace larder::redis {

using TlsContext = net::asio::ssl::context;
// What verifies the server of a rediss:// URL; null for others. Throws std::runtime_error when `ca` holds no
// certificates.
std::shared_ptr<TlsContext> tls_context_of(const config::Redis& config);

class Stream {
 public:
  // `tls` may be null.
  Stream(const net::Executor& executor, std::shared_ptr<TlsContext> tls);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Connects, and shakes hands; an empty text, or why not. Once.
  net::Task<std::string> open(const config::Address& address, base::Duration within);
  net::Task<std::size_t> read_some(net::asio::mutable_buffer room, net::ErrorCode& error);
  net::Task<void> write(net::asio::const_buffer bytes, net::ErrorCode& error);
  // Whatever waits returns.
  void close();

 private:
  net::Task<net::ErrorCode> connect(const config::Address& address);
  net::Task<net::ErrorCode> shake_hands(const std::string& host);

  net::Socket socket_;
  net::Lookup lookup_;
  net::Watchdog watchdog_;
  std::shared_ptr<TlsContext> tls_context_;
  std::optional<net::asio::ssl::stream<net::Socket&>> tls_;
  bool is_closed_ = false;
};

}  // namespace larder::redis
