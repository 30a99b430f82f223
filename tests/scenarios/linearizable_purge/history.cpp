// What happened in a run of the purge checker, as its processes write it down.
#include "history.hpp"

#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace linearizable {
namespace {

// No word of a line is empty or holds white space, but for Cache-Status, which is the last.
std::string word(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string unworded(const std::string& text) {
  return text == "-" ? std::string() : text;
}

Publish read_publish(std::istream& in) {
  Publish event;
  in >> event.page >> event.version >> event.begin >> event.end;
  return event;
}

Purge read_purge(std::istream& in) {
  Purge event;
  std::string mode;
  std::string refresh;
  in >> mode >> refresh >> event.by >> event.invoke >> event.ack;
  event.is_soft = mode == "soft";
  event.is_refreshing = refresh == "refresh";
  std::string selector;
  std::vector<std::string> selectors;
  while (in >> selector) selectors.push_back(selector);
  in.clear();
  event.selectors = std::move(selectors);
  return event;
}

Fetch read_fetch(std::istream& in) {
  Fetch event;
  in >> event.id >> event.page >> event.arrival >> event.read_at >> event.version >> event.outcome >>
      event.end;
  return event;
}

Read read_read(std::istream& in) {
  Read event;
  in >> event.reader >> event.page >> event.invoke >> event.complete >> event.manner >> event.status >>
      event.version >> event.fetch >> event.problem >> std::ws;
  event.problem = unworded(event.problem);
  if (!in) return event;
  std::getline(in, event.cache_status);
  in.clear();
  event.cache_status = unworded(event.cache_status);
  return event;
}

}  // namespace

Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string text_of(const Publish& event) {
  std::ostringstream out;
  out << "publish " << event.page << ' ' << event.version << ' ' << event.begin << ' ' << event.end;
  return out.str();
}

std::string text_of(const Purge& event) {
  std::ostringstream out;
  out << "purge " << (event.is_soft ? "soft " : "hard ") << (event.is_refreshing ? "refresh " : "- ")
      << event.by << ' ' << event.invoke << ' ' << event.ack;
  for (const std::string& selector : event.selectors) out << ' ' << selector;
  return out.str();
}

std::string text_of(const Fetch& event) {
  std::ostringstream out;
  out << "fetch " << event.id << ' ' << event.page << ' ' << event.arrival << ' ' << event.read_at << ' '
      << event.version << ' ' << word(event.outcome) << ' ' << event.end;
  return out.str();
}

std::string text_of(const Read& event) {
  std::ostringstream out;
  out << "read " << event.reader << ' ' << event.page << ' ' << event.invoke << ' ' << event.complete << ' '
      << word(event.manner) << ' ' << event.status << ' ' << event.version << ' ' << event.fetch << ' '
      << word(event.problem) << ' ' << word(event.cache_status);
  return out.str();
}

void read_line(const std::string& line, History& history) {
  std::istringstream in(line);
  std::string kind;
  in >> kind;
  if (kind == "publish") {
    history.publishes.push_back(read_publish(in));
  } else if (kind == "purge") {
    history.purges.push_back(read_purge(in));
  } else if (kind == "fetch") {
    history.fetches.push_back(read_fetch(in));
  } else if (kind == "read") {
    history.reads.push_back(read_read(in));
  } else {
    throw std::runtime_error("no event: " + line);
  }
  if (in.fail()) throw std::runtime_error("not a whole event: " + line);
}

History read_files(const std::vector<std::string>& files) {
  History history;
  for (const std::string& file : files) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file);
    std::string line;
    while (std::getline(in, line)) read_line(line, history);
  }
  return history;
}

HistoryWriter::HistoryWriter(const std::string& file) : file_(std::fopen(file.c_str(), "w")) {
  if (file_ == nullptr) throw std::runtime_error("cannot write " + file);
}

HistoryWriter::~HistoryWriter() {
  std::fclose(file_);
}

void HistoryWriter::write(const std::string& line) {
  const std::string whole = line + "\n";
  if (std::fwrite(whole.data(), 1, whole.size(), file_) != whole.size())
    throw std::runtime_error("the history cannot be written");
}

}  // namespace linearizable
