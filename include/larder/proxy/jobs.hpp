// What the sidecar does by itself in the background: lists of pages to fetch, by errands on the workers'
// threads.
//
//   waiting -> running -> finished, once every page has been tried
//      |          |----> failed: what should have named the pages could not be read
//      `----------`----> cancelled: DELETE /api/jobs/ID, or a drain; fetches that only it waits for end
//
// There are two lanes, so that neither kind keeps the other waiting. Warm jobs run one after another, each
// with its own concurrency and rate. Refresh jobs run side by side and share theirs, a page of each in turn,
// so that one editor's page does not wait for another's thousand. A job's own order is kept. A page is begun
// only while no visitor waits for a connection, though never held up for longer than `patience_max`.
//
// Any thread. No lock is held while anything is waited for.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/selector.hpp"
#include "larder/proxy/errand.hpp"

namespace larder::proxy {

class Site;
class Worker;

enum class JobKind : std::uint8_t { warm, refresh };
enum class JobState : std::uint8_t { waiting, running, finished, failed, cancelled };

// Pages to be found in the store, the hottest first: those that a purge took, or any.
struct JobSearch {
  std::uint32_t pages_max = 0;
  std::vector<cache::Selector> purged;  // canonical; empty: any
  std::uint64_t sequence = 0;           // of that purge
};

struct JobOrder {
  JobKind kind = JobKind::warm;
  std::string cause;                // "the API", "purge 17"
  std::vector<Errand> errands;      // in the order in which they are made
  std::string sitemap;              // names more of them, by its priorities, when the job's turn has come
  std::optional<JobSearch> search;  // finds more of them
  bool is_forced = false;           // of what is found
  std::uint32_t concurrency = 0;    // of a warm job; 0: as `purge.refresh.concurrency`
  std::uint32_t rate = 0;           // begun a second at most; 0: no bound
  bool waits_for_upstream = false;  // which may still be starting: tries again until it answers, for a while
};

struct JobCounts {
  std::uint64_t total = 0;
  std::uint64_t fetched = 0;
  std::uint64_t fresh = 0;       // stored already: nothing was asked
  std::uint64_t not_stored = 0;  // not cacheable
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;  // of bodies fetched
  std::uint64_t done() const noexcept { return fetched + fresh + not_stored + failed; }
};

struct JobError {
  std::string url;  // cut off at `shown_size_max`
  std::string text;
};

// A job as it was when it was asked for.
struct JobView {
  std::string id;
  JobKind kind = JobKind::warm;
  JobState state = JobState::waiting;
  std::string cause;
  JobCounts counts;
  std::uint64_t retried = 0;  // requests sent again, since the upstream did not answer yet
  std::uint32_t rate = 0;
  base::WallTime created{};
  std::optional<base::WallTime> started;
  std::optional<base::WallTime> ended;
  std::vector<JobError> errors;  // the first `errors_max`
};

struct JobStats {
  std::uint64_t waiting = 0;
  std::uint64_t running = 0;
  std::uint64_t ended[2] = {};  // by JobKind, like the next
  JobCounts counts[2];          // of all jobs ever, `total` and those under way included
};

class Jobs {
 public:
  // Those that have ended are told of until so many more have.
  static constexpr std::size_t ended_max = 50;
  // Warm jobs that wait or run: somebody asks again and again without looking.
  static constexpr std::size_t warm_max = 16;
  // Refresh jobs side by side; past it the pages of another join the newest.
  static constexpr std::size_t refresh_max = 32;
  // Pages of all jobs that have not been begun, and the memory they take: their URLs and fields may be long.
  // A sitemap has 50,000 at most.
  static constexpr std::size_t errands_max = 100'000;
  static constexpr std::size_t errand_bytes_max = std::size_t{64} * 1024 * 1024;
  // Orders that wait for their pages to be found: a busy second's worth of purges.
  static constexpr std::size_t searches_max = 256;
  // Fetches of a page that a purge overtakes, each time: then it is left to visitors.
  static constexpr unsigned tries_max = 5;
  static constexpr std::size_t errors_max = 10;
  static constexpr std::size_t shown_size_max = 500;
  static constexpr base::Duration patience_max = std::chrono::seconds(5);

  explicit Jobs(Site& site);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Whose threads make the errands. Before they run; until then jobs wait.
  void use_workers(std::vector<Worker*> workers);

  // The job's id: of a new one, or of the refresh job that has taken the errands on. Nothing where there are
  // too many already, or during a drain. A refresh leaves out what another is about to fetch.
  std::optional<std::string> start(JobOrder order);
  // Held from before a purge until its pages have been ordered by start(): the sweep must not take them
  // first.
  std::shared_ptr<const void> hold_sweep();
  // Finds what orders wait for. By who sweeps, once he has read the purge log's newest sequence and before he
  // takes anything out; false: he must not, yet, since a purge has been announced. `may_go_on` is asked
  // often: it may take a rest, and false ends the search with what has been found, and the sweep too.
  bool search(const std::function<bool()>& may_go_on);
  // True while a purge has been announced whose pages have not been found: the sweep must spare what that
  // purge may have outdated. One load.
  bool is_search_announced() const noexcept;
  bool cancel(const std::string& id);  // false: there is none, or it has ended
  void cancel_all();                   // for good: a drain has begun

  std::vector<JobView> list() const;  // newest first
  std::optional<JobView> find(const std::string& id) const;
  JobStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::proxy
