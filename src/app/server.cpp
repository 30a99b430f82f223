#include "larder/app/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "larder/admin/server.hpp"
#include "larder/net/listener.hpp"
#include "larder/obs/access_log.hpp"
#include "larder/obs/log.hpp"
#include "larder/proxy/jobs.hpp"
#include "larder/proxy/sweeper.hpp"
#include "larder/proxy/worker.hpp"

namespace larder::app {
namespace {

namespace asio = net::asio;

constexpr base::Duration housekeeping_period = proxy::PurgeRepeats::step;
constexpr unsigned beats_to_pool_sweep = 4;  // a second
constexpr base::Duration drain_poll_period = std::chrono::milliseconds(20);

std::uint32_t worker_count_of(const config::Config& config) {
  return config.workers > 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

struct Server::State {
  explicit State(const config::ConfigPtr& config) : site(config) {
    for (std::uint32_t i = 0; i < worker_count_of(*config); ++i) {
      site.observers.push_back(std::make_unique<obs::Observer>(*config));
    }
    access_log = std::make_unique<obs::AccessLog>(config->log, site.observers);
    for (const auto& observer : site.observers) {
      workers.push_back(std::make_unique<proxy::Worker>(site, config, *observer));
    }
    std::vector<proxy::Worker*> errand_runners;
    for (const auto& worker : workers) errand_runners.push_back(worker.get());
    site.jobs->use_workers(std::move(errand_runners));
    admin = std::make_unique<admin::Server>(site, control);
    site.answer_hook = [this](net::Executor executor, std::string target, http::Fields fields,
                              std::string body, net::Peer peer) {
      admin::Request request{"POST", std::move(target), std::move(fields), std::move(body)};
      return answer_hook(std::move(executor), std::move(request), std::move(peer));
    };
  }

  proxy::Site site;
  std::unique_ptr<obs::AccessLog> access_log;
  std::vector<std::unique_ptr<proxy::Worker>> workers;
  asio::io_context control{1};
  std::unique_ptr<admin::Server> admin;
  proxy::Sweeper sweeper{site};
  std::vector<std::thread> threads;
  std::vector<std::string> unix_paths;
  std::uint16_t public_port = 0;
  bool is_running = false;

  net::Task<proxy::Site::HookAnswer> answer_hook(net::Executor executor, admin::Request request,
                                                 net::Peer peer);
  void warm_on_start();
  void purge_other_tags();
  void listen_public();
  void listen_tcp(config::Address address);
  void listen_unix(const config::Address& address);
  net::Task<void> keep_house();
};

net::Task<proxy::Site::HookAnswer> Server::State::answer_hook(net::Executor executor, admin::Request request,
                                                              net::Peer peer) {
  const auto response =
      co_await admin->handler().answer_public_hook(executor, std::move(request), std::move(peer));
  if (!response) co_return proxy::Site::HookAnswer{};
  co_return proxy::Site::HookAnswer{response->status, response->content_type, response->body,
                                    response->fields};
}

// What fails is in the log, and nothing waits for it: not even /readyz, since a cold sidecar serves as well.
void Server::State::warm_on_start() {
  const config::Warm warm = site.config()->warm;
  if (warm.sitemap.empty() && warm.urls.empty()) return;
  proxy::JobOrder order;
  order.cause = "start";
  order.sitemap = warm.sitemap;
  order.concurrency = warm.concurrency;
  order.rate = warm.rate;
  order.waits_for_upstream = true;  // started beside this sidecar, most often, and slower
  for (const std::string& url : warm.urls) order.errands.push_back(proxy::errand_for(url, false));
  if (!site.jobs->start(std::move(order)))
    obs::log_warning("warm.on_start has more pages than a job may have");
}

// A purge by a tag of the new rules would miss what has been stored by the old ones, for as long as it is
// stored. Once the new rules are in force: what is fetched by the old ones from now on is outdated at once.
void Server::State::purge_other_tags() {
  std::vector<cache::Selector> everything(1);
  const std::uint64_t sequence = site.purge(std::move(everything), cache::PurgeMode::hard,
                                            {cache::PurgeCause::reload, "other tags by the routes", {}});
  obs::log_warning(
      "purge " + std::to_string(sequence) +
      " by reload: all, since the routes' patterns, 'tags' or 'tags_from' have changed, and what is "
      "stored has its tags by the old ones");
}

void Server::State::listen_public() {
  for (const config::Address& address : site.config()->public_listener.bind) {
    if (address.is_unix()) {
      listen_unix(address);
    } else {
      listen_tcp(address);
    }
  }
}

// A listener for each worker: the kernel spreads connections over them.
void Server::State::listen_tcp(config::Address address) {
  for (const auto& worker : workers) {
    const int descriptor = net::listen_on(address, true);
    address.port = net::port_of(descriptor);
    if (public_port == 0) public_port = address.port;
    worker->listen(descriptor, {});
  }
}

void Server::State::listen_unix(const config::Address& address) {
  const int descriptor = net::listen_on(address, false);
  unix_paths.push_back(address.unix_path);
  std::vector<proxy::Worker*> dealers;
  for (const auto& worker : workers) dealers.push_back(worker.get());
  workers.front()->listen(descriptor, dealers);
}

net::Task<void> Server::State::keep_house() {
  net::Timer timer(control.get_executor());
  for (unsigned beat = 0;;) {
    timer.expires_after(housekeeping_period);
    net::ErrorCode error;
    co_await timer.async_wait(net::use_task(error));
    if (error) co_return;
    if (++beat % beats_to_pool_sweep == 0) site.pool->sweep();
    while (site.repeat_due()) {
      co_await asio::post(control.get_executor(), net::use_task);  // let requests pass between
    }
  }
}

Server::Server(const config::ConfigPtr& config) : state_(std::make_unique<State>(config)) {}

Server::~Server() {
  stop();
}

void Server::start() {
  State& state = *state_;
  state.listen_public();
  state.admin->start();
  if (state.site.fleet) state.site.fleet->start();
  if (state.site.second_level) state.site.second_level->start();
  net::spawn(state.control, state.keep_house());
  for (const auto& worker : state.workers) {
    state.threads.emplace_back([&worker = *worker] { worker.run(); });
  }
  state.threads.emplace_back([&state] {
    const auto work = asio::make_work_guard(state.control);
    state.control.run();
  });
  state.sweeper.start();
  state.is_running = true;
  state.warm_on_start();
}

std::uint16_t Server::public_port() const {
  return state_->public_port;
}
std::uint16_t Server::admin_port() const {
  return state_->admin->port();
}
proxy::Site& Server::site() {
  return state_->site;
}

std::vector<std::string> Server::reload(const config::ConfigPtr& config) {
  const config::ConfigPtr old = state_->site.config();
  std::vector<std::string> needs_restart;
  const auto check = [&](bool is_same, const char* what) {
    if (!is_same) needs_restart.emplace_back(what);
  };
  check(old->public_listener.bind == config->public_listener.bind, "listeners.public.bind");
  check(old->admin_listener.bind == config->admin_listener.bind, "listeners.admin.bind");
  check(old->memory_size == config->memory_size, "store.memory.size");
  check(old->redis == config->redis, "store.redis");
  check(old->workers == config->workers, "workers");
  check(old->upstreams == config->upstreams, "upstreams");
  check(old->log == config->log, "log");
  state_->site.set_config(config);
  if (!config::has_same_tags(*old, *config)) state_->purge_other_tags();
  state_->admin->handler().run_state().note_reload(true, state_->site.clock.wall());
  for (const auto& worker : state_->workers) worker->set_config(config);
  return needs_restart;
}

void Server::note_failed_reload() {
  state_->admin->handler().run_state().note_reload(false, state_->site.clock.wall());
}

void Server::reopen_logs() {
  obs::reopen_log();
  state_->access_log->reopen();
}

void Server::drain() {
  State& state = *state_;
  if (!state.is_running || state.site.is_draining.exchange(true)) return;
  state.site.jobs->cancel_all();
  for (const auto& worker : state.workers) worker->drain();
  const auto deadline = std::chrono::steady_clock::now() + state.site.config()->limits.drain_timeout;
  const auto count = [&] {
    std::size_t sessions = state.site.flights.stats().running;
    for (const auto& worker : state.workers) sessions += worker->session_count();
    return sessions;
  };
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable timer;  // nobody notifies: the counts are looked at again each period
  while (count() > 0 && std::chrono::steady_clock::now() < deadline) timer.wait_for(lock, drain_poll_period);
}

void Server::stop() {
  State& state = *state_;
  if (!state.is_running) return;
  state.is_running = false;
  // First, so that purges which wait for other replicas are answered; and nothing tells the workers of either
  // once they have gone.
  if (state.site.second_level) state.site.second_level->stop();
  if (state.site.fleet) state.site.fleet->stop();
  for (const auto& worker : state.workers) worker->stop();
  asio::post(state.control, [&state] {
    state.admin->stop();
    state.control.stop();
  });
  for (std::thread& thread : state.threads) thread.join();
  state.sweeper.stop();
  // What belongs to one worker's io_context must not be held by what outlives it.
  state.site.flights.abandon();
  state.site.pool->abandon();
  state.access_log->stop();
  for (const std::string& path : state.unix_paths) ::unlink(path.c_str());
}

}  // namespace larder::app
