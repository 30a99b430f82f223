#include "larder/proxy/jobs.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <unordered_set>

#include "proxy/errand_run.hpp"
#include "proxy/jobs_state.hpp"

namespace larder::proxy {
namespace {

// What makes two errands the same: the page and its variant.
std::string identity_of(const Errand& errand) {
  std::string text = errand.url;
  for (const auto& [name, value] : errand.fields) text.append("\n").append(name).append(":").append(value);
  return text;
}

}  // namespace

// Never so many that visitors are left without connections.
std::uint32_t Jobs::State::concurrency_of(const Lane& lane, const config::Config& config) const {
  std::uint32_t concurrency = config.refresh.concurrency;
  const bool is_warm = &lane == &lanes[index_of(JobKind::warm)];
  if (is_warm && !lane.jobs.empty() && lane.jobs.front()->concurrency > 0)
    concurrency = lane.jobs.front()->concurrency;
  const std::uint32_t half = site.pool->upstream().connections.max / 2;
  return std::min(concurrency, std::max(half, 1u));
}

JobPtr Jobs::State::next_of(Lane& lane) {
  if (lane.jobs.empty()) return nullptr;
  const bool is_warm = &lane == &lanes[index_of(JobKind::warm)];
  if (is_warm) return lane.jobs.front()->pending.empty() ? nullptr : lane.jobs.front();
  for (std::size_t i = 0; i < lane.jobs.size(); ++i) {
    const JobPtr& job = lane.jobs[lane.turn++ % lane.jobs.size()];
    if (!job->pending.empty()) return job;
  }
  return nullptr;
}

void Jobs::State::end_if_over(const JobPtr& job, std::vector<JobView>& over) {
  if (!job->is_over() || job->ended) return;
  if (job->state == JobState::running || job->state == JobState::waiting) job->state = JobState::finished;
  job->ended = site.clock.wall();
  Lane& lane = lane_of(*job);
  std::erase(lane.jobs, job);
  ended.push_back(job);
  if (ended.size() > ended_max) ended.pop_front();
  ++stats.ended[index_of(job->kind)];
  over.push_back(job->view());
  begin_runners(lane);
}

void Jobs::State::begin_runners(Lane& lane) {
  if (workers.empty() || is_closed || lane.jobs.empty()) return;
  begin_reading(lane.jobs.front());
  std::size_t wanted = 0;
  for (const JobPtr& job : lane.jobs) wanted += job->pending.size();
  const std::uint32_t concurrency = concurrency_of(lane, *site.config());
  for (; lane.runners < concurrency && wanted > 0; --wanted) {
    ++lane.runners;
    Worker& worker = *workers[next_worker++ % workers.size()];
    net::asio::post(worker.executor(),
                    [this, &worker, &lane] { net::spawn(worker.executor(), run(worker, lane)); });
  }
}

// One sitemap at a time, that of the job whose turn it is: its pages are many.
void Jobs::State::begin_reading(const JobPtr& job) {
  if (job->sitemap.empty() || job->is_reading) return;
  job->is_reading = true;
  job->state = JobState::running;
  job->started = site.clock.wall();
  Worker& worker = *workers[next_worker++ % workers.size()];
  net::asio::post(worker.executor(),
                  [this, &worker, job] { net::spawn(worker.executor(), read_sitemaps(worker, job)); });
}

void Jobs::State::leave_out_pending(std::vector<Errand>& errands) const {
  if (errands.empty()) return;
  std::unordered_set<std::string> known;
  for (const JobPtr& job : lanes[index_of(JobKind::refresh)].jobs) {
    for (const Errand& errand : job->pending) known.insert(identity_of(errand));
  }
  std::erase_if(errands,
                [&known](const Errand& errand) { return !known.insert(identity_of(errand)).second; });
}

// A page that is tried again is taken back even where there is no room.
std::size_t Jobs::State::fitting(const std::vector<Errand>& errands) const {
  const std::size_t most = std::min(errands_max - std::min(pending, errands_max), errands.size());
  std::size_t bytes = pending_bytes;
  for (std::size_t i = 0; i < most; ++i) {
    bytes += cost_of(errands[i]);
    if (bytes > errand_bytes_max) return i;
  }
  return most;
}

// The coldest of a purge are left to visitors; who has named pages is told that they were too many.
void Jobs::State::keep_fitting(const JobPtr& job, std::vector<Errand>& errands) {
  const std::size_t fits = fitting(errands);
  const std::size_t left_out = errands.size() - fits;
  if (left_out == 0) return;
  if (job->kind == JobKind::warm) {
    for (JobCounts* const counts : {&job->counts, &stats.counts[index_of(job->kind)]}) {
      counts->total += left_out;
      counts->failed += left_out;
    }
    if (job->errors.size() < errors_max) {
      job->errors.push_back(
          {errands[fits].url.substr(0, shown_size_max),
           "no room for this and " + std::to_string(left_out - 1) + " more: too many pages wait already"});
    }
  }
  errands.resize(fits);
}

Errand Jobs::State::take_first(Job& job) {
  Errand errand = std::move(job.pending.front());
  job.pending.pop_front();
  --pending;
  pending_bytes -= cost_of(errand);
  return errand;
}

JobPtr Jobs::State::newest_at_work(const Lane& lane) {
  const auto found = std::find_if(lane.jobs.rbegin(), lane.jobs.rend(), [](const JobPtr& job) {
    return job->state == JobState::waiting || job->state == JobState::running;
  });
  return found == lane.jobs.rend() ? nullptr : *found;
}

void Jobs::State::add(const JobPtr& job, std::vector<Errand> errands) {
  job->counts.total += errands.size();
  stats.counts[index_of(job->kind)].total += errands.size();
  pending += errands.size();
  for (Errand& errand : errands) {
    pending_bytes += cost_of(errand);
    job->pending.push_back(std::move(errand));
  }
}

void Jobs::State::empty(Job& job, std::vector<std::shared_ptr<ErrandRun>>& runs) {
  job.state = JobState::cancelled;
  if (!job.sitemap.empty() && !job.is_reading) --job.searches;  // it never will be
  pending -= job.pending.size();
  for (const Errand& errand : job.pending) pending_bytes -= cost_of(errand);
  job.pending.clear();
  for (const auto& weak : job.runs) {
    if (auto run = weak.lock()) runs.push_back(std::move(run));
  }
}

void Jobs::State::take_on(const Search& search, const std::vector<HotPage>& pages) {
  const JobPtr& job = search.job;
  std::vector<Errand> errands;
  std::size_t bytes = 0;
  for (const HotPage& page : pages) {
    auto errand = errand_again(*page.response);
    if (!errand) continue;
    errand->is_forced = job->is_forced;
    errand->uses = page.uses;
    bytes += cost_of(*errand);
    errands.push_back(std::move(*errand));
    if (bytes > errand_bytes_max) break;  // the last of them does not fit: keep_fitting() sees that
  }
  end_search(job, std::move(errands));
}

void Jobs::State::end_search(const JobPtr& job, std::vector<Errand> errands) {
  std::vector<JobView> over;
  {
    const std::scoped_lock lock(mutex);
    --job->searches;
    if (job->state == JobState::cancelled || job->state == JobState::failed) errands.clear();
    if (job->kind == JobKind::refresh) leave_out_pending(errands);
    keep_fitting(job, errands);
    add(job, std::move(errands));
    end_if_over(job, over);
    begin_runners(lane_of(*job));
  }
  for (const JobView& view : over) log_end(view);
}

Jobs::Jobs(Site& site) : state_(std::make_unique<State>(site)) {}
Jobs::~Jobs() = default;

void Jobs::use_workers(std::vector<Worker*> workers) {
  const std::scoped_lock lock(state_->mutex);
  state_->workers = std::move(workers);
  for (State::Lane& lane : state_->lanes) state_->begin_runners(lane);
}

std::optional<std::string> Jobs::start(JobOrder order) {
  std::vector<Errand> errands = std::exchange(order.errands, {});
  std::vector<JobView> over;
  const std::scoped_lock lock(state_->mutex);
  State& state = *state_;
  if (state.is_closed) return std::nullopt;
  const bool is_warm = order.kind == JobKind::warm;
  if (!is_warm) state.leave_out_pending(errands);
  if (state.fitting(errands) < errands.size()) return std::nullopt;
  State::Lane& lane = state.lanes[index_of(order.kind)];
  if (is_warm && lane.jobs.size() >= warm_max) return std::nullopt;
  if (order.search && state.searches.size() >= searches_max) return std::nullopt;
  std::optional<JobSearch> search = std::exchange(order.search, std::nullopt);
  JobPtr job;
  if (!is_warm && lane.jobs.size() >= refresh_max) {
    job = state.newest_at_work(lane);
    if (!job) return std::nullopt;
  } else {
    job = std::make_shared<Job>(std::move(order));
    job->id = std::to_string(++state.last_id);
    job->created = state.site.clock.wall();
    lane.jobs.push_back(job);
  }
  state.add(job, std::move(errands));
  if (!job->sitemap.empty()) ++job->searches;
  if (search) {
    ++job->searches;
    ++state.announced;
    state.searches.push_back({job, std::move(*search)});
  }
  state.end_if_over(job, over);
  state.begin_runners(lane);
  return job->id;
}

std::shared_ptr<const void> Jobs::hold_sweep() {
  const std::scoped_lock lock(state_->mutex);
  ++state_->holds;
  ++state_->announced;
  return {static_cast<const void*>(this), [this](const void*) {
            const std::scoped_lock let_go(state_->mutex);
            --state_->holds;
            --state_->announced;
          }};
}

// A purge whose line the caller has seen was announced before: its order is here by now, or its hold is.
bool Jobs::search(const std::function<bool()>& may_go_on) {
  std::vector<State::Search> searches;
  bool is_clear = false;
  {
    const std::scoped_lock lock(state_->mutex);
    searches.swap(state_->searches);
    is_clear = state_->holds == 0;
  }
  if (searches.empty()) return is_clear;
  std::vector<Hottest> seekers;
  for (const State::Search& search : searches) {
    if (search.what.purged.empty()) {
      seekers.emplace_back(search.what.pages_max);
    } else {
      seekers.emplace_back(search.what.pages_max, cache::SelectorSet(search.what.purged),
                           search.what.sequence);
    }
  }
  const bool is_whole = look_through(state_->site.store, state_->site.purge_log, seekers, may_go_on);
  for (std::size_t i = 0; i < searches.size(); ++i) state_->take_on(searches[i], seekers[i].take());
  state_->announced -= searches.size();
  return is_clear && is_whole;
}

bool Jobs::is_search_announced() const noexcept {
  return state_->announced.load() > 0;
}

bool Jobs::cancel(const std::string& id) {
  std::vector<std::shared_ptr<ErrandRun>> runs;
  std::vector<JobView> over;
  bool is_found = false;
  {
    const std::scoped_lock lock(state_->mutex);
    for (State::Lane& lane : state_->lanes) {
      const auto found = std::find_if(lane.jobs.begin(), lane.jobs.end(),
                                      [&id](const JobPtr& job) { return job->id == id; });
      if (found == lane.jobs.end()) continue;
      const JobPtr job = *found;
      state_->empty(*job, runs);
      state_->end_if_over(job, over);
      is_found = true;
      break;
    }
  }
  for (const auto& run : runs) run->cancel();
  return is_found;
}

void Jobs::cancel_all() {
  std::vector<std::shared_ptr<ErrandRun>> runs;
  std::vector<JobView> over;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->is_closed = true;
    for (State::Lane& lane : state_->lanes) {
      const std::vector<JobPtr> jobs = lane.jobs;
      for (const JobPtr& job : jobs) {
        state_->empty(*job, runs);
        state_->end_if_over(job, over);
      }
    }
  }
  for (const auto& run : runs) run->cancel();
}

std::vector<JobView> Jobs::list() const {
  std::vector<JobView> views;
  const std::scoped_lock lock(state_->mutex);
  for (const State::Lane& lane : state_->lanes) {
    for (const JobPtr& job : lane.jobs) views.push_back(job->view());
  }
  for (const JobPtr& job : state_->ended) views.push_back(job->view());
  std::sort(views.begin(), views.end(), [](const JobView& a, const JobView& b) {
    return a.id.size() != b.id.size() ? a.id.size() > b.id.size() : a.id > b.id;
  });
  return views;
}

std::optional<JobView> Jobs::find(const std::string& id) const {
  std::vector<JobView> views = list();
  const auto found =
      std::find_if(views.begin(), views.end(), [&id](const JobView& view) { return view.id == id; });
  if (found == views.end()) return std::nullopt;
  return std::move(*found);
}

JobStats Jobs::stats() const {
  const std::scoped_lock lock(state_->mutex);
  JobStats stats = state_->stats;
  for (const State::Lane& lane : state_->lanes) {
    for (const JobPtr& job : lane.jobs) ++(job->state == JobState::waiting ? stats.waiting : stats.running);
  }
  return stats;
}

}  // namespace larder::proxy
