// How a warm job learns its pages from a sitemap: by errands that read, on a worker's thread.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "larder/http/target.hpp"
#include "larder/obs/observer.hpp"
#include "proxy/errand_run.hpp"
#include "proxy/jobs_state.hpp"
#include "proxy/sitemap.hpp"

namespace larder::proxy {
namespace {

// Sitemaps of an index. Each is read into memory, one at a time.
constexpr std::size_t sitemaps_max = 1000;
constexpr std::uint64_t document_size_max = std::uint64_t{16} * 1024 * 1024;  // as it is sent
// Read at a time: visitors on this thread wait no longer than that takes.
constexpr std::size_t piece_size = std::size_t{16} * 1024;

// What the sitemaps of one job name, within its bounds.
struct Pages {
  static constexpr std::size_t urls_size_max = std::size_t{16} * 1024 * 1024;

  std::vector<SitemapEntry> entries;
  std::size_t urls_size = 0;
  std::string problem;  // once there are too many

  void add(std::vector<SitemapEntry> more) {
    for (SitemapEntry& entry : more) {
      if (entries.size() == SitemapReader::entries_max) problem = "more than 50,000 pages";
      if (urls_size + entry.url.size() > urls_size_max) problem = "URLs of more than 16 MiB together";
      if (!problem.empty()) return;
      urls_size += entry.url.size();
      entries.push_back(std::move(entry));
    }
  }
};

// Of another host's pages this sidecar has nothing to fetch: its upstream is the site's own.
bool is_of_site(const std::string& url, const std::string& sitemap_host, const config::Config& config) {
  http::Target target;
  if (http::parse_url(url, target) != http::TargetError::none) return false;
  if (!config.hosts.empty()) return config.canonical_host(target.host).has_value();
  return target.host == sitemap_host;
}

}  // namespace

net::Task<ErrandOutcome> Jobs::State::fetch_document(Worker& worker, const JobPtr& job,
                                                     const std::string& url) {
  net::Timer timer(worker.executor());
  for (;;) {
    while (is_pausing(*job)) {
      timer.expires_after(look_period);
      net::ErrorCode error;
      co_await timer.async_wait(net::use_task(error));
    }
    Errand errand = errand_for(url, true);
    errand.fields = {{"Accept-Encoding", "gzip"}};
    errand.reads_max = document_size_max;
    const auto run = std::make_shared<ErrandRun>(worker, std::move(errand));
    ErrandOutcome outcome;
    outcome.kind = ErrandOutcome::Kind::cancelled;
    const std::optional<UpstreamWait::Mark> mark = note_run(job, run);
    if (!mark) co_return outcome;
    outcome = co_await run->run();
    {
      const std::scoped_lock lock(mutex);
      if (!is_to_wait(*job, *mark, outcome)) co_return outcome;
    }
  }
}

// Fills `sitemap`, or says what is wrong.
net::Task<std::string> Jobs::State::read_sitemap(Worker& worker, const JobPtr& job, const std::string& url,
                                                 Sitemap& sitemap) {
  const ErrandOutcome outcome = co_await fetch_document(worker, job, url);
  if (outcome.kind != ErrandOutcome::Kind::fetched)
    co_return outcome.status >= 400 ? "answered " + std::to_string(outcome.status)
                                    : std::string(obs::name_of(outcome.reason));
  if (outcome.status != 200) co_return "answered " + std::to_string(outcome.status);
  SitemapReader reader;
  const net::Executor executor = worker.executor();
  std::string_view rest = outcome.body;
  while (!rest.empty()) {
    const bool is_right = reader.feed(rest.substr(0, piece_size));
    if (!is_right) co_return "not a sitemap: " + reader.error();
    rest.remove_prefix(std::min(piece_size, rest.size()));
    co_await net::asio::post(executor, net::use_task);
  }
  if (!reader.finish()) co_return "not a sitemap: " + reader.error();
  sitemap = reader.take();
  co_return std::string();
}

// The sitemap, or those that it lists: no deeper, as the protocol has it.
net::Task<void> Jobs::State::read_sitemaps(Worker& worker, JobPtr job) {
  const std::string root = job->sitemap;
  http::Target target;
  http::parse_url(root, target);
  const std::string host = target.host;
  Pages pages;
  Sitemap first;
  const std::string why = co_await read_sitemap(worker, job, root, first);
  if (!why.empty()) note_problem(job, root, why, true);
  if (!first.is_index) {
    pages.add(std::move(first.entries));
  } else {
    if (first.entries.size() > sitemaps_max) {
      first.entries.resize(sitemaps_max);
      note_problem(job, root, "it lists more than 1,000 sitemaps", false);
    }
    for (const SitemapEntry& entry : first.entries) {
      if (is_cancelled(*job)) break;
      std::string problem;
      Sitemap listed;
      if (is_of_site(entry.url, host, *site.config())) {
        problem = co_await read_sitemap(worker, job, entry.url, listed);
      } else {
        problem = "of another host";
      }
      if (problem.empty() && listed.is_index) problem = "an index within an index";
      if (!problem.empty()) note_problem(job, entry.url, problem, false);
      if (!problem.empty()) continue;
      pages.add(std::move(listed.entries));
      if (!pages.problem.empty()) break;
    }
  }
  if (!pages.problem.empty()) note_problem(job, root, pages.problem, false);
  // Of equal priority as the sitemaps have them.
  std::stable_sort(pages.entries.begin(), pages.entries.end(),
                   [](const SitemapEntry& a, const SitemapEntry& b) { return a.priority > b.priority; });
  std::vector<Errand> errands;
  errands.reserve(pages.entries.size());
  for (SitemapEntry& page : pages.entries) {
    if (is_of_site(page.url, host, *site.config())) {
      errands.push_back(errand_for(std::move(page.url), job->is_forced));
    } else {
      note_problem(job, page.url, "of another host", false);
    }
  }
  end_search(job, std::move(errands));
}

void Jobs::State::note_problem(const JobPtr& job, const std::string& url, const std::string& why,
                               bool is_fatal) {
  const std::scoped_lock lock(mutex);
  if (job->state == JobState::cancelled) return;
  if (is_fatal) job->state = JobState::failed;
  for (JobCounts* const counts : {&job->counts, &stats.counts[index_of(job->kind)]}) {
    ++counts->total;
    ++counts->failed;
  }
  if (job->errors.size() < errors_max) job->errors.push_back({url.substr(0, shown_size_max), why});
}

}  // namespace larder::proxy
