#include "stream.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace larder::redis {

namespace ssl = net::asio::ssl;

std::shared_ptr<TlsContext> tls_context_of(const config::Redis& config) {
  if (!config.uses_tls) return nullptr;
  auto context = std::make_shared<TlsContext>(TlsContext::tls_client);
  context->set_options(TlsContext::default_workarounds | TlsContext::no_tlsv1 | TlsContext::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  net::ErrorCode error;
  if (config.ca.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->add_certificate_authority(net::asio::buffer(config.ca), error);
  }
  if (error) throw std::runtime_error("cannot use the authorities of store.redis: " + error.message());
  return context;
}

Stream::Stream(const net::Executor& executor, std::shared_ptr<TlsContext> tls)
    : socket_(executor), lookup_(executor), watchdog_(executor), tls_context_(std::move(tls)) {}

void Stream::close() {
  is_closed_ = true;
  lookup_.abandon();
  net::ErrorCode ignored;
  socket_.close(ignored);
}

// One deadline for the look-up, all that it finds, and the handshake.
net::Task<std::string> Stream::open(const config::Address& address, base::Duration within) {
  watchdog_.arm(within, [this] { close(); });
  net::ErrorCode error = co_await connect(address);
  const bool is_connected = !error && !is_closed_;
  if (is_connected && tls_context_) error = co_await shake_hands(address.host);
  const bool timed_out = watchdog_.has_fired();
  watchdog_.disarm();
  if (timed_out) co_return is_connected ? "no handshake in time" : "no connection in time";
  if (is_closed_) co_return "given up";
  co_return error ? error.message() : std::string();
}

net::Task<net::ErrorCode> Stream::connect(const config::Address& address) {
  std::vector<net::Lookup::Endpoint> targets;
  net::ErrorCode error = co_await lookup_.find(address, targets);
  for (const net::Lookup::Endpoint& target : targets) {
    if (is_closed_) break;
    net::ErrorCode ignored;
    socket_.close(ignored);  // of the target tried before
    error = {};
    co_await socket_.async_connect(target, net::use_task(error));
    if (!error) break;
  }
  if (error || is_closed_) co_return error;
  net::ErrorCode ignored;
  if (!address.is_unix()) socket_.set_option(net::asio::ip::tcp::no_delay(true), ignored);
  co_return error;
}

net::Task<net::ErrorCode> Stream::shake_hands(const std::string& host) {
  net::ErrorCode error;
  tls_.emplace(socket_, *tls_context_);
  tls_->set_verify_callback(ssl::host_name_verification(host), error);
  if (error) co_return error;
  net::asio::ip::make_address(host, error);
  // A server name is a name, never an address (RFC 6066 section 3).
  if (error) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  error = {};
  co_await tls_->async_handshake(ssl::stream_base::client, net::use_task(error));
  co_return error;
}

net::Task<std::size_t> Stream::read_some(net::asio::mutable_buffer room, net::ErrorCode& error) {
  std::size_t size = 0;
  if (tls_) {
    size = co_await tls_->async_read_some(room, net::use_task(error));
  } else {
    size = co_await socket_.async_read_some(room, net::use_task(error));
  }
  co_return size;
}

net::Task<void> Stream::write(net::asio::const_buffer bytes, net::ErrorCode& error) {
  if (tls_) {
    co_await net::asio::async_write(*tls_, bytes, net::use_task(error));
  } else {
    co_await net::asio::async_write(socket_, bytes, net::use_task(error));
  }
}

}  // namespace larder::redis
