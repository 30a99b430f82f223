// The server with a clock that stands still until it is told to go on. Built with the tests only; what is
// shipped has neither this clock nor a way to ask for it (check_shipped).
//
//   LARDER_CLOCK_CONTROL=FD larder_with_clock CONFIG.yaml
//
// Each line that is read from FD is answered by one:
//   port          "ok 34567": where it listens, since it takes free ports instead of the configuration's
//   now           "ok 1900000009": the clock's seconds
//   advance 9000  "ok": so many milliseconds have passed
//   settle        "ok": nothing is being fetched any more
// The end of FD ends the server.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "app/serve.hpp"
#include "larder/app/server.hpp"
#include "larder/obs/log.hpp"

namespace {

using namespace larder;

config::ConfigPtr on_free_ports(const config::ConfigPtr& config) {
  auto copy = std::make_shared<config::Config>(*config);
  for (config::Address& address : copy->public_listener.bind) address.port = 0;
  for (config::Address& address : copy->admin_listener.bind) address.port = 0;
  return copy;
}

void settle(proxy::Site& site) {
  while (site.flights.stats().running > 0) ::poll(nullptr, 0, 1);
}

std::string answer(const std::string& line, app::Server& server) {
  std::istringstream words(line);
  std::string command;
  words >> command;
  net::Clock& clock = server.site().clock;
  if (command == "port") return "ok " + std::to_string(server.public_port());
  if (command == "now") {
    const auto since = clock.now().wall.time_since_epoch();
    return "ok " + std::to_string(std::chrono::floor<std::chrono::seconds>(since).count());
  }
  long long milliseconds = 0;
  if (command == "advance" && words >> milliseconds) {
    clock.advance(std::chrono::milliseconds(milliseconds));
    return "ok";
  }
  if (command == "settle") {
    settle(server.site());
    return "ok";
  }
  return "no such command: " + line;
}

void serve_control(int descriptor, app::Server& server) {
  std::string unread;
  char bytes[256];
  for (ssize_t size = 0; (size = ::read(descriptor, bytes, sizeof bytes)) > 0;) {
    unread.append(bytes, static_cast<std::size_t>(size));
    for (std::size_t end = 0; (end = unread.find('\n')) != std::string::npos; unread.erase(0, end + 1)) {
      const std::string line = answer(unread.substr(0, end), server) + "\n";
      if (::write(descriptor, line.data(), line.size()) < 0) return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* descriptor = std::getenv("LARDER_CLOCK_CONTROL");
  if (argc != 2 || descriptor == nullptr) {
    std::cerr << "usage: LARDER_CLOCK_CONTROL=FD larder_with_clock CONFIG.yaml\n";
    return 2;
  }
  const config::ConfigPtr config = app::load_config(argv[1]);
  if (!config) return 78;
  ::signal(SIGPIPE, SIG_IGN);
  obs::set_up_log(config->log);
  app::Server server(on_free_ports(config));
  server.start();
  serve_control(std::stoi(descriptor), server);
  server.stop();
  return 0;
}
