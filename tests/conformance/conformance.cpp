// The main function of the conformance tests. Each case is a test of its own for each way of telling it:
// "policy ID" ... Those of another directory than tests/conformance/cases are read with LARDER_CASES=DIR.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>

#include "conformance/case_file.hpp"
#include "conformance/policy_player.hpp"
#include "conformance/story.hpp"

namespace conformance {
namespace {

using MakePlayer = std::function<std::unique_ptr<Player>()>;

class CaseTest : public Catch::ITestInvoker {
 public:
  CaseTest(const Case& told, MakePlayer make_player) : case_(told), make_player_(std::move(make_player)) {}

  void invoke() const override {
    const auto player = make_player_();
    std::string text;
    for (const std::string& problem : play(case_, *player)) text += "\n" + problem;
    if (!text.empty()) FAIL(case_.id << text);
    SUCCEED();
  }

 private:
  const Case& case_;
  MakePlayer make_player_;
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

void add_tests(const CaseFiles& files) {
  const auto make_policy_player = [] {
    return std::make_unique<PolicyPlayer>([](larder::cache::StoredPtr stored) { return stored; });
  };
  add_test(new FilesTest(files), "the files of cases can be read", "[files]");
  for (const Case& told : files.cases) {
    if (!told.needs_sockets)
      add_test(new CaseTest(told, make_policy_player), "policy " + told.id, "[policy]");
  }
}

std::string directory_of_cases() {
  const char* named = std::getenv("LARDER_CASES");
  return named != nullptr ? named : TEST_DIR "/conformance/cases";
}

}  // namespace
}  // namespace conformance

int main(int argc, char** argv) {
  const conformance::CaseFiles files = conformance::read_cases(conformance::directory_of_cases());
  conformance::add_tests(files);
  return Catch::Session().run(argc, argv);
}
