#include "admin/access.hpp"

#include <algorithm>
#include <string>

#include "admin/secret.hpp"
#include "larder/base/text.hpp"

namespace larder::admin {
namespace {

bool knows_token(const config::AdminListener& listener, const Request& request) {
  const std::optional<std::string_view> token = bearer_token(request.fields);
  return token && equals_secret(*token, listener.token);
}

// "127.0.0.1:8081" -> "127.0.0.1", "[::1]:8081" -> "::1"
std::string_view without_port(std::string_view host) noexcept {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_local_name(std::string_view host) {
  const std::string_view name = without_port(host);
  return base::equals_ignoring_case(name, "localhost") || config::parse_ip(name).has_value();
}

// RFC 6454 section 6.2: scheme "://" host [ ":" port ], or "null".
std::string_view host_of_origin(std::string_view origin) noexcept {
  const std::size_t end = origin.find("://");
  return end == std::string_view::npos ? std::string_view{} : origin.substr(end + 3);
}

}  // namespace

std::optional<Response> refuse_stranger(const config::AdminListener& listener, const Request& request,
                                        const net::Peer& peer) {
  if (peer.is_unix || config::contains(listener.allow, peer.ip)) return std::nullopt;
  if (knows_token(listener, request)) return std::nullopt;
  if (!request.fields.has("Authorization")) {
    return error_response(403, peer.text + " is not in listeners.admin.allow, and sent no token");
  }
  Response response = error_response(401, "wrong token");
  response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"larder\"");
  return response;
}

std::optional<Response> refuse_foreign_page(const config::AdminListener& listener, const Request& request) {
  const std::optional<std::string_view> origin = request.fields.find("Origin");
  if (!origin || knows_token(listener, request)) return std::nullopt;
  const std::optional<std::string_view> host = only_value(request.fields, "Host");
  const bool is_own =
      host && base::equals_ignoring_case(host_of_origin(*origin), *host) && is_local_name(*host);
  if (is_own) return std::nullopt;
  return error_response(403, "requests from web pages of other origins need a token");
}

}  // namespace larder::admin
