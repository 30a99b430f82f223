// A job as its list keeps it. Guarded by the list's lock.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "larder/proxy/jobs.hpp"
#include "proxy/upstream_wait.hpp"

namespace larder::proxy {

class ErrandRun;

// When the next errand may begin: evenly, without catching up on what was missed.
class Pace {
 public:
  using Time = std::chrono::time_point<base::MonotonicClock, std::chrono::microseconds>;
  explicit Pace(std::uint32_t rate)
      : interval_(rate == 0 ? Time::duration::zero() : Time::duration(std::chrono::seconds(1)) / rate) {}
  Time next(Time now) {
    const Time begin = std::max(now, next_);
    next_ = begin + interval_;
    return begin;
  }

 private:
  Time::duration interval_;
  Time next_{};
};

struct Job {
  explicit Job(JobOrder order)
      : kind(order.kind),
        cause(std::move(order.cause)),
        sitemap(std::move(order.sitemap)),
        is_forced(order.is_forced),
        concurrency(order.concurrency),
        rate(order.rate),
        pace(order.rate),
        wait(order.waits_for_upstream ? std::optional(UpstreamWait()) : std::nullopt) {}

  std::string id;
  const JobKind kind;
  const std::string cause;
  const std::string sitemap;
  const bool is_forced;
  const std::uint32_t concurrency;
  const std::uint32_t rate;
  Pace pace;
  std::optional<UpstreamWait> wait;  // of the start's job
  std::uint64_t retried = 0;
  JobState state = JobState::waiting;
  JobCounts counts;
  base::WallTime created{};
  std::optional<base::WallTime> started;
  std::optional<base::WallTime> ended;
  std::vector<JobError> errors;
  std::deque<Errand> pending;
  std::size_t searches = 0;  // that have not been made; the reading of its sitemap is one
  bool is_reading = false;
  std::size_t active = 0;                      // drawn and not ended
  std::vector<std::weak_ptr<ErrandRun>> runs;  // of the active, those that have begun; never owned here

  bool is_over() const noexcept { return pending.empty() && active == 0 && searches == 0; }
  JobView view() const {
    return {id, kind, state, cause, counts, retried, rate, created, started, ended, errors};
  }
};

}  // namespace larder::proxy
