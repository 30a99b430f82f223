// Waiting with a deadline. Nothing here orders events by time: a wait ends because something happened, or the
// test fails and says what did not happen.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>

namespace scenario {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// How much slower than a release build this one is expected to be.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr int slowness = 6;
#else
inline constexpr int slowness = 1;
#endif
// The longest that a test waits for anything.
inline constexpr Milliseconds patience = std::chrono::seconds(10) * slowness;
// True in builds whose speed says something about the product.
#if defined(NDEBUG) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
inline constexpr bool is_release_build = true;
#else
inline constexpr bool is_release_build = false;
#endif

// Something that had to happen did not. Thrown in the test's thread, so that Catch2 reports it.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

SteadyTime deadline_from_now();
// Milliseconds left until `deadline`, for poll(2); 0 when it has passed.
int milliseconds_left(SteadyTime deadline);

// Looks at `holds` again and again until it is true; past the deadline throws Failure("waited for WHAT"). For
// counters that the server shows and nothing can notify us of.
void wait_until(const std::string& what, const std::function<bool()>& holds);

// Closed until somebody opens it. Any thread.
class Gate {
 public:
  void open();
  // Throws Failure("waited for WHAT") past the deadline.
  void pass(const std::string& what);

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

}  // namespace scenario
