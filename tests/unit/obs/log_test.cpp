#include "larder/obs/log.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace larder::obs {
namespace {

// The default logger goes to a file of its own while this lives.
class LogFile {
 public:
  explicit LogFile(config::LogFormat format, std::string level = "info") {
    std::string name = (std::filesystem::temp_directory_path() / "larder-log-XXXXXX").string();
    const int descriptor = mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    path_ = name;
    config::Log log;
    log.format = format;
    log.level = std::move(level);
    log.output = path_;
    set_up_log(log);
  }
  ~LogFile() {
    spdlog::set_default_logger(before_);
    std::filesystem::remove(path_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  const std::string& path() const { return path_; }
  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::string path_;
};

TEST_CASE("text lines are for people, and cannot be forged") {
  const LogFile file(config::LogFormat::text);
  log_warning("a {} b\n2026-01-01 error c\x1b[2J \xc3\xa9");
  const std::string text = file.text();
  CHECK_THAT(text, Catch::EndsWith("Z warning a {} b\\x0a2026-01-01 error c\\x1b[2J \xc3\xa9\n"));
  CHECK(text.size() > 24);
  CHECK(text[10] == 'T');
}

TEST_CASE("json lines are JSON whatever the message") {
  const LogFile file(config::LogFormat::json);
  log_error("a \"b\"\n\xff");
  const auto line = nlohmann::json::parse(file.text());
  CHECK(line["level"] == "error");
  CHECK(line["logger"] == "larder");
  CHECK(line["message"] == "a \"b\"\n\xef\xbf\xbd");
}

TEST_CASE("the level is the configuration's") {
  const auto [level, expected] = GENERATE(table<std::string, int>(
      {{"trace", 4}, {"debug", 4}, {"info", 3}, {"warn", 2}, {"error", 1}, {"off", 0}}));
  const LogFile file(config::LogFormat::text, level);
  log_debug("d");
  log_info("i");
  log_warning("w");
  log_error("e");
  const std::string text = file.text();
  INFO(level);
  CHECK(std::count(text.begin(), text.end(), '\n') == expected);
}

TEST_CASE("a failure is logged once a second, and counts its like") {
  const LogFile file(config::LogFormat::text);
  for (int i = 0; i < 1000; ++i) log_failure(cache::Reason::connect_failed, "upstream");
  const std::string text = file.text();
  CHECK_THAT(text, Catch::Contains("upstream: connect-failed"));
  CHECK(std::count(text.begin(), text.end(), '\n') <= 3);
}

TEST_CASE("the log is opened again after a rotation") {
  const LogFile file(config::LogFormat::text);
  log_info("before");
  std::filesystem::remove(file.path());
  reopen_log();
  log_info("after");
  CHECK_THAT(file.text(), Catch::Contains("after"));
  CHECK_THAT(file.text(), !Catch::Contains("before"));
}

TEST_CASE("an output that cannot be opened leaves the log as it was") {
  config::Log log;
  log.output = "/nowhere/log";
  const auto before = spdlog::default_logger();
  CHECK_THROWS_WITH(set_up_log(log), Catch::Contains("/nowhere/log"));
  CHECK(spdlog::default_logger() == before);
}

}  // namespace
}  // namespace larder::obs
