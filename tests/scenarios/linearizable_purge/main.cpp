// Every process of the purge checker but Larder itself; `check` beside this file starts them.
#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "judge.hpp"
#include "roles.hpp"

namespace linearizable {

volatile std::sig_atomic_t is_told_to_end = 0;

namespace {

constexpr std::size_t stories_max = 3;

// "--port 8080" and so on.
Role role_of(const std::vector<std::string>& arguments) {
  Role role;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    const std::string& value = arguments[i + 1];
    if (name == "--history") {
      role.history = value;
      continue;
    }
    const std::uint64_t number = std::stoull(value);
    if (name == "--seed") role.seed = number;
    if (name == "--number") role.number = static_cast<int>(number);
    if (name == "--port") role.port = static_cast<std::uint16_t>(number);
    if (name == "--admin-port") role.admin_port = static_cast<std::uint16_t>(number);
    if (name == "--upstream-port") role.upstream_port = static_cast<std::uint16_t>(number);
    if (name == "--reads") role.reads = number;
    if (name == "--refreshes") role.refreshes = number != 0;
    if (name == "--answer-ms-max") role.answer_ms_max = number;
    if (name == "--outlives-larder") role.outlives_larder = number != 0;
  }
  return role;
}

int judge_files(const std::vector<std::string>& files) {
  const History history = read_files(files);
  const Verdict verdict = judge(history);
  std::vector<Violation> told = verdict.violations;
  std::stable_sort(told.begin(), told.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; });
  told.resize(std::min(told.size(), stories_max));
  for (const Violation& each : told) std::cout << story_of(each, history) << "\n";
  std::cout << figures_of(verdict) << "\n";
  return verdict.violations.empty() ? 0 : 1;
}

int run(const std::string& what, const std::vector<std::string>& arguments) {
  if (what == "upstream") return run_upstream(role_of(arguments));
  if (what == "reader") return run_reader(role_of(arguments));
  if (what == "publisher") return run_publisher(role_of(arguments));
  if (what == "judge") return judge_files(arguments);
  std::cerr << "usage: linearizable_purge upstream|reader|publisher OPTION VALUE... | judge FILE...\n";
  return 2;
}

}  // namespace
}  // namespace linearizable

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && std::strcmp(argv[1], "upstream") != 0)
    std::signal(SIGTERM, [](int) { linearizable::is_told_to_end = 1; });
  try {
    return linearizable::run(argc > 1 ? argv[1] : "", {argv + std::min(argc, 2), argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "linearizable_purge: " << error.what() << "\n";
    return 2;
  }
}
