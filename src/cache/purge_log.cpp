// Why the fence holds (docs/design.md part 1, "exact").
//
// Let P be a purge that was acknowledged before a request R arrived.
// 1. append() stores P's sequence into newest_ before it returns, and P was acknowledged after that, so what
// R
//    loads from newest() is at least P.
// 2. newest_ is stored with release order, inside the exclusive lock and after the matcher has changed. Who
//    loads a value of at least P and then takes the shared lock gets it after that exclusive section has
//    ended (the store lies inside it), and so sees P and every line before it in the matcher.
// 3. A flight notes newest() before it connects. Whatever line has a sequence up to that note was appended
//    before the fetch began, so the fetch's response cannot be older than that line. A line after the note
//    may have come too late for the upstream to have seen the change, and counts.
// 4. So R may be answered by a response of sequence S only if no line after S matches it. For a stored
// response
//    check() decides that by everything it bears. For a flight without a head may_join() decides it by what
//    is known; what is not known (tags) counts as a match.
// 5. A line may be forgotten only when nothing older than it can be asked about any more. The sweep promises
//    that, but an exchange may hold a response that the sweep has just removed: such a one has not been found
//    valid at the floor or later, and check() turns it away.
//
// validity()'s shortcut: checked_at only ever holds a sequence at which check() found the response valid or
// soft outdated, the latter told by a flag that is stored before it; a line that comes later has a greater
// sequence.
#include "larder/cache/purge_log.hpp"

#include <deque>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <utility>

#include "cache/purge_matcher.hpp"

namespace larder::cache {
namespace {

std::size_t bytes_of(const PurgeLine& line) {
  return std::accumulate(line.selectors.begin(), line.selectors.end(), sizeof(PurgeLine),
                         [](std::size_t sum, const Selector& selector) {
                           return sum + sizeof(Selector) + selector.value.size() + selector.host.size();
                         });
}

// Checks run side by side, and one that loaded its sequence earlier may end later: it must not take back what
// the other has found, since the floor may have passed its own sequence meanwhile.
void raise(std::atomic<std::uint64_t>& checked_at, std::uint64_t newest) {
  std::uint64_t known = checked_at.load(std::memory_order_relaxed);
  while (known < newest && !checked_at.compare_exchange_weak(known, newest, std::memory_order_release,
                                                             std::memory_order_relaxed)) {
  }
}

}  // namespace

struct PurgeLog::Lines {
  mutable std::shared_mutex mutex;
  PurgeMatcher matcher;
  std::uint64_t floor = 0;
  std::deque<PurgeLine> recent;
  std::size_t recent_bytes = 0;

  void remember(PurgeLine line) {
    recent_bytes += bytes_of(line);
    recent.push_back(std::move(line));
    while (recent.size() > 1 && (recent.size() > recent_max || recent_bytes > recent_bytes_max)) {
      recent_bytes -= bytes_of(recent.front());
      recent.pop_front();
    }
  }
};

PurgeLog::PurgeLog() : lines_(std::make_unique<Lines>()) {}
PurgeLog::~PurgeLog() = default;

std::uint64_t PurgeLog::append(std::vector<Selector> selectors, PurgeMode mode, base::WallTime at) {
  PurgeMatcher discarded;  // destroyed once the lock is let go
  const std::unique_lock lock(lines_->mutex);
  const std::uint64_t sequence = newest_.load(std::memory_order_relaxed) + 1;
  const Newest line = mode == PurgeMode::hard ? Newest{sequence, 0} : Newest{0, sequence};
  PurgeMatcher& matcher = lines_->matcher;
  for (const Selector& selector : selectors) matcher.add(selector, line);
  if (matcher.size() > selectors_max || matcher.text_bytes() > selector_bytes_max) {
    std::swap(matcher, discarded);
    matcher.add({SelectorKind::all, {}, {}}, {sequence, 0});
    overflows_.fetch_add(1, std::memory_order_relaxed);
  }
  lines_->remember({sequence, mode, std::move(selectors), at});
  newest_.store(sequence, std::memory_order_release);
  return sequence;
}

Validity PurgeLog::check(const StoredResponse& stored, std::uint64_t newest) const {
  const std::shared_lock lock(lines_->mutex);
  const std::uint64_t floor = lines_->floor;
  if (stored.sequence < floor && stored.checked_at.load(std::memory_order_relaxed) < floor) {
    return Validity::outdated;
  }
  Newest match = lines_->matcher.of_identity({stored.key, stored.captures});
  match.raise(lines_->matcher.of_tags(stored.tags));
  if (match.hard > stored.sequence) return Validity::outdated;
  if (match.soft > stored.sequence || stored.is_soft_outdated.load(std::memory_order_relaxed)) {
    // Remembered here, so that the log may forget the line.
    stored.is_soft_outdated.store(true, std::memory_order_relaxed);
    raise(stored.checked_at, newest);
    return stored.freshness.has_grace() ? Validity::soft_outdated : Validity::outdated;
  }
  raise(stored.checked_at, newest);
  return Validity::valid;
}

bool PurgeLog::may_join(const Identity& identity, std::uint64_t since) const {
  if (since >= newest()) return true;
  const std::shared_lock lock(lines_->mutex);
  if (since < lines_->floor) return false;  // what came after it may be forgotten
  const PurgeMatcher& matcher = lines_->matcher;
  return matcher.newest_tag_line() <= since && matcher.of_identity(identity).of_any_mode() <= since;
}

bool PurgeLog::is_outdated(const Identity& identity, std::uint64_t since) const {
  if (since >= newest()) return false;
  const std::shared_lock lock(lines_->mutex);
  const PurgeMatcher& matcher = lines_->matcher;
  return matcher.newest_tag_line() > since || matcher.of_identity(identity).of_any_mode() > since;
}

void PurgeLog::forget_through(std::uint64_t floor) {
  const std::unique_lock lock(lines_->mutex);
  if (floor <= lines_->floor) return;
  lines_->floor = std::min(floor, newest_.load(std::memory_order_relaxed));
  lines_->matcher.forget_through(lines_->floor);
}

std::uint64_t PurgeLog::floor() const {
  const std::shared_lock lock(lines_->mutex);
  return lines_->floor;
}

std::size_t PurgeLog::line_count() const {
  const std::shared_lock lock(lines_->mutex);
  return lines_->matcher.size();
}

std::vector<PurgeLine> PurgeLog::recent() const {
  const std::shared_lock lock(lines_->mutex);
  return {lines_->recent.begin(), lines_->recent.end()};
}

}  // namespace larder::cache
