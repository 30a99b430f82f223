// A stand in this process.
#pragma once
#include <memory>

#include "conformance/stand.hpp"
#include "support/scenario/larder.hpp"

namespace conformance {

class ServerStand : public Stand {
 public:
  explicit ServerStand(const scenario::Upstream& upstream);

  std::uint16_t port() const override { return larder_.port(); }
  Instant now() const override;
  void advance(std::chrono::milliseconds by) override;
  void settle() override { larder_.wait_for_no_flight(); }

 private:
  mutable scenario::Larder larder_;
};

}  // namespace conformance
