// Listening sockets, and what is known of a peer.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "larder/config/address.hpp"
#include "larder/net/types.hpp"

namespace larder::net {

// Who is at the other end.
struct Peer {
  std::array<std::uint8_t, 16> ip{};  // IPv4 as IPv4-mapped
  bool is_unix = false;
  std::string text;  // "203.0.113.7", "2001:db8::1", or "unix"; empty: nobody, the sidecar asks by itself
};
Peer peer_of(const Socket& socket);

// A bound, listening, non-blocking, close-on-exec descriptor. TCP: SO_REUSEADDR, IPv6 sockets accept IPv6
// only unless the address is every interface; `shares_port` sets SO_REUSEPORT, so that each worker has a
// listener of its own. Unix: a stale socket file is replaced, a live one is an error. Throws
// std::runtime_error with address and reason.
int listen_on(const config::Address& address, bool shares_port);
// The TCP port a descriptor is bound to; 0 for unix sockets.
std::uint16_t port_of(int descriptor);
// Accepts one connection: a non-blocking descriptor (TCP_NODELAY set), -1 when none waits. `error` tells
// EMFILE and its kin apart from none waiting.
int accept_on(int listener, int& error);
// Adopts a connected descriptor, which it closes when it throws (no room in epoll).
Socket adopt(const Executor& executor, int descriptor);
// The same of one whose options are set: that was a Socket before.
Socket adopt_again(const Executor& executor, int descriptor, bool is_unix);

}  // namespace larder::net
