#include "obs/access_line.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>

#include "larder/base/put.hpp"
#include "larder/obs/observer.hpp"
#include "obs/escape.hpp"
#include "obs/timestamp.hpp"

namespace larder::obs {
namespace {

// Of each text of a client's or of the configuration.
constexpr std::size_t client_max = 128;
constexpr std::size_t method_max = 32;
constexpr std::size_t host_max = 256;
constexpr std::size_t target_max = 8192;
constexpr std::size_t referer_max = 2048;
constexpr std::size_t user_agent_max = 1024;
constexpr std::size_t route_max = 256;
constexpr std::size_t texts_max =
    client_max + method_max + host_max + target_max + referer_max + user_agent_max + route_max;
// Names, numbers and punctuation of a line, and what an escaped text needs behind it.
constexpr std::size_t rest_max = 1024;

std::string_view cut(std::string_view text, std::size_t size_max) noexcept {
  return {text.data(), std::min(text.size(), size_max)};
}

using base::put;
using base::put_number;
using base::put_short;

char* put_milliseconds(char* out, std::uint64_t microseconds) noexcept {
  out = put(put_number(out, microseconds / 1000), ".");
  return base::put_three_digits(out, static_cast<std::uint32_t>(microseconds % 1000));
}

char* put_quoted_or_dash(char* out, std::string_view text) noexcept {
  out = write_quoted_ascii(put(out, " \""), text.empty() ? "-" : text);
  return put(out, "\"");
}

}  // namespace

std::size_t AccessLineWriter::size_max(const ExchangeRecord& exchange, std::string_view route_name) noexcept {
  const std::size_t texts = exchange.client.size() + exchange.method.size() + exchange.host.size() +
                            exchange.target.size() + exchange.referer.size() + exchange.user_agent.size() +
                            route_name.size();
  return rest_max + std::min(texts, texts_max) * escaped_size_max;
}

// In the format's own spelling.
char* AccessLineWriter::put_second(char* out, base::WallTime second) {
  if (second != second_) {
    second_text_.clear();
    if (format_ == config::AccessLog::json) {
      append_iso_second(second_text_, second);
    } else {
      append_apache_time(second_text_, second);
    }
    second_size_ = second_text_.size();
    second_text_.resize(second_room);
    second_ = second;
  }
  std::memcpy(out, second_text_.data(), second_room);  // of a size known here: no call
  return out + second_size_;
}

char* AccessLineWriter::write_combined(const ExchangeRecord& exchange, char* out) {
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(exchange.started);
  out = write_quoted_ascii(out, exchange.client.empty() ? "-" : cut(exchange.client, client_max));
  out = put_second(put(out, " - - ["), second);
  out = put(out, "] \"");
  out = write_quoted_ascii(out, cut(exchange.method, method_max));
  out = put(out, " ");
  out = write_quoted_ascii(out, cut(exchange.target, target_max));
  out = put_number(put(out, " HTTP/1."), static_cast<std::uint64_t>(exchange.minor_version));
  out = put_number(put(out, "\" "), static_cast<std::uint64_t>(exchange.status));
  out = put(out, " ");
  out = exchange.bytes_sent == 0 ? put(out, "-") : put_number(out, exchange.bytes_sent);
  out = put_quoted_or_dash(out, cut(exchange.referer, referer_max));
  out = put_quoted_or_dash(out, cut(exchange.user_agent, user_agent_max));
  out = put_short(put(out, " "), name_of(exchange.result));
  out = put_short(put(out, " "), name_of(exchange.reason));
  if (!exchange.upstream_us) return put(out, " -\n");
  out = put_number(put(out, " "), *exchange.upstream_us / 1'000'000);
  const auto microseconds = static_cast<std::uint32_t>(*exchange.upstream_us % 1'000'000);
  out = base::put_three_digits(put(out, "."), microseconds / 1000);
  return put(base::put_three_digits(out, microseconds % 1000), "\n");
}

char* AccessLineWriter::write_json(const ExchangeRecord& exchange, std::string_view route_name, char* out) {
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(exchange.started);
  out = put_second(put(out, "{\"time\":\""), second);
  out =
      base::put_three_digits(put(out, "."), static_cast<std::uint32_t>((exchange.started - second).count()));
  out =
      write_json_string(put(out, "Z\",\"logger\":\"access\",\"client\":"), cut(exchange.client, client_max));
  out = write_json_string(put(out, ",\"method\":"), cut(exchange.method, method_max));
  out = write_json_string(put(out, ",\"host\":"), cut(exchange.host, host_max));
  out = write_json_string(put(out, ",\"target\":"), cut(exchange.target, target_max));
  out = put_number(put(out, ",\"protocol\":\"HTTP/1."), static_cast<std::uint64_t>(exchange.minor_version));
  out = put_number(put(out, "\",\"status\":"), static_cast<std::uint64_t>(exchange.status));
  out = put_number(put(out, ",\"bytes\":"), exchange.bytes_sent);
  out = put_milliseconds(put(out, ",\"duration_ms\":"), exchange.duration_us);
  out = put(out, ",\"upstream_ms\":");
  out = exchange.upstream_us ? put_milliseconds(out, *exchange.upstream_us) : put(out, "null");
  out = put_short(put(out, ",\"cache\":\""), name_of(exchange.result));
  out = put_short(put(out, "\",\"reason\":\""), name_of(exchange.reason));
  out = put_number(put(out, "\",\"asked_at\":"), exchange.asked_at);
  out = put(out, ",\"fetched_at\":");
  out = exchange.fetched_at ? put_number(out, *exchange.fetched_at) : put(out, "null");
  out = write_json_string(put(out, ",\"route\":"), cut(route_name, route_max));
  out = write_json_string(put(out, ",\"referer\":"), cut(exchange.referer, referer_max));
  out = write_json_string(put(out, ",\"user_agent\":"), cut(exchange.user_agent, user_agent_max));
  return put(out, "}\n");
}

char* AccessLineWriter::write(const ExchangeRecord& exchange, std::string_view route_name, char* out) {
  switch (format_) {
    case config::AccessLog::off:
      break;
    case config::AccessLog::combined:
      return write_combined(exchange, out);
    case config::AccessLog::json:
      return write_json(exchange, route_name, out);
  }
  return out;
}

}  // namespace larder::obs
