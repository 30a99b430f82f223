// What the admin endpoints tell of the process and cannot see themselves. Written by the app, on any thread.
#pragma once
#include <atomic>
#include <cstdint>

#include "larder/base/time.hpp"

namespace larder::admin {

struct RunState {
  // False from before the listeners are bound until the purge log is loaded: startupz and readyz are 503
  // then.
  std::atomic<bool> is_started{true};
  std::atomic<bool> last_reload_successful{true};
  std::atomic<std::int64_t> last_reload_s{0};  // wall time; 0: there was none since the start

  void note_reload(bool is_successful, base::WallTime at) noexcept {
    last_reload_successful = is_successful;
    last_reload_s = std::chrono::duration_cast<base::Seconds>(at.time_since_epoch()).count();
  }
};

// Webhook requests by what became of them.
struct HookCounters {
  std::atomic<std::uint64_t> purged{0};
  std::atomic<std::uint64_t> ignored{0};        // no rule for the event
  std::atomic<std::uint64_t> duplicate{0};      // carried out before
  std::atomic<std::uint64_t> refused{0};        // 401, 403
  std::atomic<std::uint64_t> stale{0};          // 401: rightly signed, but at another time
  std::atomic<std::uint64_t> too_large{0};      // 413
  std::atomic<std::uint64_t> unfit{0};          // 415, 422
  std::atomic<std::uint64_t> failed{0};         // 503: not carried out, or its twin is being carried out
  std::atomic<std::uint64_t> ids_forgotten{0};  // before their time, since there were too many
};

}  // namespace larder::admin
