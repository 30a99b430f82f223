// The inside of Jobs: the list in jobs.cpp, the running in jobs_run.cpp.
#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "larder/net/types.hpp"
#include "larder/proxy/hottest.hpp"
#include "larder/proxy/jobs.hpp"
#include "larder/proxy/worker.hpp"
#include "proxy/job.hpp"

namespace larder::proxy {

using JobPtr = std::shared_ptr<Job>;

inline std::size_t index_of(JobKind kind) noexcept {
  return static_cast<std::size_t>(kind);
}

struct Sitemap;

// How often somebody who waits for his turn looks whether it has come.
inline constexpr base::Duration look_period = std::chrono::milliseconds(20);

struct Jobs::State {
  explicit State(Site& its_site) : site(its_site) {}

  struct Lane {
    std::vector<JobPtr> jobs;  // waiting or running, oldest first
    std::size_t turn = 0;      // of the refresh jobs
    std::uint32_t runners = 0;
  };
  struct Search {
    JobPtr job;
    JobSearch what;
  };
  struct Draw {
    JobPtr job;
    Errand errand;
    Pace::Time begin;
    UpstreamWait::Mark mark;  // as it is made
  };

  // With the lock held.
  Lane& lane_of(const Job& job) { return lanes[index_of(job.kind)]; }
  std::uint32_t concurrency_of(const Lane& lane, const config::Config& config) const;
  JobPtr next_of(Lane& lane);
  void leave_out_pending(std::vector<Errand>& errands) const;
  std::size_t fitting(const std::vector<Errand>& errands) const;  // how many from the front find room
  void add(const JobPtr& job, std::vector<Errand> errands);
  void keep_fitting(const JobPtr& job, std::vector<Errand>& errands);
  Errand take_first(Job& job);
  void begin_runners(Lane& lane);
  void begin_reading(const JobPtr& job);
  void end_if_over(const JobPtr& job, std::vector<JobView>& ended);
  void empty(Job& job, std::vector<std::shared_ptr<ErrandRun>>& runs);
  // What came of a request that was sent at `mark`. True: the upstream may still be starting, and the request
  // is to be sent again once the job's pause is over.
  bool is_to_wait(Job& job, const UpstreamWait::Mark& mark, const ErrandOutcome& outcome) const;

  // Without.
  net::Task<ErrandOutcome> fetch_document(Worker& worker, const JobPtr& job, const std::string& url);
  net::Task<std::string> read_sitemap(Worker& worker, const JobPtr& job, const std::string& url,
                                      Sitemap& sitemap);
  net::Task<void> read_sitemaps(Worker& worker, JobPtr job);
  // Nothing where all have been cancelled.
  static JobPtr newest_at_work(const Lane& lane);
  void note_problem(const JobPtr& job, const std::string& url, const std::string& why, bool is_fatal);
  void end_search(const JobPtr& job, std::vector<Errand> errands);
  void take_on(const Search& search, const std::vector<HotPage>& pages);
  std::optional<Draw> draw(Lane& lane);
  // How it stands with the upstream as the request is sent; nothing where the job has been cancelled.
  std::optional<UpstreamWait::Mark> note_run(const JobPtr& job, const std::shared_ptr<ErrandRun>& run);
  bool is_cancelled(const Job& job) const;
  bool is_pausing(const Job& job) const;  // until the upstream is asked again
  void end(const Draw& draw, const ErrandOutcome& outcome);
  bool try_again(const Draw& draw, const ErrandOutcome& outcome);
  net::Task<void> run(Worker& worker, Lane& lane);
  net::Task<void> wait_for_turn(const net::Executor& executor, const Draw& draw);
  net::Task<ErrandOutcome> carry_out(Worker& worker, Draw& draw);

  Site& site;
  mutable std::mutex mutex;  // guards the rest
  std::vector<Worker*> workers;
  std::size_t next_worker = 0;
  std::uint64_t last_id = 0;
  bool is_closed = false;
  std::array<Lane, 2> lanes;      // by JobKind
  std::deque<JobPtr> ended;       // newest last
  std::size_t pending = 0;        // errands that have not been begun
  std::size_t pending_bytes = 0;  // their cost
  std::vector<Search> searches;
  std::size_t holds = 0;
  JobStats stats;
  std::atomic<std::size_t> announced{0};  // holds and searches, those under way included; without the lock
};

void log_end(const JobView& view);

}  // namespace larder::proxy
