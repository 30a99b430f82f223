#include "larder/admin/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "larder/config/address.hpp"
#include "larder/net/types.hpp"

namespace larder::admin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Message = http::request<http::string_body>;
using Tcp = asio::ip::tcp;

// The statistics of many routes, and room to spare.
constexpr std::size_t answer_size_max = std::size_t{16} * 1024 * 1024;

struct Place {
  config::Address address;
  std::string host;  // for Host
};

std::optional<Place> place_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  while (url.ends_with('/') && !url.starts_with("unix:")) url.remove_suffix(1);
  std::optional<config::Address> address = config::parse_address(url);
  if (!address && url.find('/') == std::string_view::npos) {
    address = config::parse_address(std::string(url) + ":80");
  }
  if (!address) return std::nullopt;
  if (address->is_unix()) return Place{std::move(*address), "localhost"};
  if (address->host.empty()) address->host = "localhost";
  return Place{std::move(*address), std::string(url.starts_with(':') ? "localhost" : "") + std::string(url)};
}

Message message_of(std::string_view method, std::string_view path, std::string_view body) {
  Message message;
  message.version(11);
  message.method_string({method.data(), method.size()});
  message.target({path.data(), path.size()});
  message.set(http::field::accept, "application/json");
  message.set(http::field::user_agent, "larder/" LARDER_VERSION);
  message.keep_alive(false);
  if (method == "POST") {
    message.set(http::field::content_type, "application/json");
    message.body() = body;
    message.prepare_payload();
  }
  return message;
}

// Throws boost::system::system_error.
net::Task<void> connect(net::Socket& socket, const config::Address& address) {
  if (address.is_unix()) {
    const asio::local::stream_protocol::endpoint endpoint(address.unix_path);
    co_await socket.async_connect(endpoint, net::use_task);
    co_return;
  }
  asio::ip::basic_resolver<Tcp, net::Executor> resolver(socket.get_executor());
  const std::string port = std::to_string(address.port);
  const auto results = co_await resolver.async_resolve(address.host, port, net::use_task);
  net::ErrorCode error = asio::error::host_not_found;
  for (const auto& result : results) {
    net::ErrorCode ignored;
    socket.close(ignored);
    const Tcp::endpoint endpoint = result.endpoint();
    co_await socket.async_connect(endpoint, net::use_task(error));
    if (!error) co_return;
  }
  throw boost::system::system_error(error);
}

net::Task<void> converse(net::Socket& socket, const config::Address& address, const Message& message,
                         Answer& answer) {
  co_await connect(socket, address);
  co_await http::async_write(socket, message, net::use_task);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_size_max);
  co_await http::async_read(socket, buffer, parser, net::use_task);
  answer.status = static_cast<int>(parser.get().result_int());
  answer.body = std::move(parser.get().body());
}

}  // namespace

Client::Client(std::string url, std::string token, base::Duration timeout)
    : url_(std::move(url)), token_(std::move(token)), timeout_(timeout) {}

std::variant<Answer, ClientError> Client::get(std::string_view path) const {
  return call("GET", path, {});
}

std::variant<Answer, ClientError> Client::post(std::string_view path, std::string_view json) const {
  return call("POST", path, json);
}

std::variant<Answer, ClientError> Client::call(std::string_view method, std::string_view path,
                                               std::string_view body) const {
  const std::optional<Place> place = place_of(url_);
  if (!place) return ClientError{"expected http://host:port or unix:/path, got '" + url_ + "'"};
  Message message = message_of(method, path, body);
  message.set(http::field::host, place->host);
  if (!token_.empty()) message.set(http::field::authorization, "Bearer " + token_);
  asio::io_context context;
  net::Socket socket(context.get_executor());
  Answer answer;
  std::optional<std::string> failure = "no answer within " + std::to_string(timeout_.count()) + " ms";
  net::spawn(context.get_executor(), [&]() -> net::Task<void> {
    try {
      co_await converse(socket, place->address, message, answer);
      failure.reset();
    } catch (const boost::system::system_error& error) {
      failure = error.code().message();
    } catch (const std::exception& error) {
      failure = error.what();
    }
  });
  context.run_for(timeout_);
  if (failure) return ClientError{"cannot reach " + url_ + ": " + *failure};
  return answer;
}

}  // namespace larder::admin
