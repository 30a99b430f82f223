// The main function of the conformance tests: every case in every way.
#include "conformance/process_stand.hpp"
#include "conformance/replica_differences.hpp"
#include "conformance/replica_players.hpp"
#include "conformance/server_stand.hpp"
#include "conformance/smallest_config.hpp"
#include "conformance/socket_player.hpp"
#include "conformance/ways.hpp"
#include "larder/obs/log.hpp"

namespace conformance {
namespace {

template <typename AnyStand>
std::unique_ptr<Player> make_socket_player() {
  return std::make_unique<SocketPlayer>(
      [](const scenario::Upstream& upstream) { return std::make_unique<AnyStand>(upstream); });
}

std::vector<Way> all_ways() {
  std::vector<Way> ways = ways_without_sockets();
  ways.push_back({"sockets", make_socket_player<ServerStand>, [](const Case&) { return true; }});
  // A process is slow to start, and what it adds is the same for every case.
  ways.push_back({"process", make_socket_player<ProcessStand>,
                  [](const Case& told) { return told.id.starts_with("outcomes."); }});
  const auto players = std::make_shared<ReplicaPlayers>();
  ways.push_back({"replicas", [players] { return players->next(); }, [](const Case&) { return true; },
                  difference_of_replicas, differences_of_replicas()});
  return ways;
}

}  // namespace
}  // namespace conformance

int main(int argc, char** argv) {
  larder::obs::set_up_log(conformance::smallest_config_without_log("http://127.0.0.1:1")->log);
  return conformance::run(argc, argv, conformance::all_ways());
}
