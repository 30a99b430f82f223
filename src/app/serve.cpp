#include "app/serve.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "larder/app/command_line.hpp"
#include "larder/app/server.hpp"
#include "larder/config/load.hpp"
#include "larder/obs/log.hpp"

namespace larder::app {
namespace {

// Blocked in every thread, and taken one by one by wait_for_signal().
sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  return signals;
}

int wait_for_signal() {
  const sigset_t signals = handled_signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

void reload(Server& server, const std::string& file) {
  const config::ConfigPtr config = load_config(file);
  if (!config) {
    server.note_failed_reload();
    obs::log_error(fmt::format("reload of {} failed: the running configuration stays", file));
    return;
  }
  for (const std::string& key : server.reload(config)) {
    obs::log_warning(fmt::format("{} changes only by a restart", key));
  }
  obs::log_info(fmt::format("reloaded {}", file));
}

bool is_stop_signal_within(std::chrono::milliseconds time) {
  const sigset_t signals = handled_signals();
  const timespec patience{0, static_cast<long>(time.count()) * 1'000'000};
  const int signal = sigtimedwait(&signals, nullptr, &patience);
  return signal == SIGTERM || signal == SIGINT;
}

// Exchanges under way end; a second signal does not wait for them.
void drain_and_stop(Server& server) {
  obs::log_info("draining");
  std::atomic<bool> is_over{false};
  std::thread drain([&] {
    server.drain();
    server.stop();
    is_over = true;
  });
  while (!is_over) {
    if (!is_stop_signal_within(std::chrono::milliseconds(50))) continue;
    obs::log_warning("stopped without draining");
    ::_exit(exit_ok);
  }
  drain.join();
  obs::log_info("stopped");
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  if (stream.bad()) return std::nullopt;
  return text.str();
}

config::ConfigPtr load_config(const std::string& file) {
  const auto text = read_file(file);
  if (!text) {
    fmt::print(stderr, "{}: cannot be read\n", file);
    return nullptr;
  }
  config::Surroundings surroundings;
  surroundings.environment = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  surroundings.read_file = read_file;
  auto loaded = config::load(*text, file, surroundings);
  if (auto* config = std::get_if<config::ConfigPtr>(&loaded)) return std::move(*config);
  for (const config::ConfigError& error : std::get<std::vector<config::ConfigError>>(loaded)) {
    fmt::print(stderr, "{}\n", text_of(error));
  }
  return nullptr;
}

int serve(const std::string& file) {
  const config::ConfigPtr config = load_config(file);
  if (!config) return exit_bad_config;
  // Before any thread begins: each inherits the mask, and one without it would be ended by the signal.
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  obs::set_up_log(config->log);
  ::signal(SIGPIPE, SIG_IGN);
  Server server(config);
  server.start();
  obs::log_info(fmt::format("larder {} serves {} with {}", LARDER_VERSION,
                            config->upstreams.front().servers.front().text, file));
  for (;;) {
    switch (wait_for_signal()) {
      case SIGHUP:
        reload(server, file);
        break;
      case SIGUSR1:
        server.reopen_logs();
        break;
      default:
        drain_and_stop(server);
        return exit_ok;
    }
  }
}

}  // namespace larder::app
