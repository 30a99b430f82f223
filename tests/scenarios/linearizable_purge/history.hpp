// What happened in a run of the purge checker, as its processes write it down.
//
// Each process appends lines to a file of its own, a line for each event once it has ended. Times are
// nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace linearizable {

using Nanoseconds = std::int64_t;
Nanoseconds now();

// A publisher raised a page's version; the upstream had said so at `end`.
struct Publish {
  std::size_t page = 0;
  std::uint64_t version = 0;
  Nanoseconds begin = 0;
  Nanoseconds end = 0;
};

struct Purge {
  bool is_soft = false;
  bool is_refreshing = false;
  std::string by;  // "api", "PURGE" or "webhook"
  std::vector<std::string> selectors;
  Nanoseconds invoke = 0;
  Nanoseconds ack = 0;  // 0: it was never acknowledged, and binds nobody
};

// A request at the upstream.
struct Fetch {
  std::uint64_t id = 0;
  std::size_t page = 0;
  Nanoseconds arrival = 0;
  Nanoseconds read_at = 0;  // when the version was read
  std::uint64_t version = 0;
  std::string outcome;  // "200", "304", "broken-body", ...
  Nanoseconds end = 0;
};

struct Read {
  int reader = 0;
  std::size_t page = 0;
  Nanoseconds invoke = 0;     // before the first byte was sent
  Nanoseconds complete = 0;   // after the last that was read
  std::string manner;         // "GET", "HEAD", "range", ...
  int status = 0;             // 0: no head came
  std::uint64_t version = 0;  // of the head; 0: it tells none
  std::uint64_t fetch = 0;    // 0: unknown
  std::string problem;        // of the body: "broken", "left", "torn"; empty: whole
  std::string cache_status;
};

struct History {
  std::vector<Publish> publishes;
  std::vector<Purge> purges;
  std::vector<Fetch> fetches;
  std::vector<Read> reads;
};

std::string text_of(const Publish& event);
std::string text_of(const Purge& event);
std::string text_of(const Fetch& event);
std::string text_of(const Read& event);

// Throws std::runtime_error for a line that is none.
void read_line(const std::string& line, History& history);
History read_files(const std::vector<std::string>& files);

// Appends to a file; throws std::runtime_error when it cannot.
class HistoryWriter {
 public:
  explicit HistoryWriter(const std::string& file);
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;
  template <typename Event>
  void add(const Event& event) {
    write(text_of(event));
  }

 private:
  void write(const std::string& line);
  std::FILE* file_;
};

}  // namespace linearizable
