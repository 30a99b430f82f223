#include "obs/access_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string>

#include "larder/obs/observer.hpp"
#include "obs/timestamp.hpp"

namespace larder::obs {
namespace {

// A literal's size is known where it is written: no call, a few stores.
template <std::size_t size>
char* put(char* out, const char (&text)[size]) noexcept {
  std::memcpy(out, text, size - 1);
  return out + size - 1;
}

char* put(char* out, std::string_view text) noexcept {
  return std::copy(text.begin(), text.end(), out);
}

char* put_number(char* out, std::uint64_t number) noexcept {
  constexpr std::size_t digits_max = 20;
  return std::to_chars(out, out + digits_max, number).ptr;
}

// With leading zeros, `digits` in all.
char* put_padded(char* out, std::uint64_t number, std::size_t digits) noexcept {
  for (std::size_t at = digits; at-- > 0; number /= 10) out[at] = static_cast<char>('0' + number % 10);
  return out + digits;
}

char* put_milliseconds(char* out, std::uint64_t microseconds) noexcept {
  out = put_number(out, microseconds / 1000);
  *out++ = '.';
  return put_padded(out, microseconds % 1000, 3);
}

char* put_quoted_or_dash(char* out, std::string_view text) noexcept {
  out = write_quoted_ascii(put(out, " \""), text.empty() ? "-" : text);
  return put(out, "\"");
}

}  // namespace

// Without its fraction, in the format's own spelling.
std::string_view AccessLineWriter::second_of(base::WallTime time) {
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != second_) {
    std::string text;
    if (format_ == config::AccessLog::json) {
      append_iso_second(text, second);
    } else {
      append_apache_time(text, second);
    }
    second_size_ = std::min(text.size(), second_text_.size());
    std::copy_n(text.begin(), second_size_, second_text_.begin());
    second_ = second;
  }
  return {second_text_.data(), second_size_};
}

char* AccessLineWriter::write_combined(const ExchangeRecord& exchange, char* out) {
  out = write_quoted_ascii(out, exchange.client.empty() ? "-" : exchange.client);
  out = put(out, " - - [");
  out = put(out, second_of(exchange.started));
  out = put(out, "] \"");
  out = write_quoted_ascii(out, exchange.method);
  out = put(out, " ");
  out = write_quoted_ascii(out, exchange.target);
  out = put_number(put(out, " HTTP/1."), static_cast<std::uint64_t>(exchange.minor_version));
  out = put_number(put(out, "\" "), static_cast<std::uint64_t>(exchange.status));
  out = put(out, " ");
  out = exchange.bytes_sent == 0 ? put(out, "-") : put_number(out, exchange.bytes_sent);
  out = put_quoted_or_dash(out, exchange.referer);
  out = put_quoted_or_dash(out, exchange.user_agent);
  out = put(put(out, " "), name_of(exchange.result));
  out = put(put(out, " "), name_of(exchange.reason));
  if (!exchange.upstream_us) return put(out, " -\n");
  out = put_number(put(out, " "), *exchange.upstream_us / 1'000'000);
  out = put_padded(put(out, "."), *exchange.upstream_us % 1'000'000, 6);
  return put(out, "\n");
}

char* AccessLineWriter::write_json(const AccessRecord& record, char* out) {
  const ExchangeRecord& exchange = record.exchange;
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(exchange.started);
  out = put(put(out, "{\"time\":\""), second_of(exchange.started));
  out = put_padded(put(out, "."), static_cast<std::uint64_t>((exchange.started - second).count()), 3);
  out = write_json_string(put(out, "Z\",\"logger\":\"access\",\"client\":"), exchange.client);
  out = write_json_string(put(out, ",\"method\":"), exchange.method);
  out = write_json_string(put(out, ",\"host\":"), exchange.host);
  out = write_json_string(put(out, ",\"target\":"), exchange.target);
  out = put_number(put(out, ",\"protocol\":\"HTTP/1."), static_cast<std::uint64_t>(exchange.minor_version));
  out = put_number(put(out, "\",\"status\":"), static_cast<std::uint64_t>(exchange.status));
  out = put_number(put(out, ",\"bytes\":"), exchange.bytes_sent);
  out = put_milliseconds(put(out, ",\"duration_ms\":"), exchange.duration_us);
  out = put(out, ",\"upstream_ms\":");
  out = exchange.upstream_us ? put_milliseconds(out, *exchange.upstream_us) : put(out, "null");
  out = put(put(out, ",\"cache\":\""), name_of(exchange.result));
  out = put(put(out, "\",\"reason\":\""), name_of(exchange.reason));
  out = put_number(put(out, "\",\"asked_at\":"), exchange.asked_at);
  out = put(out, ",\"fetched_at\":");
  out = exchange.fetched_at ? put_number(out, *exchange.fetched_at) : put(out, "null");
  out = write_json_string(put(out, ",\"route\":"), record.route_name);
  out = write_json_string(put(out, ",\"referer\":"), exchange.referer);
  out = write_json_string(put(out, ",\"user_agent\":"), exchange.user_agent);
  return put(out, "}\n");
}

char* AccessLineWriter::write(const AccessRecord& record, char* out) {
  switch (format_) {
    case config::AccessLog::off:
      break;
    case config::AccessLog::combined:
      return write_combined(record.exchange, out);
    case config::AccessLog::json:
      return write_json(record, out);
  }
  return out;
}

}  // namespace larder::obs
