#include "obs/access_line.hpp"

#include <spdlog/fmt/fmt.h>

#include <iterator>

#include "larder/obs/observer.hpp"
#include "obs/escape.hpp"
#include "obs/timestamp.hpp"

namespace larder::obs {
namespace {

void append_quoted_or_dash(std::string& out, std::string_view text) {
  out += " \"";
  append_quoted_ascii(out, text.empty() ? "-" : text);
  out += '"';
}

void append_combined(std::string& out, const ExchangeRecord& exchange) {
  const auto end = [&] { return std::back_inserter(out); };
  append_quoted_ascii(out, exchange.client.empty() ? "-" : exchange.client);
  out += " - - [";
  append_apache_time(out, exchange.started);
  out += "] \"";
  append_quoted_ascii(out, exchange.method);
  out += ' ';
  append_quoted_ascii(out, exchange.target);
  fmt::format_to(end(), " HTTP/1.{}\" {} ", exchange.minor_version, exchange.status);
  if (exchange.bytes_sent == 0) {
    out += '-';
  } else {
    fmt::format_to(end(), "{}", exchange.bytes_sent);
  }
  append_quoted_or_dash(out, exchange.referer);
  append_quoted_or_dash(out, exchange.user_agent);
  fmt::format_to(end(), " {} {} ", name_of(exchange.result), name_of(exchange.reason));
  if (exchange.upstream_us) {
    fmt::format_to(end(), "{}.{:06}\n", *exchange.upstream_us / 1'000'000, *exchange.upstream_us % 1'000'000);
  } else {
    out += "-\n";
  }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

void append_milliseconds(std::string& out, std::uint64_t microseconds) {
  fmt::format_to(std::back_inserter(out), "{}.{:03}", microseconds / 1000, microseconds % 1000);
}

void append_times(std::string& out, const ExchangeRecord& exchange) {
  out += ",\"duration_ms\":";
  append_milliseconds(out, exchange.duration_us);
  out += ",\"upstream_ms\":";
  if (exchange.upstream_us) {
    append_milliseconds(out, *exchange.upstream_us);
  } else {
    out += "null";
  }
}

void append_json(std::string& out, const AccessRecord& record) {
  const ExchangeRecord& exchange = record.exchange;
  out += "{\"time\":\"";
  append_iso_time(out, exchange.started);
  out += "\",\"logger\":\"access\"";
  append_member(out, "client", exchange.client);
  append_member(out, "method", exchange.method);
  append_member(out, "host", exchange.host);
  append_member(out, "target", exchange.target);
  fmt::format_to(std::back_inserter(out), ",\"protocol\":\"HTTP/1.{}\",\"status\":{},\"bytes\":{}",
                 exchange.minor_version, exchange.status, exchange.bytes_sent);
  append_times(out, exchange);
  append_member(out, "cache", name_of(exchange.result));
  append_member(out, "reason", name_of(exchange.reason));
  fmt::format_to(std::back_inserter(out), ",\"asked_at\":{},\"fetched_at\":", exchange.asked_at);
  if (exchange.fetched_at) {
    fmt::format_to(std::back_inserter(out), "{}", *exchange.fetched_at);
  } else {
    out += "null";
  }
  append_member(out, "route", record.route_name);
  append_member(out, "referer", exchange.referer);
  append_member(out, "user_agent", exchange.user_agent);
  out += "}\n";
}

}  // namespace

void append_access_line(std::string& out, const AccessRecord& record, config::AccessLog format) {
  switch (format) {
    case config::AccessLog::off:
      return;
    case config::AccessLog::combined:
      append_combined(out, record.exchange);
      return;
    case config::AccessLog::json:
      append_json(out, record);
      return;
  }
}

}  // namespace larder::obs
