// A socket that closes itself, with waits that end. One thread at a time, except that shut_down() may come
// from another.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "support/scenario/waiting.hpp"

namespace scenario {

enum class Arrival { data, end, reset };

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  int descriptor() const noexcept { return descriptor_; }
  bool is_open() const noexcept { return descriptor_ >= 0; }
  void close() noexcept;
  // From here on close() sends RST instead of FIN.
  void reset_on_close() noexcept;
  void finish_sending() noexcept;  // FIN; reading goes on
  void shut_down() noexcept;       // both directions; a waiting reader wakes

  // All of it, or false when the peer is gone. Throws Failure when the peer does not take it in time.
  bool send(std::string_view bytes) const;
  // Appends what has arrived, waiting for at least one byte. Throws Failure when nothing comes in time.
  Arrival receive(std::string& into) const { return receive(into, deadline_from_now()); }
  Arrival receive(std::string& into, SteadyTime deadline) const;
  // True when there is something to read, or the end, within `milliseconds`.
  bool is_readable_within(int milliseconds) const;

 private:
  int descriptor_ = -1;
};

Socket connect_tcp(std::uint16_t port);  // 127.0.0.1
Socket connect_unix(const std::string& path);
Socket listen_tcp(std::uint16_t port);  // 127.0.0.1; 0 takes a free one
Socket listen_unix(const std::string& path);
std::uint16_t port_of(const Socket& listener);

// Lets this process hold `count` descriptors; throws Failure when the hard limit is lower.
void allow_descriptors(std::size_t count);

}  // namespace scenario
