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

class CaseTest : public Catch::ITestInvoker {
 public:
  CaseTest(const Case& told, const Way& way) : case_(told), way_(way) {}

  void invoke() const override {
    const auto player = way_.make_player();
    std::string text;
    for (const std::string& problem : play(case_, *player)) text += "\n" + problem;
    if (!text.empty()) FAIL(case_.id << text);
    SUCCEED();
  }

 private:
  const Case& case_;
  const Way& way_;
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
          return larder::cache::decode(larder::cache::encode(*stored, now), now);
        });
  };
  return {{"policy", make_policy_player, needs_no_sockets}, {"codec", make_codec_player, needs_no_sockets}};
}

int run(int argc, char** argv, const std::vector<Way>& ways) {
  const CaseFiles files = read_cases(directory_of_cases());
  add_test(new FilesTest(files), "the files of cases can be read", "[files]");
  for (const Way& way : ways) {
    for (const Case& told : files.cases) {
      if (way.may_tell(told))
        add_test(new CaseTest(told, way), way.name + " " + told.id, "[" + way.name + "]");
    }
  }
  return Catch::Session().run(argc, argv);
}

}  // namespace conformance
