#include "larder/config/address.hpp"

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include "larder/base/text.hpp"

namespace larder::config {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned mapped_prefix_length = 96;  // of ::ffff:0:0/96, where IPv4 lives
// sockaddr_un holds 108 bytes with the final zero (unix(7)).
constexpr std::size_t unix_path_size_max = 107;
constexpr std::size_t host_size_max = 253;

bool is_host_byte(char c) {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '-' ||
         c == '.' || c == '_';
}

// A name of letters, digits, dots and hyphens, or an IPv4 address: digits and dots alone must be one.
bool is_host(std::string_view host) {
  if (host.size() > host_size_max || host.front() == '.' || host.front() == '-') return false;
  if (!std::all_of(host.begin(), host.end(), is_host_byte)) return false;
  if (host.find("..") != std::string_view::npos) return false;
  const bool is_numeric =
      std::all_of(host.begin(), host.end(), [](char c) { return base::is_digit(c) || c == '.'; });
  return !is_numeric || boost::urls::parse_ipv4_address(host).has_value();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = base::parse_uint(text);
  if (!port || *port == 0 || *port > 65535 || text.size() > 5) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

std::optional<Address> parse_unix(std::string_view path) {
  if (path.size() < 2 || path.size() > unix_path_size_max || path.front() != '/') return std::nullopt;
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  Address address;
  address.unix_path = path;
  return address;
}

bool has_bits_past(const Bytes& bytes, unsigned prefix_length) {
  for (unsigned bit = prefix_length; bit < 128; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  }
  return false;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (!host.empty() && host.front() == '[') {
    if (host.size() < 4 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
    if (!boost::urls::parse_ipv6_address(host).has_value()) return std::nullopt;
  } else if (!host.empty() && !is_host(host)) {
    return std::nullopt;
  }
  return Address{std::string(host), *port, {}};
}

std::string text_of(const Address& address) {
  if (address.is_unix()) return "unix:" + address.unix_path;
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::optional<Bytes> parse_ip(std::string_view text) {
  if (const auto v4 = boost::urls::parse_ipv4_address(text); v4.has_value()) {
    Bytes bytes{};
    bytes[10] = bytes[11] = 0xff;
    const auto four = v4->to_bytes();
    std::copy(four.begin(), four.end(), bytes.begin() + 12);
    return bytes;
  }
  if (const auto v6 = boost::urls::parse_ipv6_address(text); v6.has_value()) {
    Bytes bytes{};
    const auto sixteen = v6->to_bytes();
    std::copy(sixteen.begin(), sixteen.end(), bytes.begin());
    return bytes;
  }
  return std::nullopt;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto bytes = parse_ip(host);
  if (!bytes) return std::nullopt;
  Network network{*bytes, 128};
  if (slash == std::string_view::npos) return network;

  const bool is_v6 = host.find(':') != std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  const auto length = base::parse_uint(digits);
  if (!length || *length > (is_v6 ? 128u : 32u) || digits.size() > 3) return std::nullopt;
  network.prefix_length = static_cast<unsigned>(*length) + (is_v6 ? 0 : mapped_prefix_length);
  // 10.0.0.7/8 may mean the host or the network: a list of who is trusted must not guess.
  if (has_bits_past(network.bytes, network.prefix_length)) return std::nullopt;
  return network;
}

std::string text_of(const Network& network) {
  const bool is_v4 = network.prefix_length >= mapped_prefix_length &&
                     std::equal(network.bytes.begin(), network.bytes.begin() + 10, Bytes{}.begin()) &&
                     network.bytes[10] == 0xff && network.bytes[11] == 0xff;
  if (is_v4) {
    boost::urls::ipv4_address::bytes_type four{};
    std::copy(network.bytes.begin() + 12, network.bytes.end(), four.begin());
    return boost::urls::ipv4_address(four).to_string() + "/" +
           std::to_string(network.prefix_length - mapped_prefix_length);
  }
  boost::urls::ipv6_address::bytes_type sixteen{};
  std::copy(network.bytes.begin(), network.bytes.end(), sixteen.begin());
  return boost::urls::ipv6_address(sixteen).to_string() + "/" + std::to_string(network.prefix_length);
}

bool Network::contains(const Bytes& address) const noexcept {
  const unsigned whole = prefix_length / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, address.begin())) return false;
  const unsigned rest = prefix_length % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (bytes[whole] & mask) == (address[whole] & mask);
}

bool contains(const std::vector<Network>& networks, const Bytes& address) noexcept {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(address); });
}

}  // namespace larder::config
