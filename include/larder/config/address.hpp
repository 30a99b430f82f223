// Addresses and networks as the configuration writes them. Values; no look-ups by name (a name is kept as
// text and resolved where it is connected to).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::config {

// host:port, [::1]:port, :port (every interface), or unix:/path.
struct Address {
  std::string host;  // without brackets; empty for every interface and for unix
  std::uint16_t port = 0;
  std::string unix_path;  // not empty: a unix socket
  bool is_unix() const noexcept { return !unix_path.empty(); }
  bool operator==(const Address&) const = default;
};
std::optional<Address> parse_address(std::string_view text);
std::string text_of(const Address& address);

// An IP network in CIDR form; a bare address is a network of one. IPv4 is held as IPv4-mapped IPv6.
struct Network {
  std::array<std::uint8_t, 16> bytes{};
  unsigned prefix_length = 128;
  bool contains(const std::array<std::uint8_t, 16>& address) const noexcept;
};
std::optional<Network> parse_network(std::string_view text);
// In CIDR form; IPv4 where it is IPv4-mapped.
std::string text_of(const Network& network);
// An IPv4 or IPv6 address as 16 bytes; nothing when it is neither.
std::optional<std::array<std::uint8_t, 16>> parse_ip(std::string_view text);
bool contains(const std::vector<Network>& networks, const std::array<std::uint8_t, 16>& address) noexcept;

}  // namespace larder::config
