// The cases without sockets alone: small, so that it links quickly when a branch of the policy has changed.
#include "conformance/ways.hpp"

int main(int argc, char** argv) {
  return conformance::run(argc, argv, conformance::ways_without_sockets());
}
