// A running Larder with the smallest configuration, or several, on the stopped clock, before an upstream.
#pragma once
#include <chrono>
#include <cstdint>

#include "conformance/instant.hpp"

namespace conformance {

class Stand {
 public:
  virtual ~Stand() = default;
  // Of who is asked next.
  virtual std::uint16_t port() const = 0;
  virtual Instant now() const = 0;
  virtual void advance(std::chrono::milliseconds by) = 0;
  // Returns when nothing is being fetched any more.
  virtual void settle() = 0;
  // As Player::has_forgotten().
  virtual bool has_forgotten() const { return false; }
};

}  // namespace conformance
