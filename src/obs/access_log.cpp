#include "larder/obs/access_log.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "larder/obs/log.hpp"
#include "obs/access_ring.hpp"
#include "obs/log_output.hpp"

namespace larder::obs {
namespace {

// Often enough for someone who follows the log, seldom enough to cost an idle machine nothing.
constexpr base::Duration idle_pause = std::chrono::milliseconds(50);
// The fuller the rings were found, the sooner the next visit: no ring may overflow before it, and where a
// worker shares its core with this thread, hits wait for as long as a visit takes.
constexpr base::Duration busy_pause = std::chrono::milliseconds(2);
constexpr base::Duration::rep visit_size = 128 * 1024;  // bytes of lines
// Written at once, and their room given back: the ring must not stay full for as long as a reader is slow.
constexpr std::size_t batch_size = std::size_t{64} * 1024;
// How long a reader may stand still before its lines are dropped; and so how long stop() may take.
constexpr base::Duration write_patience = std::chrono::seconds(1);

// Signals are the control thread's business; and a closed pipe must be EPIPE, not the process's end.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Whole lines at the front of these: a batch, or one line that is longer.
std::string_view first_batch(std::string_view lines) noexcept {
  if (lines.size() <= batch_size) return lines;
  std::size_t end = lines.rfind('\n', batch_size - 1);
  if (end == std::string_view::npos) end = lines.find('\n', batch_size);
  return lines.substr(0, end + 1);
}

}  // namespace

AccessLog::AccessLog(const config::Log& log, const std::vector<std::unique_ptr<Observer>>& observers) {
  if (log.access == config::AccessLog::off) return;
  for (const auto& observer : observers) rings_.push_back(&observer->ring());
  output_ = std::make_unique<LogOutput>(log.output);
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  stop();
}

void AccessLog::flush() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = ++drains_wanted_;
  wake_.notify_one();
  drained_.wait(lock, [&] { return drains_done_ >= wanted; });
}

void AccessLog::reopen() {
  const std::lock_guard lock(mutex_);
  wants_reopen_ = true;
  wake_.notify_one();
}

void AccessLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    wants_stop_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void AccessLog::run() {
  block_signals();
  base::Duration pause = idle_pause;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto has_orders = [&] { return wants_stop_ || wants_reopen_ || drains_wanted_ > drains_done_; };
    wake_.wait_for(lock, pause, has_orders);
    const std::uint64_t wanted = drains_wanted_;
    const bool reopens = std::exchange(wants_reopen_, false);
    const bool stops = wants_stop_;
    lock.unlock();
    pause = drain(pause);
    if (reopens && !output_->reopen()) log_error("cannot reopen the access log; writing on to the old file");
    lock.lock();
    drains_done_ = stops ? drains_wanted_ : wanted;
    drained_.notify_all();
    if (stops) return;
  }
}

base::Duration AccessLog::drain(base::Duration since_last) {
  std::size_t found = 0;
  for (AccessRing* ring : rings_) {
    // At most what is there now: a ring that fills as fast as it is read must not keep the others waiting.
    std::size_t left = ring->used();
    found += left;
    while (left > 0) {
      const std::string_view batch = first_batch(ring->front());
      if (batch.empty()) break;
      write(batch);
      ring->pop(batch.size());
      left -= std::min(left, batch.size());
    }
  }
  if (found == 0) return idle_pause;
  const auto in_time = since_last.count() * visit_size / static_cast<base::Duration::rep>(found);
  return std::clamp(base::Duration(in_time), busy_pause, idle_pause);
}

void AccessLog::write(std::string_view lines) {
  // Once a reader stands still, nothing is waited for until it moves again.
  const std::uint64_t lost = output_->write(lines, is_losing_ ? base::Duration(0) : write_patience);
  lines_lost_.fetch_add(lost, std::memory_order_relaxed);
  count_lines_lost(lost);
  report_loss(lost);
}

void AccessLog::report_loss(std::uint64_t lost) {
  const bool was_losing = std::exchange(is_losing_, lost > 0);
  if (is_losing_ && !was_losing) log_error("the access log cannot be written: its lines are dropped");
  if (!is_losing_ && was_losing) log_warning("the access log is written again");
}

}  // namespace larder::obs
