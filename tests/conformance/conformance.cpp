// The main function of the conformance tests. Each case is a test of its own for each way of telling it:
// "policy ID" ... Those of another directory than tests/conformance/cases are read with LARDER_CASES=DIR.
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_CONSOLE_WIDTH 200
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>

#include "conformance/case_file.hpp"
#include "conformance/policy_player.hpp"
#include "conformance/process_stand.hpp"
#include "conformance/server_stand.hpp"
#include "conformance/smallest_config.hpp"
#include "conformance/socket_player.hpp"
#include "conformance/story.hpp"
#include "larder/cache/codec.hpp"
#include "larder/obs/log.hpp"

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
    return std::make_unique<PolicyPlayer>(
        [](const larder::cache::StoredPtr& stored, larder::base::Now) { return stored; });
  };
  const auto make_codec_player = [] {
    return std::make_unique<PolicyPlayer>(
        [](const larder::cache::StoredPtr& stored, larder::base::Now now) -> larder::cache::StoredPtr {
          return larder::cache::decode(larder::cache::encode(*stored, now), now);
        });
  };
  const auto make_socket_player = [] {
    return std::make_unique<SocketPlayer>(
        [](const scenario::Upstream& upstream) { return std::make_unique<ServerStand>(upstream); });
  };
  const auto make_process_player = [] {
    return std::make_unique<SocketPlayer>(
        [](const scenario::Upstream& upstream) { return std::make_unique<ProcessStand>(upstream); });
  };
  add_test(new FilesTest(files), "the files of cases can be read", "[files]");
  for (const Case& told : files.cases) {
    add_test(new CaseTest(told, make_socket_player), "sockets " + told.id, "[sockets]");
    if (told.id.starts_with("outcomes.")) {
      add_test(new CaseTest(told, make_process_player), "process " + told.id, "[process]");
    }
    if (told.needs_sockets) continue;
    add_test(new CaseTest(told, make_policy_player), "policy " + told.id, "[policy]");
    add_test(new CaseTest(told, make_codec_player), "codec " + told.id, "[codec]");
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
  larder::obs::set_up_log(conformance::smallest_config_without_log("http://127.0.0.1:1")->log);
  return Catch::Session().run(argc, argv);
}
