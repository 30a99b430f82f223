#include "larder/obs/access_log.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "obs/access_ring.hpp"
#include "obs/log_output.hpp"

namespace larder::obs {
namespace {

// A directory of its own, gone afterwards.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "larder-obs-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t line_count_of(const std::string& path) {
  const std::string text = content_of(path);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

config::Log combined_to(const std::string& output) {
  config::Log log;
  log.access = config::AccessLog::combined;
  log.output = output;
  return log;
}

std::vector<std::unique_ptr<Observer>> observers_of(std::size_t count) {
  std::vector<std::unique_ptr<Observer>> observers;
  for (std::size_t i = 0; i < count; ++i) {
    observers.push_back(std::make_unique<Observer>(0, config::AccessLog::combined));
  }
  return observers;
}

ExchangeRecord record_of(std::string_view target) {
  ExchangeRecord record;
  record.method = "GET";
  record.target = target;
  record.status = 200;
  return record;
}

TEST_CASE("everything recorded before a flush is in the file after it") {
  const Directory directory;
  const auto observers = observers_of(2);
  AccessLog log(combined_to(directory.file("access")), observers);
  for (int i = 0; i < 100; ++i) observers[static_cast<std::size_t>(i % 2)]->record(record_of("/a"));
  log.flush();
  CHECK(line_count_of(directory.file("access")) == 100);
}

TEST_CASE("what is left is written at the stop") {
  const Directory directory;
  const auto observers = observers_of(1);
  {
    AccessLog log(combined_to(directory.file("access")), observers);
    for (int i = 0; i < 1000; ++i) observers[0]->record(record_of("/a"));
  }
  CHECK(line_count_of(directory.file("access")) == 1000);
}

TEST_CASE("after a rotation lines go to the new file") {
  const Directory directory;
  const std::string path = directory.file("access");
  const auto observers = observers_of(1);
  AccessLog log(combined_to(path), observers);
  observers[0]->record(record_of("/before"));
  log.flush();
  std::filesystem::rename(path, path + ".1");
  log.reopen();
  log.flush();
  observers[0]->record(record_of("/after"));
  log.flush();
  CHECK(content_of(path + ".1").find("/before") != std::string::npos);
  CHECK(content_of(path).find("/after") != std::string::npos);
}

TEST_CASE("a directory that is gone at a rotation leaves the old file in use") {
  const Directory directory;
  std::filesystem::create_directory(directory.file("logs"));
  const auto observers = observers_of(1);
  AccessLog log(combined_to(directory.file("logs/access")), observers);
  std::filesystem::rename(directory.file("logs"), directory.file("moved"));
  log.reopen();
  log.flush();
  observers[0]->record(record_of("/after"));
  log.flush();
  CHECK(line_count_of(directory.file("moved/access")) == 1);
}

TEST_CASE("an output that cannot be opened is an error with its path") {
  const auto observers = observers_of(1);
  CHECK_THROWS_WITH(AccessLog(combined_to("/nowhere/access"), observers), Catch::Contains("/nowhere/access"));
}

TEST_CASE("a full disk loses lines, counts them, and stops nothing") {
  const auto observers = observers_of(1);
  AccessLog log(combined_to("/dev/full"), observers);
  for (int i = 0; i < 10; ++i) observers[0]->record(record_of("/a"));
  log.flush();
  CHECK(log.lines_lost() == 10);
}

TEST_CASE("without an access log there is nothing to flush") {
  const auto observers = observers_of(1);
  config::Log off;
  off.access = config::AccessLog::off;
  AccessLog log(off, observers);
  log.flush();
  log.reopen();
  log.stop();
}

TEST_CASE("records beyond the ring are dropped and counted, and the rest is whole") {
  const auto observers = observers_of(1);
  const std::string target(8000, 'x');
  for (int i = 0; i < 400; ++i) observers[0]->record(record_of(target));
  const std::uint64_t dropped = observers[0]->ring().dropped();
  CHECK(dropped > 0);
  const Directory directory;
  AccessLog log(combined_to(directory.file("access")), observers);
  log.flush();
  CHECK(line_count_of(directory.file("access")) + dropped == 400);
}

// A pipe as an output, by its name in /proc.
struct Pipe {
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  std::string writer_name() const { return "/proc/self/fd/" + std::to_string(ends[1]); }
  std::array<int, 2> ends{};
};

TEST_CASE("a reader that stands still costs patience and then lines, never a thread") {
  const Pipe pipe;
  LogOutput output(pipe.writer_name());
  const std::string line = std::string(999, 'x') + "\n";
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += line;
  const std::uint64_t lost = output.write(lines, base::Duration(1));
  CHECK(lost > 0);
  CHECK(lost < 1000);
  std::string read(64 * 1024, '\0');
  CHECK(::read(pipe.ends[0], read.data(), read.size()) > 0);
  CHECK(output.write("again\n", base::Duration(1)) == 0);
}

TEST_CASE("a reader that is gone loses lines and does not end the process") {
  Pipe pipe;
  const auto observers = observers_of(1);
  AccessLog log(combined_to(pipe.writer_name()), observers);
  pipe.close_reader();
  observers[0]->record(record_of("/a"));
  log.flush();
  CHECK(log.lines_lost() == 1);
}

}  // namespace
}  // namespace larder::obs
