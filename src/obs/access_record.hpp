// An ExchangeRecord as bytes in the access ring, and back.
#pragma once
#include <array>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "larder/obs/exchange_record.hpp"
#include "obs/access_ring.hpp"

namespace larder::obs {

// What a client sends is as long as it likes: a line of the log is not. Bytes kept of client, method, host,
// target, referer, user agent and the route's name.
inline constexpr std::array<std::size_t, 7> access_text_sizes_max = {128, 32, 256, 8192, 2048, 1024, 256};
inline constexpr std::size_t access_text_size_max =
    std::accumulate(access_text_sizes_max.begin(), access_text_sizes_max.end(), std::size_t{0});

// Copies the record into the ring, its texts cut to their bounds. False when there was no room.
bool push_record(AccessRing& ring, const ExchangeRecord& record, std::string_view route_name) noexcept;

struct AccessRecord {
  ExchangeRecord exchange;  // its texts view the message
  std::string_view route_name;
};
// `message` is what push_record wrote.
AccessRecord read_record(std::string_view message) noexcept;

}  // namespace larder::obs
