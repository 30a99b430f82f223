#include "host.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/target.hpp"

namespace larder::http {
namespace {

constexpr std::size_t name_size_max = 253;  // of a DNS name in text
constexpr std::uint64_t port_max = 65'535;

// reg-name of RFC 3986 also has %-escapes and sub-delims. No host that resolves holds them, and a comma or a
// semicolon in what the upstream sees as Host is a way to confuse it.
bool is_name(std::string_view host) noexcept {
  return !host.empty() && host.size() <= name_size_max && unreserved_characters.has_all(host);
}

bool is_ipv6_literal(std::string_view host) noexcept {
  if (host.size() < 4 || host.size() > 47 || host.front() != '[' || host.back() != ']') return false;
  const std::string_view address = host.substr(1, host.size() - 2);
  const bool has_only_address_characters = std::all_of(
      address.begin(), address.end(), [](char c) { return base::hex_value(c) >= 0 || c == ':' || c == '.'; });
  return has_only_address_characters && std::count(address.begin(), address.end(), ':') >= 2;
}

std::uint64_t default_port(std::string_view scheme) noexcept {
  if (scheme == "http") return 80;
  return scheme == "https" ? 443 : 0;
}

// Splits off ":port". The port is nothing when there is none, as in "host" and "host:" (RFC 3986 section
// 6.2.3), and 0, which is no port, when it is malformed.
std::optional<std::uint64_t> split_port(std::string_view& host) noexcept {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.ends_with(']')) return std::nullopt;
  const std::string_view digits = host.substr(colon + 1);
  host = host.substr(0, colon);
  if (digits.empty()) return std::nullopt;
  return base::parse_uint(digits).value_or(0);
}

}  // namespace

bool write_host(std::string_view text, std::string_view scheme, std::string& out) {
  const std::optional<std::uint64_t> port = split_port(text);
  if (port && (*port == 0 || *port > port_max)) return false;
  if (!is_name(text) && !is_ipv6_literal(text)) return false;
  out.assign(text);
  std::transform(out.begin(), out.end(), out.begin(), base::to_lower);
  if (!port || *port == default_port(scheme)) return true;
  std::array<char, 5> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), *port).ptr;
  out.push_back(':');
  out.append(digits.data(), end);
  return true;
}

std::optional<std::string> normalise_host(std::string_view host, std::string_view scheme) {
  std::string result;
  if (!write_host(host, base::lower(scheme), result)) return std::nullopt;
  return result;
}

}  // namespace larder::http
