// Reads a body before anybody gets it (flight_held.cpp).
#pragma once
#include <string_view>

#include "larder/cache/reason.hpp"

namespace larder::proxy {

class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The next bytes of the body. None, or why the response must not be shared.
  virtual cache::Reason read(std::string_view bytes) = 0;
  // The same of the body's end: it may have been cut short.
  virtual cache::Reason end() = 0;
  // Why not, where it took too long.
  virtual cache::Reason unread() const noexcept = 0;
};

}  // namespace larder::proxy
