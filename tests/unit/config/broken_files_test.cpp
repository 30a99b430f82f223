// Every file of tests/config/broken says in its first lines what is wrong with it: "# expect: LINE:COLUMN:
// message", one line for each error, "\n" for a line feed in the message.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;

namespace {

std::vector<std::string> expected_errors(const std::string& yaml) {
  constexpr std::string_view mark = "# expect: ";
  std::vector<std::string> errors;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line) && line.starts_with(mark);) {
    line.erase(0, mark.size());
    for (std::size_t at; (at = line.find("\\n")) != std::string::npos;) line.replace(at, 2, "\n");
    errors.push_back(line);
  }
  return errors;
}

std::vector<std::filesystem::path> broken_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(TEST_DIR "/config/broken")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TEST_CASE("Each broken file gives the errors it names, in order, and no others", "[config]") {
  const Texts environment{{"WORKERS", "plenty"}, {"INJECTED", "info\nworkers: 2"}, {"SECTION", "workers"}};
  const Texts files{{"/run/secrets/empty", "\n"}, {"/run/secrets/hook", "abc\n"}};
  const auto paths = broken_files();
  CHECK(paths.size() >= 100);
  for (const auto& path : paths) {
    INFO(path.filename());
    const std::string yaml = content_of(path);
    const auto expected = expected_errors(yaml);
    CHECK_FALSE(expected.empty());
    CHECK(errors_of(load_text(yaml, environment, files)) == expected);
  }
}
