#include "obs/access_record.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace larder::obs {
namespace {

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t text_count = access_text_sizes_max.size();

struct Packed {
  std::int64_t started_ms = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t duration_us = 0;
  std::uint64_t upstream_us = none;
  std::uint64_t asked_at = 0;
  std::uint64_t fetched_at = none;
  std::uint32_t route = 0;
  std::uint16_t status = 0;
  std::uint8_t minor_version = 0;
  Result result = Result::pass;
  cache::Reason reason = cache::Reason::none;
  std::array<std::uint16_t, text_count> sizes{};
};

using Texts = std::array<std::string_view, text_count>;

Texts texts_of(const ExchangeRecord& record, std::string_view route_name) noexcept {
  Texts texts = {record.client,  record.method,     record.host, record.target,
                 record.referer, record.user_agent, route_name};
  for (std::size_t i = 0; i < text_count; ++i) texts[i] = texts[i].substr(0, access_text_sizes_max[i]);
  return texts;
}

Packed pack(const ExchangeRecord& record) noexcept {
  Packed packed;
  packed.started_ms = record.started.time_since_epoch().count();
  packed.bytes_sent = record.bytes_sent;
  packed.duration_us = record.duration_us;
  packed.upstream_us = record.upstream_us.value_or(none);
  packed.asked_at = record.asked_at;
  packed.fetched_at = record.fetched_at.value_or(none);
  packed.route = record.route;
  packed.status = static_cast<std::uint16_t>(record.status);
  packed.minor_version = static_cast<std::uint8_t>(record.minor_version);
  packed.result = record.result;
  packed.reason = record.reason;
  return packed;
}

ExchangeRecord unpack(const Packed& packed) noexcept {
  ExchangeRecord record;
  record.started = base::WallTime(base::Duration(packed.started_ms));
  record.bytes_sent = packed.bytes_sent;
  record.duration_us = packed.duration_us;
  if (packed.upstream_us != none) record.upstream_us = packed.upstream_us;
  record.asked_at = packed.asked_at;
  if (packed.fetched_at != none) record.fetched_at = packed.fetched_at;
  record.route = packed.route;
  record.status = packed.status;
  record.minor_version = packed.minor_version;
  record.result = packed.result;
  record.reason = packed.reason;
  return record;
}

}  // namespace

bool push_record(AccessRing& ring, const ExchangeRecord& record, std::string_view route_name) noexcept {
  const Texts texts = texts_of(record, route_name);
  Packed packed = pack(record);
  std::size_t size = sizeof packed;
  for (std::size_t i = 0; i < text_count; ++i) {
    packed.sizes[i] = static_cast<std::uint16_t>(texts[i].size());
    size += texts[i].size();
  }
  char* out = ring.claim(size);
  if (out == nullptr) return false;
  std::memcpy(out, &packed, sizeof packed);
  out += sizeof packed;
  for (std::string_view text : texts) out = std::copy(text.begin(), text.end(), out);
  ring.publish();
  return true;
}

AccessRecord read_record(std::string_view message) noexcept {
  Packed packed;
  std::memcpy(&packed, message.data(), sizeof packed);
  AccessRecord record{unpack(packed), {}};
  std::size_t begin = sizeof packed;
  std::size_t index = 0;
  const auto next = [&] {
    const std::string_view text = message.substr(begin, packed.sizes[index]);
    begin += packed.sizes[index++];
    return text;
  };
  ExchangeRecord& exchange = record.exchange;
  for (std::string_view* text : {&exchange.client, &exchange.method, &exchange.host, &exchange.target,
                                 &exchange.referer, &exchange.user_agent, &record.route_name}) {
    *text = next();
  }
  return record;
}

}  // namespace larder::obs
