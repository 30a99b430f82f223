// The purge log (docs/design.md part 5): a purge is one line appended, and a stored response is valid if no
// later line matches it. Nothing is searched.
//
// Kept as the newest hard and the newest soft sequence for each tag, tag prefix, capture, path, prefix, url,
// host and `all`, so that memory is that of the distinct selectors above the floor, up to a bound. The
// sequence is published after the matcher holds the line, with release order: who loads newest() first and
// looks up afterwards sees every line up to it. Any thread. newest() is one atomic load; the rest takes a
// shared lock, append() an exclusive one.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/selector.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::cache {

enum class PurgeMode : std::uint8_t { hard, soft };

enum class PurgeCause : std::uint8_t {
  method,  // PURGE
  api,     // POST /api/purge
  webhook,
  unsafe_method,  // RFC 9111 section 4.4
  log_out,        // the end of a session
  settle,         // the repeat of a PURGE (purge.settle)
  reload,         // of a configuration that gives other tags
  epoch,          // lines of other replicas may have been missed
  count_,
};

// Who wanted it, for operators.
struct PurgeOrigin {
  PurgeCause cause = PurgeCause::api;
  std::string detail;  // the webhook and its event, the unsafe method, the sequence that is repeated
  std::string peer;    // empty: Larder itself
  // Of each; what is longer is cut, since an event's name comes from a body of any size.
  static constexpr std::size_t text_size_max = 200;
};

struct PurgeLine {
  std::uint64_t sequence = 0;
  PurgeMode mode = PurgeMode::hard;
  std::vector<Selector> selectors;
  base::WallTime at{};
  PurgeOrigin origin;
  // Stored responses that were found outdated (soft: made stale) by this line before any other of its mode,
  // and fetches that it overtook, whose responses were not stored.
  std::uint64_t outdated = 0;
  std::uint64_t overtaken = 0;
  bool is_counted = false;  // a sweep that began after the line has ended: `outdated` is final
};

// What is known of a response before its head: enough to test url, path, prefix, host, captures and all
// exactly.
struct Identity {
  KeyView key;
  std::span<const std::string> captures;
};

class PurgeLog {
 public:
  PurgeLog();
  ~PurgeLog();
  PurgeLog(const PurgeLog&) = delete;
  PurgeLog& operator=(const PurgeLog&) = delete;

  // The newest line's sequence; 0 when there has been none.
  std::uint64_t newest() const noexcept { return newest_.load(std::memory_order_acquire); }
  // Appends one line, all selectors applied together; returns its sequence. When it returns, every later
  // newest() is at least that: the purge may be acknowledged.
  std::uint64_t append(std::vector<Selector> selectors, PurgeMode mode, base::WallTime at,
                       PurgeOrigin origin = {});

  // Says that lines may have been missed: what was fetched before is `unverified` from now on, whatever later
  // lines say of it. Takes a sequence of its own, which it returns, like a line without selectors.
  std::uint64_t begin_epoch(base::WallTime at);
  std::uint64_t epoch_floor() const noexcept { return epoch_floor_.load(std::memory_order_relaxed); }

  // What the lines after stored.sequence say of it. `newest` is what the caller loaded before it looked
  // `stored` up; a response found valid remembers that, so that the next check at the same sequence is one
  // comparison. A soft line against a response without grace outdates it.
  Validity validity(const StoredResponse& stored, std::uint64_t newest) const {
    // Acquire: whoever sees the sequence of the check sees what it found.
    const bool is_checked = stored.checked_at.load(std::memory_order_acquire) >= newest;
    const bool is_of_this_epoch = stored.sequence >= epoch_floor();
    if (is_checked && is_of_this_epoch && !stored.is_soft_outdated.load(std::memory_order_relaxed))
      return Validity::valid;
    return check(stored, newest);
  }
  // Has a line outdated what a fetch has brought, before it is stored? It is not for the store then.
  bool overtakes(const StoredResponse& fetched) const;
  // True when no line after `since` can match a response of this identity whose tags are not known yet: any
  // line with a tag or tag prefix counts as a match. The fence of flights; the argument stands in the .cpp. A
  // capture's line (`slug:x`) is tested against the captures; that the response will bear the same label as a
  // tag cannot be known here, so a flight whose head shows it must not hand it to those who came later.
  bool may_join(const Identity& identity, std::uint64_t since) const;
  // For hit-for-miss marks and anything else without tags: does a line after `since` match?
  bool is_outdated(const Identity& identity, std::uint64_t since) const;

  // A sweep finds and removes what lines have outdated: begin_sweep() returns the newest line, which the
  // sweep checks by; end_sweep() says that it is through.
  std::uint64_t begin_sweep();
  void end_sweep(std::uint64_t newest);
  std::uint64_t swept_through() const noexcept { return swept_through_.load(std::memory_order_relaxed); }
  // So many selectors came since the last sweep began that it should not wait for its time: else the log may
  // run out of room. One atomic load.
  bool is_filling() const noexcept { return is_filling_.load(std::memory_order_relaxed); }
  // Forgets the lines up to `floor`, once the sweep has removed what they outdate and nothing in flight is
  // older. Who still holds a response from before the sweep finds it outdated unless it had been found valid
  // at the floor or later: the line that outdates it may be one of those.
  void forget_through(std::uint64_t floor);
  // The same, but keeps so many selectors while there is room: for a store outside the process, whose entries
  // no sweep removes and which can be told valid only from the floor on.
  void forget_beyond(std::uint64_t floor, std::size_t selectors_kept);
  std::uint64_t floor() const;
  std::size_t line_count() const;  // distinct selectors held
  // At most so many selectors are held, and so many bytes of them: more than a site purges while its slowest
  // fetch waits for its head, and little beside the store. Past either, one hard line for `all` stands in for
  // everything up to the newest: wider than asked, never less.
  static constexpr std::size_t selectors_max = 100'000;
  static constexpr std::size_t selector_bytes_max = std::size_t{16} * 1024 * 1024;
  std::uint64_t overflow_count() const noexcept { return overflows_.load(std::memory_order_relaxed); }
  // Stored responses found outdated by lines of this mode so far.
  std::uint64_t outdated_count(PurgeMode mode) const noexcept {
    return outdated_[static_cast<std::size_t>(mode)].load(std::memory_order_relaxed);
  }
  // The last lines, newest last, for operators: at most `most` of `recent_max`, and those of at most
  // `recent_bytes_max` of selectors (the newest always).
  std::vector<PurgeLine> recent(std::size_t most = recent_max) const;
  static constexpr std::size_t recent_max = 1000;
  static constexpr std::size_t recent_bytes_max = std::size_t{1024} * 1024;

 private:
  enum class Counted : std::uint8_t { outdated, overtaken };
  struct State;
  Validity check(const StoredResponse& stored, std::uint64_t newest, Counted as = Counted::outdated) const;
  std::uint64_t count(const StoredResponse& stored, PurgeMode mode, Counted as,
                      std::uint64_t before = UINT64_MAX) const;
  std::atomic<std::uint64_t> newest_{0};
  std::atomic<std::uint64_t> epoch_floor_{0};  // stored before newest_: who loads that first sees it
  std::atomic<std::uint64_t> overflows_{0};
  std::atomic<std::uint64_t> swept_through_{0};
  std::atomic<bool> is_filling_{false};
  mutable std::array<std::atomic<std::uint64_t>, 2> outdated_{};
  std::unique_ptr<State> state_;
};

}  // namespace larder::cache
