// The processes of the purge checker; each runs until it has done its part, or is told to end by SIGTERM.
#pragma once
#include <csignal>
#include <cstdint>
#include <string>

namespace linearizable {

struct Role {
  std::uint64_t seed = 1;
  int number = 0;                   // which of several
  std::uint16_t port = 0;           // Larder's public one; the upstream's own
  std::uint16_t admin_port = 0;     // publishers
  std::uint16_t upstream_port = 0;  // publishers
  std::uint64_t reads = 0;          // readers
  bool refreshes = false;           // publishers: some purges ask for a refresh
  // Publishers: where there are replicas, a purge may fail, but is answered within so much. 0: it may not.
  std::uint64_t answer_ms_max = 0;
  bool outlives_larder = false;  // readers: Larder may die, and comes back
  std::string history;           // the file
};

int run_upstream(const Role& role);
int run_reader(const Role& role);
int run_publisher(const Role& role);

// Set by SIGTERM.
extern volatile std::sig_atomic_t is_told_to_end;

}  // namespace linearizable
