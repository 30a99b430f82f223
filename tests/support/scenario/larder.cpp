#include "support/scenario/larder.hpp"

#include <csignal>

#include "larder/config/load.hpp"
#include "larder/obs/log.hpp"

namespace scenario {
namespace {

std::string indented(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "    " + line + "\n";
  return text;
}

std::string server_of(const Upstream& upstream, const Settings& settings) {
  std::string address = upstream.address();
  const std::string_view numeric = "127.0.0.1";
  const std::size_t at = address.find(numeric);
  if (at != std::string::npos) address.replace(at, numeric.size(), settings.upstream_host);
  return address;
}

std::string configuration(const Upstream& upstream, const Settings& settings) {
  return "listeners:\n  public:\n    bind: \"" + settings.bind + "\"\n" + indented(settings.public_listener) +
         "  admin:\n    bind: \"127.0.0.1:2\"\n" + indented(settings.admin_listener) +
         "upstreams:\n  site:\n    servers: [\"" + server_of(upstream, settings) + "\"]\n" +
         indented(settings.upstream) + "workers: 2\nlog: " + settings.log + "\n" + settings.site;
}

// A file cannot ask for "any free port"; a test can.
larder::config::ConfigPtr on_free_ports(larder::config::Config config) {
  // Before any thread of a server logs.
  static const bool is_quiet = (larder::obs::set_up_log({.level = "off"}), true);
  (void)is_quiet;
  for (larder::config::Address& address : config.public_listener.bind) address.port = 0;
  for (larder::config::Address& address : config.admin_listener.bind) address.port = 0;
  return std::make_shared<const larder::config::Config>(std::move(config));
}

larder::config::ConfigPtr load(const std::string& yaml) {
  const larder::config::Surroundings surroundings{[](std::string_view) { return std::nullopt; },
                                                  [](const std::string&) { return std::nullopt; }};
  auto loaded = larder::config::load(yaml, "scenario.yaml", surroundings);
  if (auto* config = std::get_if<larder::config::ConfigPtr>(&loaded)) return std::move(*config);
  std::string problems = "the scenario's configuration:\n" + yaml;
  for (const auto& error : std::get<1>(loaded)) problems += larder::config::text_of(error) + "\n";
  throw Failure(problems);
}

}  // namespace

Larder::Larder(const Upstream& upstream, const Settings& settings)
    : Larder(*load(configuration(upstream, settings))) {}

Larder::Larder(const larder::config::Config& config)
    : server_(std::make_unique<larder::app::Server>(on_free_ports(config))) {
  ::signal(SIGPIPE, SIG_IGN);  // as serve does: sendfile() raises it
  server_->start();
}

void Larder::purge(std::string_view selector, std::string_view mode) {
  const std::string body =
      R"({"select": [")" + std::string(selector) + R"("], "mode": ")" + std::string(mode) + R"("})";
  const Response answer = ask(admin_port(), "POST", "/api/purge", {"Content-Type: application/json"}, body);
  if (answer.status != 200)
    throw Failure("a purge was answered by " + answer.head.start_line + "\n" + answer.body);
}

void Larder::purge_by_method(std::string_view path) {
  const Response answer = ask(admin_port(), "PURGE", path);
  if (answer.status != 200)
    throw Failure("PURGE was answered by " + answer.head.start_line + "\n" + answer.body);
}

void Larder::wait_for_joined(std::uint64_t count) {
  wait_until(std::to_string(count) + " exchanges to join a flight",
             [this, count] { return site().flights.stats().joined >= count; });
}

void Larder::wait_for_no_flight() {
  wait_until("the last flight to end", [this] { return site().flights.stats().running == 0; });
}

}  // namespace scenario
