#include "conformance/server_stand.hpp"

#include "conformance/smallest_config.hpp"

namespace conformance {

ServerStand::ServerStand(const scenario::Upstream& upstream)
    : larder_(*smallest_config_without_log(upstream.address())) {}

Instant ServerStand::now() const {
  return std::chrono::floor<std::chrono::seconds>(larder_.site().clock.now().wall);
}

void ServerStand::advance(std::chrono::milliseconds by) {
  larder_.site().clock.advance(by);
}

}  // namespace conformance
