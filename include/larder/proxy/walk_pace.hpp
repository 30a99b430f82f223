// Work and rest in turn, for a thread that walks the whole store beside the workers: it takes a third of a
// processor at most, and a worker that shares it waits a twentieth of a millisecond at most.
//
// may_go_on() and wait() are the walking thread's; the others are anybody's.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "larder/base/time.hpp"

namespace larder::proxy {

class WalkPace {
 public:
  // Until `period` is over or somebody hurries; false once stopped.
  bool wait(base::Duration period);
  // Between two pieces of work: rests when it is time to. False once stopped.
  bool may_go_on();
  // Ends the wait, or lets the work under way do without rests.
  void hurry();
  // For good: whatever waits or rests goes on at once.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_hurried_ = false;
  bool is_stopped_ = false;
  Clock::time_point rested_at_ = Clock::now();
};

}  // namespace larder::proxy
