#include "larder/base/text.hpp"
#include "larder/http/target.hpp"
#include "sections.hpp"
#include "units.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

constexpr Range<base::Duration> timeout_range{1ms, 24h};

bool is_url(std::string_view text) {
  http::Target target;
  return http::parse_url(text, target) == http::TargetError::none;
}

void read_memory(const Value& value, Config& config) {
  std::optional<Value> max_object;
  value.section({{"size", into(config.memory_size, {mib, 1024 * gib})}, {"max_object", into(max_object)}});
  if (max_object) {
    config.max_object = read_size(*max_object, {kib, 1024 * gib}).value_or(0);
    if (config.max_object > config.memory_size) {
      max_object->fail("expected at most the store's size, " + text_of_size(config.memory_size) + ", got " +
                       text_of_size(config.max_object));
    }
  } else if (config.max_object > config.memory_size) {
    config.max_object = config.memory_size;
  }
}

}  // namespace

void read_store(const Value& value, Config& config) {
  value.section({{"memory", [&](const Value& memory) { read_memory(memory, config); }},
                 {"redis", [&](const Value& redis) { read_redis(redis, config); }}});
}

void read_refresh(const Value& value, Config& config) {
  // No more pages of one purge than the list of jobs holds of all.
  value.section({{"concurrency", into(config.refresh.concurrency, {1, 256})},
                 {"max", into(config.refresh.max, {1, 50'000})}});
}

void read_warm(const Value& value, Config& config) {
  constexpr std::string_view what = "a URL such as https://www.example.com/sitemap.xml";
  static constexpr TextList urls{"a list of URLs, such as [\"https://www.example.com/\"]",
                                 "a URL such as https://www.example.com/", is_url};
  Warm& warm = config.warm;
  const auto sitemap = [&](const Value& v) {
    const auto text = v.text(what);
    if (!text) return;
    if (!is_url(*text)) return v.expected(what);
    warm.sitemap = *text;
  };
  const auto on_start = [&](const Value& v) {
    v.section({{"sitemap", sitemap},
               {"urls", into(warm.urls, urls)},
               {"concurrency", into(warm.concurrency, {1, 256})},
               {"rate", into(warm.rate, {1, 10'000})}});
  };
  value.section({{"on_start", on_start}});
}

void read_limits(const Value& value, Config& config) {
  Limits& limits = config.limits;
  value.section({{"header_size", into(limits.header_size, {kib, mib})},
                 {"headers", into(limits.headers, {1, 10'000})},
                 {"body_size", into(limits.body_size, {0, 1024 * gib})},
                 {"connections", into(limits.connections, {1, 1'000'000})},
                 {"header_timeout", into(limits.header_timeout, timeout_range)},
                 {"body_timeout", into(limits.body_timeout, timeout_range)},
                 {"idle_timeout", into(limits.idle_timeout, timeout_range)},
                 {"drain_timeout", into(limits.drain_timeout, {0ms, 24h})},
                 {"rate", {}}});
}

void read_log(const Value& value, Config& config) {
  Log& log = config.log;
  const auto output = [&](const Value& v) {
    constexpr std::string_view what = "stdout, stderr or the absolute path of a file";
    const auto text = v.text(what);
    if (!text) return;
    // So that a misspelt "stdot" does not become a file.
    if (*text != "stdout" && *text != "stderr" && text->front() != '/') return v.expected(what);
    log.output = *text;
  };
  Choices<std::string> levels;
  for (const std::string_view level : {"trace", "debug", "info", "warn", "error", "off"}) {
    levels.emplace_back(level, level);
  }
  value.section(
      {{"level", into(log.level, levels)},
       {"format", into(log.format, Choices<LogFormat>{{"text", LogFormat::text}, {"json", LogFormat::json}})},
       {"access", into(log.access, Choices<AccessLog>{{"off", AccessLog::off},
                                                      {"combined", AccessLog::combined},
                                                      {"json", AccessLog::json}})},
       {"output", output}});
}

void read_workers(const Value& value, Config& config) {
  constexpr std::uint64_t workers_max = 1024;
  constexpr std::string_view what = "auto or a whole number from 1 to 1024";
  const auto text = value.text(what);
  if (!text) return;
  const auto count = *text == "auto" ? 0 : base::parse_uint(*text);
  if (!count || *count > workers_max || (*count == 0 && *text != "auto")) return value.expected(what);
  config.workers = static_cast<std::uint32_t>(*count);
}

}  // namespace larder::config
