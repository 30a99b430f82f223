// The access log's thread: writes the lines in every worker's ring.
//
// Its life: constructed (the output is open, the thread runs) -> stop() or the destructor, which write what
// is left. The observers must outlive it. Workers are never waited for and never wait: what a full disk, a
// closed pipe or a reader that stands still keeps from being written is dropped and counted. Any thread may
// call.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "larder/config/config.hpp"
#include "larder/obs/observer.hpp"

namespace larder::obs {

class LogOutput;

class AccessLog {
 public:
  // Throws std::runtime_error when the output cannot be opened. With `access: off` it has no thread.
  AccessLog(const config::Log& log, const std::vector<std::unique_ptr<Observer>>& observers);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Returns when everything recorded before the call is written or lost.
  void flush();
  // Opens the file again (SIGUSR1) after writing what was recorded so far. Returns at once.
  void reopen();
  // Writes what is left and ends the thread. To be called when no worker records any more.
  void stop();
  // Lines that could not be written, beside those that found no room in a ring.
  std::uint64_t lines_lost() const noexcept { return lines_lost_.load(std::memory_order_relaxed); }

 private:
  void run();
  // Returns when to come back, by what has come since the last visit.
  base::Duration drain(base::Duration since_last);
  void write(std::string_view lines);
  void report_loss(std::uint64_t lost);

  std::vector<AccessRing*> rings_;
  std::unique_ptr<LogOutput> output_;
  bool is_losing_ = false;
  std::atomic<std::uint64_t> lines_lost_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable drained_;
  std::uint64_t drains_wanted_ = 0;  // guarded by mutex_, like the rest
  std::uint64_t drains_done_ = 0;
  bool wants_reopen_ = false;
  bool wants_stop_ = false;
  std::thread thread_;
};

}  // namespace larder::obs
