// Lines of the access log.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "larder/config/config.hpp"
#include "larder/obs/exchange_record.hpp"

namespace larder::obs {

// Writes lines, each with its line feed:
//
// combined: Apache's combined format, then the cache result, the reason and the upstream's time in seconds
// ("-" when it was not asked):
//   192.0.2.1 - - [03/Feb/2026:04:05:06 +0000] "GET /blog/ HTTP/1.1" 200 5120 "-" "curl/7.88" miss absent
//   0.301224
// json: one object with the members time, logger, client, method, host, target, protocol, status, bytes,
// duration_ms, upstream_ms (or null), cache, reason, asked_at, fetched_at (or null), route, referer,
// user_agent. off: nothing.
//
// What a client sends is as long as it likes: a line of the log is not. Texts are cut.
//
// One thread at a time: it remembers the last second as text, which many lines share.
class AccessLineWriter {
 public:
  explicit AccessLineWriter(config::AccessLog format) : format_(format) { second_text_.reserve(second_room); }

  // The room that write() needs.
  static std::size_t size_max(const ExchangeRecord& exchange, std::string_view route_name) noexcept;
  // Returns the line's end. Allocates nothing: a worker that has no memory left can still say so.
  char* write(const ExchangeRecord& exchange, std::string_view route_name, char* out);

 private:
  char* write_combined(const ExchangeRecord& exchange, char* out);
  char* write_json(const ExchangeRecord& exchange, std::string_view route_name, char* out);
  char* put_second(char* out, base::WallTime second);

  static constexpr std::size_t second_room = 40;

  config::AccessLog format_;
  base::WallTime second_ = base::WallTime::min();  // that second_text_ tells
  std::string second_text_;                        // filled up to second_room
  std::size_t second_size_ = 0;
};

}  // namespace larder::obs
