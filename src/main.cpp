// The sidecar's process. Everything is in the modules; this is where it begins.
#include "larder/app/command_line.hpp"

int main(int argc, char** argv) {
  return larder::app::run_command_line(argc, argv);
}
