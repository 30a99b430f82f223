// An ExchangeRecord as bytes in the access ring, and back.
#pragma once
#include <string_view>

#include "larder/obs/exchange_record.hpp"
#include "obs/access_ring.hpp"

namespace larder::obs {

// Copies the record into the ring, its texts cut to their bounds. False when there was no room.
bool push_record(AccessRing& ring, const ExchangeRecord& record, std::string_view route_name) noexcept;

struct AccessRecord {
  ExchangeRecord exchange;  // its texts view the message
  std::string_view route_name;
};
// `message` is what push_record wrote.
AccessRecord read_record(std::string_view message) noexcept;

}  // namespace larder::obs
