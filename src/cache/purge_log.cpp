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

#include <algorithm>
#include <deque>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <utility>

#include "cache/purge_matcher.hpp"
#include "cache/writer_first_mutex.hpp"

namespace larder::cache {
namespace {

std::size_t bytes_of(const PurgeLine& line) {
  const std::size_t own = sizeof(PurgeLine) + line.origin.detail.size() + line.origin.peer.size();
  return std::accumulate(line.selectors.begin(), line.selectors.end(), own,
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

// Lines of a span of time, so that a flood of them is forgotten by letting go of its segments, and not name
// by name under the lock: a hundred thousand would hold up checks and purges for milliseconds.
struct Segment {
  PurgeMatcher matcher;
  std::uint64_t newest = 0;
};
// A sweep begins a segment when the current one holds so many selectors; up to four times as many are
// forgotten one by one, which takes a fraction of a millisecond.
constexpr std::size_t segment_size_min = 1024;
constexpr std::size_t forgotten_singly_max = 4 * segment_size_min;
// Each costs a check its look-ups; more than one only while a flood lasts, or a flight holds the floor back.
constexpr std::size_t segments_max = 8;
// Of the log's room, after which a sweep is due before its time: the rest is for what comes while it runs.
constexpr std::size_t filling_share = 4;

struct RecentLine {
  explicit RecentLine(PurgeLine its_line) : line(std::move(its_line)), bytes(bytes_of(line)) {}
  PurgeLine line;
  std::size_t bytes;
  mutable std::atomic<std::uint64_t> outdated{0};
  mutable std::atomic<std::uint64_t> overtaken{0};
};

}  // namespace

struct PurgeLog::State {
  mutable WriterFirstMutex mutex;
  std::deque<Segment> segments{1};  // the newest last; never empty
  std::uint64_t floor = 0;
  std::deque<RecentLine> recent;
  std::size_t recent_bytes = 0;

  void remember(PurgeLine line) {
    recent.emplace_back(std::move(line));
    recent_bytes += recent.back().bytes;
    while (recent.size() > 1 && (recent.size() > recent_max || recent_bytes > recent_bytes_max)) {
      recent_bytes -= recent.front().bytes;
      recent.pop_front();
    }
  }
  const RecentLine* find(std::uint64_t sequence) const {
    if (recent.empty() || sequence < recent.front().line.sequence) return nullptr;
    const std::size_t place = sequence - recent.front().line.sequence;
    return place < recent.size() ? &recent[place] : nullptr;
  }
  std::size_t size() const {
    return std::accumulate(
        segments.begin(), segments.end(), std::size_t{0},
        [](std::size_t sum, const Segment& segment) { return sum + segment.matcher.size(); });
  }
  std::size_t text_bytes() const {
    return std::accumulate(
        segments.begin(), segments.end(), std::size_t{0},
        [](std::size_t sum, const Segment& segment) { return sum + segment.matcher.text_bytes(); });
  }
  Newest of_identity(const Identity& identity) const {
    Newest newest;
    for (const Segment& segment : segments) newest.raise(segment.matcher.of_identity(identity));
    return newest;
  }
  Newest of_stored(const StoredResponse& stored) const {
    Newest newest;
    for (const Segment& segment : segments) newest.raise(segment.matcher.of_stored(stored));
    return newest;
  }
  std::uint64_t newest_tag_line() const {
    std::uint64_t newest = 0;
    for (const Segment& segment : segments) newest = std::max(newest, segment.matcher.newest_tag_line());
    return newest;
  }
};

PurgeLog::PurgeLog() : state_(std::make_unique<State>()) {}
PurgeLog::~PurgeLog() = default;

std::uint64_t PurgeLog::append(std::vector<Selector> selectors, PurgeMode mode, base::WallTime at,
                               PurgeOrigin origin) {
  for (std::string* const text : {&origin.detail, &origin.peer}) {
    if (text->size() > PurgeOrigin::text_size_max) text->resize(PurgeOrigin::text_size_max);
  }
  std::deque<Segment> discarded;  // destroyed once the lock is let go
  const std::unique_lock lock(state_->mutex);
  const std::uint64_t sequence = newest_.load(std::memory_order_relaxed) + 1;
  const Newest line = mode == PurgeMode::hard ? Newest{sequence, 0} : Newest{0, sequence};
  Segment& segment = state_->segments.back();
  for (const Selector& selector : selectors) segment.matcher.add(selector, line);
  segment.newest = sequence;
  if (state_->size() > selectors_max || state_->text_bytes() > selector_bytes_max) {
    std::swap(state_->segments, discarded);
    state_->segments.emplace_back().matcher.add({SelectorKind::all, {}, {}}, {sequence, 0});
    state_->segments.back().newest = sequence;
    overflows_.fetch_add(1, std::memory_order_relaxed);
  }
  const PurgeMatcher& current = state_->segments.back().matcher;
  if (current.size() > selectors_max / filling_share ||
      current.text_bytes() > selector_bytes_max / filling_share)
    is_filling_.store(true, std::memory_order_relaxed);
  state_->remember({sequence, mode, std::move(selectors), at, std::move(origin)});
  newest_.store(sequence, std::memory_order_release);
  return sequence;
}

std::uint64_t PurgeLog::begin_epoch(base::WallTime at) {
  const std::unique_lock lock(state_->mutex);
  const std::uint64_t sequence = newest_.load(std::memory_order_relaxed) + 1;
  state_->segments.back().newest = sequence;
  state_->remember({sequence, PurgeMode::hard, {}, at, {PurgeCause::epoch, {}, {}}});
  epoch_floor_.store(sequence, std::memory_order_relaxed);
  newest_.store(sequence, std::memory_order_release);
  return sequence;
}

Validity PurgeLog::check(const StoredResponse& stored, std::uint64_t newest, Counted as) const {
  const std::shared_lock lock(state_->mutex);
  const std::uint64_t floor = state_->floor;
  if (stored.sequence < floor && stored.checked_at.load(std::memory_order_relaxed) < floor) {
    return Validity::outdated;
  }
  const Newest match = state_->of_stored(stored);
  if (match.hard > stored.sequence) {
    const std::uint64_t first = count(stored, PurgeMode::hard, as);
    if (match.soft > stored.sequence) count(stored, PurgeMode::soft, as, first);  // stale before it went
    return Validity::outdated;
  }
  if (stored.sequence < epoch_floor()) {
    raise(stored.checked_at, newest);
    return Validity::unverified;
  }
  if (match.soft > stored.sequence || stored.is_soft_outdated.load(std::memory_order_relaxed)) {
    if (match.soft > stored.sequence) count(stored, PurgeMode::soft, as);
    // Remembered here, so that the log may forget the line.
    stored.is_soft_outdated.store(true, std::memory_order_relaxed);
    raise(stored.checked_at, newest);
    return stored.freshness.has_grace() ? Validity::soft_outdated : Validity::outdated;
  }
  raise(stored.checked_at, newest);
  return Validity::valid;
}

// Once for each response and mode, whoever finds it first: a page in use is fetched again, and replaced,
// before any sweep sees it. Returns the line that it counts for; 0 where that is not before `before`, or it
// was counted already. With the shared lock held.
std::uint64_t PurgeLog::count(const StoredResponse& stored, PurgeMode mode, Counted as,
                              std::uint64_t before) const {
  const auto bit = static_cast<std::uint8_t>(mode == PurgeMode::hard ? 1 : 2);
  if (stored.is_counted.load(std::memory_order_relaxed) & bit) return 0;
  std::uint64_t first = 0;
  for (const Segment& segment : state_->segments) {
    first = segment.matcher.first_after(stored.sequence, mode, stored);
    if (first != 0) break;
  }
  if (first >= before) return 0;
  if (stored.is_counted.fetch_or(bit, std::memory_order_relaxed) & bit) return 0;
  const bool is_overtaken = as == Counted::overtaken;
  if (!is_overtaken) outdated_[static_cast<std::size_t>(mode)].fetch_add(1, std::memory_order_relaxed);
  const RecentLine* const line = state_->find(first);
  if (line) (is_overtaken ? line->overtaken : line->outdated).fetch_add(1, std::memory_order_relaxed);
  return first;
}

bool PurgeLog::overtakes(const StoredResponse& fetched) const {
  const std::uint64_t newest = this->newest();
  const bool is_checked = fetched.checked_at.load(std::memory_order_acquire) >= newest;
  const bool is_of_this_epoch = fetched.sequence >= epoch_floor();
  if (is_checked && is_of_this_epoch && !fetched.is_soft_outdated.load(std::memory_order_relaxed))
    return false;
  const Validity validity = check(fetched, newest, Counted::overtaken);
  return validity == Validity::outdated || validity == Validity::unverified;
}

bool PurgeLog::may_join(const Identity& identity, std::uint64_t since) const {
  if (since >= newest()) return true;
  const std::shared_lock lock(state_->mutex);
  if (since < state_->floor) return false;  // what came after it may be forgotten
  if (since < epoch_floor()) return false;  // or missed
  return state_->newest_tag_line() <= since && state_->of_identity(identity).of_any_mode() <= since;
}

bool PurgeLog::is_outdated(const Identity& identity, std::uint64_t since) const {
  if (since >= newest()) return false;
  const std::shared_lock lock(state_->mutex);
  if (since < epoch_floor()) return true;
  return state_->newest_tag_line() > since || state_->of_identity(identity).of_any_mode() > since;
}

std::uint64_t PurgeLog::begin_sweep() {
  const std::unique_lock lock(state_->mutex);
  const bool is_large = state_->segments.back().matcher.size() >= segment_size_min;
  if (is_large && state_->segments.size() < segments_max) state_->segments.emplace_back();
  is_filling_.store(false, std::memory_order_relaxed);
  return newest_.load(std::memory_order_relaxed);
}

void PurgeLog::end_sweep(std::uint64_t newest) {
  swept_through_.store(newest, std::memory_order_relaxed);
}

void PurgeLog::forget_through(std::uint64_t floor) {
  std::deque<Segment> forgotten;  // destroyed once the lock is let go
  const std::unique_lock lock(state_->mutex);
  if (floor <= state_->floor) return;
  state_->floor = std::min(floor, newest_.load(std::memory_order_relaxed));
  std::deque<Segment>& segments = state_->segments;
  while (!segments.empty() && segments.front().newest <= state_->floor) {
    forgotten.push_back(std::move(segments.front()));
    segments.pop_front();
  }
  if (segments.empty()) segments.emplace_back();
  PurgeMatcher& oldest = segments.front().matcher;
  if (oldest.size() <= forgotten_singly_max) oldest.forget_through(state_->floor);
}

void PurgeLog::forget_beyond(std::uint64_t floor, std::size_t selectors_kept) {
  std::deque<Segment> forgotten;
  const std::unique_lock lock(state_->mutex);
  std::deque<Segment>& segments = state_->segments;
  std::size_t held = state_->size();
  const auto has_room = [&] {
    return held <= selectors_kept && state_->text_bytes() <= selector_bytes_max / 2;
  };
  while (segments.size() > 1 && segments.front().newest <= floor && !has_room()) {
    held -= segments.front().matcher.size();
    state_->floor = std::max(state_->floor, segments.front().newest);
    forgotten.push_back(std::move(segments.front()));
    segments.pop_front();
  }
}

std::uint64_t PurgeLog::floor() const {
  const std::shared_lock lock(state_->mutex);
  return state_->floor;
}

std::size_t PurgeLog::line_count() const {
  const std::shared_lock lock(state_->mutex);
  return state_->size();
}

std::vector<PurgeLine> PurgeLog::recent(std::size_t most) const {
  const std::uint64_t swept = swept_through();
  const std::shared_lock lock(state_->mutex);
  std::vector<PurgeLine> lines;
  const std::size_t count = std::min(most, state_->recent.size());
  lines.reserve(count);
  for (auto at = state_->recent.end() - static_cast<std::ptrdiff_t>(count); at != state_->recent.end();
       ++at) {
    PurgeLine& line = lines.emplace_back(at->line);
    line.outdated = at->outdated.load(std::memory_order_relaxed);
    line.overtaken = at->overtaken.load(std::memory_order_relaxed);
    line.is_counted = line.sequence <= swept;
  }
  return lines;
}

}  // namespace larder::cache
