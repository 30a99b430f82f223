// The server with its own clock, which can be told to jump, as a machine's does that was suspended. Built
// with the tests only.
//
//   larder_with_jumps CONFIG.yaml
//
// Each line of its standard input is a number: so many milliseconds are passed over. SIGTERM ends it; SIGHUP
// it ignores.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "app/serve.hpp"
#include "larder/app/server.hpp"
#include "larder/obs/log.hpp"

int main(int argc, char** argv) {
  using namespace larder;
  if (argc != 2) {
    std::cerr << "usage: larder_with_jumps CONFIG.yaml\n";
    return 2;
  }
  const config::ConfigPtr config = app::load_config(argv[1]);
  if (!config) return 78;
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  obs::set_up_log(config->log);
  app::Server server(config);
  server.start();
  std::thread control([&server] {
    for (std::string line; std::getline(std::cin, line);) {
      server.site().clock.advance(std::chrono::milliseconds(std::stoll(line)));
    }
  });
  int signal = 0;
  ::sigwait(&ending, &signal);
  server.stop();
  std::cout.flush();
  std::_Exit(0);  // the reader of standard input may wait for ever
}
