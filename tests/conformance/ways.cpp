#include "conformance/ways.hpp"

#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_CONSOLE_WIDTH 200
#include <catch2/catch.hpp>
#include <cstdlib>

#include "conformance/case_file.hpp"
#include "conformance/policy_player.hpp"
#include "larder/cache/codec.hpp"

namespace conformance {
namespace {

// Of one way.
struct Tally {
  std::size_t told = 0;
  std::map<std::string, std::size_t> differences;  // cases that did not hold, by the reason why not
};

class CaseTest : public Catch::ITestInvoker {
 public:
  CaseTest(const Case& told, const Way& way, Tally& tally) : case_(told), way_(way), tally_(tally) {}

  void invoke() const override {
    const auto player = way_.make_player();
    std::string text;
    for (const std::string& problem : play(case_, *player)) text += "\n" + problem;
    ++tally_.told;
    const auto reason = !text.empty() && way_.why_not ? way_.why_not(case_, *player) : std::nullopt;
    if (reason) ++tally_.differences[*reason];
    if (!text.empty() && !reason) FAIL(case_.id << text);
    SUCCEED((reason ? *reason + ": " + text : std::string()));
  }

 private:
  const Case& case_;
  const Way& way_;
  Tally& tally_;
};

// Neither more cases nor fewer than are known: it is as wrong to excuse what holds. The last test of its way;
// where not all cases have been told it says nothing.
class TallyTest : public Catch::ITestInvoker {
 public:
  TallyTest(const Way& way, const Tally& tally, std::size_t cases)
      : way_(way), tally_(tally), cases_(cases) {}

  void invoke() const override {
    if (tally_.told < cases_) return;
    for (const auto& [reason, count] : way_.differences) {
      INFO("cases that do not hold: " << reason);
      const auto found = tally_.differences.find(reason);
      CHECK((found == tally_.differences.end() ? 0 : found->second) == count);
    }
  }

 private:
  const Way& way_;
  const Tally& tally_;
  std::size_t cases_;
};

// The files themselves: a broken case is a failed test, and hides no other.
class FilesTest : public Catch::ITestInvoker {
 public:
  explicit FilesTest(const CaseFiles& files) : files_(files) {}
  void invoke() const override {
    for (const std::string& error : files_.errors) FAIL_CHECK(error);
    if (files_.errors.empty()) SUCCEED();
  }

 private:
  const CaseFiles& files_;
};

void add_test(Catch::ITestInvoker* invoker, const std::string& name, const std::string& tags) {
  Catch::getMutableRegistryHub().registerTest(Catch::makeTestCase(invoker, "", Catch::NameAndTags(name, tags),
                                                                  Catch::SourceLineInfo(__FILE__, __LINE__)));
}

std::string directory_of_cases() {
  const char* named = std::getenv("LARDER_CASES");
  return named != nullptr ? named : TEST_DIR "/conformance/cases";
}

void add_way(const std::vector<Case>& cases, const Way& way, Tally& tally) {
  std::size_t count = 0;
  for (const Case& told : cases) {
    if (!way.may_tell(told)) continue;
    add_test(new CaseTest(told, way, tally), way.name + " " + told.id, "[" + way.name + "]");
    ++count;
  }
  // Other cases differ elsewhere.
  if (!way.why_not || std::getenv("LARDER_CASES") != nullptr) return;
  add_test(new TallyTest(way, tally, count), way.name + " differs where it is known to",
           "[" + way.name + "]");
}

bool needs_no_sockets(const Case& told) {
  return !told.needs_sockets;
}

}  // namespace

std::vector<Way> ways_without_sockets() {
  const auto make_policy_player = [] {
    return std::make_unique<PolicyPlayer>(
        [](const larder::cache::StoredPtr& stored, larder::base::Now) { return stored; });
  };
  const auto make_codec_player = [] {
    return std::make_unique<PolicyPlayer>(
        [](const larder::cache::StoredPtr& stored, larder::base::Now now) -> larder::cache::StoredPtr {
          const auto read = larder::cache::decode(larder::cache::encode(*stored, now), now);
          return read ? larder::cache::freeze(*read) : nullptr;
        });
  };
  return {{"policy", make_policy_player, needs_no_sockets}, {"codec", make_codec_player, needs_no_sockets}};
}

int run(int argc, char** argv, const std::vector<Way>& ways) {
  const CaseFiles files = read_cases(directory_of_cases());
  add_test(new FilesTest(files), "the files of cases can be read", "[files]");
  std::vector<Tally> tallies(ways.size());
  for (std::size_t i = 0; i < ways.size(); ++i) add_way(files.cases, ways[i], tallies[i]);
  return Catch::Session().run(argc, argv);
}

}  // namespace conformance
