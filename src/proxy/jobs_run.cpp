// How jobs run: on each worker's thread coroutines that draw an errand, wait for its turn and make it.
#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "larder/obs/log.hpp"
#include "proxy/errand_run.hpp"
#include "proxy/jobs_state.hpp"

namespace larder::proxy {
namespace {

namespace asio = net::asio;

std::string_view name_of(JobKind kind) noexcept {
  return kind == JobKind::warm ? "warm" : "refresh";
}

std::string error_text(const ErrandOutcome& outcome) {
  if (outcome.status < 400) return std::string(obs::name_of(outcome.reason));
  return "answered " + std::to_string(outcome.status);
}

// A page of a sitemap that is not there is worth being told of; after a purge it is what was to be found out.
bool is_failed(const Job& job, const ErrandOutcome& outcome) {
  using Kind = ErrandOutcome::Kind;
  if (outcome.kind == Kind::failed) return true;
  return job.kind == JobKind::warm && outcome.status >= 400;
}

// No answer of the site's own, or one that says as much for it.
bool is_unanswered(const ErrandOutcome& outcome) {
  return outcome.kind == ErrandOutcome::Kind::failed && outcome.status >= 502 && outcome.status <= 504 &&
         outcome.reason != cache::Reason::forwarding_loop;
}

void count(JobCounts& counts, const ErrandOutcome& outcome, bool is_failed) {
  using Kind = ErrandOutcome::Kind;
  counts.bytes += outcome.bytes;
  if (is_failed) {
    ++counts.failed;
  } else if (outcome.kind == Kind::fetched) {
    ++counts.fetched;
  } else if (outcome.kind == Kind::fresh) {
    ++counts.fresh;
  } else if (outcome.kind == Kind::not_stored) {
    ++counts.not_stored;
  }
}

}  // namespace

void log_end(const JobView& view) {
  const std::string_view end = view.state == JobState::cancelled ? "cancelled"
                               : view.state == JobState::failed  ? "failed"
                                                                 : "finished";
  obs::log_info(fmt::format("{} job {} ({}) {}: {} fetched, {} fresh, {} not cacheable, {} failed of {}",
                            name_of(view.kind), view.id, view.cause, end, view.counts.fetched,
                            view.counts.fresh, view.counts.not_stored, view.counts.failed,
                            view.counts.total));
}

std::optional<Jobs::State::Draw> Jobs::State::draw(Lane& lane) {
  const std::scoped_lock lock(mutex);
  const JobPtr job = is_closed ? nullptr : next_of(lane);
  // A job with a smaller concurrency may have had its turn since.
  if (!job || lane.runners > concurrency_of(lane, *site.config())) {
    --lane.runners;
    return std::nullopt;
  }
  Draw draw{job, take_first(*job), job->pace.next(site.clock.mono()), {}};
  ++job->active;
  if (!job->started) {
    job->started = site.clock.wall();
    job->state = JobState::running;
  }
  return draw;
}

std::optional<UpstreamWait::Mark> Jobs::State::note_run(const JobPtr& job,
                                                        const std::shared_ptr<ErrandRun>& run) {
  const std::scoped_lock lock(mutex);
  std::erase_if(job->runs, [](const auto& other) { return other.expired(); });
  if (job->state != JobState::running) return std::nullopt;
  job->runs.push_back(run);
  return job->wait ? job->wait->mark() : UpstreamWait::Mark();
}

bool Jobs::State::is_cancelled(const Job& job) const {
  const std::scoped_lock lock(mutex);
  return job.state != JobState::running;
}

bool Jobs::State::is_pausing(const Job& job) const {
  const std::scoped_lock lock(mutex);
  return job.wait && job.state == JobState::running && site.clock.mono() < job.wait->begin();
}

net::Task<void> Jobs::State::run(Worker& worker, Lane& lane) {
  const net::Executor executor = worker.executor();
  for (;;) {
    std::optional<Draw> next = draw(lane);
    if (!next) co_return;
    co_await wait_for_turn(executor, *next);
    const ErrandOutcome outcome = co_await carry_out(worker, *next);
    end(*next, outcome);
    // What is fresh is done without waiting: a long list of it must not keep visitors waiting.
    co_await asio::post(executor, net::use_task);
  }
}

// Until the job's rate allows it and the upstream may be asked, and while visitors wait for connections: but
// a job gets on all the same.
net::Task<void> Jobs::State::wait_for_turn(const net::Executor& executor, const Draw& draw) {
  net::Timer timer(executor);
  const auto patience_end = draw.begin + patience_max;
  for (;;) {
    const base::MonoTime now = site.clock.mono();
    const bool is_early = now < draw.begin;
    const bool is_in_the_way = now < patience_end && site.pool->stats().queued > 0;
    if (!is_early && !is_in_the_way && !is_pausing(*draw.job)) co_return;
    if (is_cancelled(*draw.job)) co_return;
    timer.expires_after(look_period);
    net::ErrorCode error;
    co_await timer.async_wait(net::use_task(error));
  }
}

net::Task<ErrandOutcome> Jobs::State::carry_out(Worker& worker, Draw& draw) {
  const auto run = std::make_shared<ErrandRun>(worker, draw.errand);
  ErrandOutcome outcome;
  outcome.kind = ErrandOutcome::Kind::cancelled;
  const std::optional<UpstreamWait::Mark> mark = note_run(draw.job, run);
  if (!mark) co_return outcome;
  draw.mark = *mark;
  outcome = co_await run->run();
  co_return outcome;
}

void Jobs::State::end(const Draw& draw, const ErrandOutcome& outcome) {
  const JobPtr& job = draw.job;
  std::vector<JobView> over;
  {
    const std::scoped_lock lock(mutex);
    --job->active;
    if (try_again(draw, outcome)) return;
    const bool has_failed = is_failed(*job, outcome);
    count(job->counts, outcome, has_failed);
    count(stats.counts[index_of(job->kind)], outcome, has_failed);
    if (has_failed && job->errors.size() < errors_max)
      job->errors.push_back({draw.errand.url.substr(0, shown_size_max), error_text(outcome)});
    end_if_over(job, over);
  }
  for (const JobView& view : over) log_end(view);
}

bool Jobs::State::is_to_wait(Job& job, const UpstreamWait::Mark& mark, const ErrandOutcome& outcome) const {
  const bool was_asked = outcome.status != 0 && outcome.kind != ErrandOutcome::Kind::cancelled;
  if (!job.wait || !was_asked) return false;
  if (!is_unanswered(outcome)) {
    job.wait->answered();
    return false;
  }
  if (job.state != JobState::running || !job.wait->failed(mark, site.clock.mono())) return false;
  ++job.retried;
  return true;
}

// A page that a purge overtook while it was fetched is out of date already; one that a starting upstream
// could not give keeps its place. With the lock held.
bool Jobs::State::try_again(const Draw& draw, const ErrandOutcome& outcome) {
  if (is_to_wait(*draw.job, draw.mark, outcome)) {
    draw.job->pending.push_front(draw.errand);
    ++pending;
    pending_bytes += cost_of(draw.errand);
    return true;
  }
  const bool was_overtaken =
      outcome.kind == ErrandOutcome::Kind::not_stored && outcome.reason == cache::Reason::outdated_in_flight;
  if (!was_overtaken || draw.job->state != JobState::running || draw.errand.tries + 1 >= tries_max)
    return false;
  draw.job->pending.push_back(draw.errand);
  ++draw.job->pending.back().tries;
  ++pending;
  pending_bytes += cost_of(draw.errand);
  return true;
}

}  // namespace larder::proxy
