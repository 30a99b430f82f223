// The ways of telling the cases, and the main function of the programs that do.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/story.hpp"

namespace conformance {

struct Way {
  std::string name;
  std::function<std::unique_ptr<Player>()> make_player;
  std::function<bool(const Case&)> may_tell;
  // Asked about a case that does not hold: why it need not in this way, or nothing where it must. Null: each
  // must.
  std::function<std::optional<std::string>(const Case&, const Player&)> why_not = nullptr;
  // How many do not hold for each such reason, over all cases.
  std::map<std::string, std::size_t> differences{};
};

// Without sockets: to the policy, and to the policy with what is stored written as bytes and read back.
std::vector<Way> ways_without_sockets();

// Runs the tests by Catch2's command line: "WAY ID" for each case and each way that may tell it, beside those
// that are compiled in, and "WAY differs where it is known to" for a way with differences. The cases are
// those of tests/conformance/cases, or of the directory that LARDER_CASES names. Returns the exit code.
int run(int argc, char** argv, const std::vector<Way>& ways);

}  // namespace conformance
