#include "obs/access_line.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace larder::obs {
namespace {

// 2026-02-03T04:05:06.789Z
constexpr base::WallTime started{base::Duration(1770091506789)};

ExchangeRecord example() {
  ExchangeRecord record;
  record.started = started;
  record.client = "192.0.2.1";
  record.method = "GET";
  record.host = "www.example.com";
  record.target = "/blog/?page=2";
  record.user_agent = "curl/7.88";
  record.status = 200;
  record.bytes_sent = 5120;
  record.duration_us = 301250;
  record.upstream_us = 301007;
  record.asked_at = 17;
  record.fetched_at = 15;
  record.result = Result::miss;
  record.reason = cache::Reason::absent;
  return record;
}

std::string line_of(const ExchangeRecord& record, config::AccessLog format,
                    std::string_view route = "/blog/") {
  AccessLineWriter lines(format);
  std::string line(AccessLineWriter::size_max(record, route), '?');
  line.resize(static_cast<std::size_t>(lines.write(record, route, line.data()) - line.data()));
  return line;
}

TEST_CASE("combined is Apache's format and three fields") {
  CHECK(line_of(example(), config::AccessLog::combined) ==
        "192.0.2.1 - - [03/Feb/2026:04:05:06 +0000] \"GET /blog/?page=2 HTTP/1.1\" 200 5120 \"-\" "
        "\"curl/7.88\" "
        "miss absent 0.301007\n");
}

TEST_CASE("combined shows what is not there as a dash") {
  ExchangeRecord record;
  record.started = started;
  record.method = "GET";
  record.target = "/";
  record.minor_version = 0;
  record.status = 304;
  record.result = Result::hit;
  record.reason = cache::Reason::fresh;
  CHECK(line_of(record, config::AccessLog::combined) ==
        "- - - [03/Feb/2026:04:05:06 +0000] \"GET / HTTP/1.0\" 304 - \"-\" \"-\" hit fresh -\n");
}

TEST_CASE("json says everything by name") {
  const auto line = nlohmann::json::parse(line_of(example(), config::AccessLog::json, "/blog/{slug}/"));
  CHECK(line == nlohmann::json({{"time", "2026-02-03T04:05:06.789Z"},
                                {"logger", "access"},
                                {"client", "192.0.2.1"},
                                {"method", "GET"},
                                {"host", "www.example.com"},
                                {"target", "/blog/?page=2"},
                                {"protocol", "HTTP/1.1"},
                                {"status", 200},
                                {"bytes", 5120},
                                {"duration_ms", 301.25},
                                {"upstream_ms", 301.007},
                                {"cache", "miss"},
                                {"reason", "absent"},
                                {"asked_at", 17},
                                {"fetched_at", 15},
                                {"route", "/blog/{slug}/"},
                                {"referer", ""},
                                {"user_agent", "curl/7.88"}}));
}

TEST_CASE("json has null for an upstream that was not asked") {
  ExchangeRecord record = example();
  record.upstream_us.reset();
  record.fetched_at.reset();
  const auto line = nlohmann::json::parse(line_of(record, config::AccessLog::json));
  CHECK(line["upstream_ms"].is_null());
  CHECK(line["fetched_at"].is_null());
}

TEST_CASE("nothing a client sends makes a second line") {
  ExchangeRecord record = example();
  const std::string hostile = "/a\"\n{\"x\":1}\r\n\x1b[2J\xff";
  record.target = hostile;
  record.user_agent = hostile;
  record.referer = hostile;
  record.method = hostile;
  record.host = hostile;
  for (const auto format : {config::AccessLog::combined, config::AccessLog::json}) {
    const std::string line = line_of(record, format, hostile);
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(line.find('\x1b') == std::string::npos);
  }
  CHECK(nlohmann::json::accept(line_of(record, config::AccessLog::json, hostile)));
}

TEST_CASE("what a client sends is cut to a bound") {
  ExchangeRecord record = example();
  const std::string endless(100000, 'x');
  record.target = endless;
  record.user_agent = endless;
  const auto line = nlohmann::json::parse(line_of(record, config::AccessLog::json));
  CHECK(line["target"].get<std::string>().size() == 8192);
  CHECK(line["user_agent"].get<std::string>().size() == 1024);
}

}  // namespace
}  // namespace larder::obs
