// The admin listener's endpoints: a request and its peer in, the answer out. No sockets.
//
//   PURGE http-url, POST /api/purge, POST /hooks/NAME        invalidation
//   POST /api/warm, GET /api/jobs, /api/jobs/ID              pages fetched by the sidecar itself
//   GET /api/purges                                          the last purges, and what they outdated
//   GET /api/replicas                                        the replicas that share a Redis, and their log
//   GET /api/stats, /api/routes, /api/hot, GET /metrics      what happens
//   GET /livez, GET /readyz, GET /startupz                   probes, open to everyone
//
// Everything but the probes and the webhooks (which have secrets of their own) is for peers in `admin.allow`,
// unix sockets, and who knows the token. Called on the control thread, but for the public hooks, which any
// thread may call.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "larder/admin/message.hpp"
#include "larder/admin/run_state.hpp"
#include "larder/net/listener.hpp"
#include "larder/net/types.hpp"
#include "larder/proxy/site.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::admin {

class HookIds;
class StoreWalks;
class UpstreamWatch;

class Handler {
 public:
  explicit Handler(proxy::Site& site);
  ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  // The refusal that the head alone justifies, so that no stranger's body is read; nothing when the body is
  // wanted.
  std::optional<Response> refuse_early(const Request& request, const net::Peer& peer);
  // The answer, or who will have it (Response::later). One to a HEAD request has the body of its GET: whoever
  // sends it leaves the body out.
  Response handle(const Request& request, const net::Peer& peer);
  // The body of a request to `target` was not read, for this status: counts what would have been an event.
  void note_unread_body(std::string_view target, int status);
  // For the public listener: nothing when the path is no webhook of `expose: public`. Any thread.
  std::optional<Response> handle_public_hook(const Request& request, const net::Peer& peer);
  // The same, waiting for who will have the answer (Response::later), as a coroutine of `executor`.
  net::Task<std::optional<Response>> answer_public_hook(net::Executor executor, Request request,
                                                        net::Peer peer);

  // So many purges came that the log should be swept first: who sends them may wait a little for the answer.
  bool is_flooded() const;
  // Ends what runs on threads of its own. Before the io_context goes whose sessions wait for it.
  void stop();

  RunState& run_state() noexcept { return run_state_; }

 private:
  struct Endpoint;
  static const Endpoint* find_endpoint(std::string_view path) noexcept;

  std::optional<Response> refuse_endpoint(const Endpoint& endpoint, const Request& request,
                                          const net::Peer& peer, const config::Config& config);
  // handler_hooks.cpp
  static const config::Webhook* find_hook(const config::Config& config, std::string_view target) noexcept;
  std::optional<Response> refuse_hook_early(const config::Webhook& hook, const Request& request,
                                            const net::Peer& peer, const config::Config& config);
  Response handle_hook(const config::Webhook& hook, const Request& request, const net::Peer& peer);

  // The answer comes from a thread that looks through the store (StoreWalks::Look); 503 where one does.
  Response begin_walk(std::function<std::optional<nlohmann::ordered_json>(proxy::WalkPace& pace)> look);

  // handler_purge.cpp
  Response handle_purge(const Request& request, const net::Peer& peer);
  Response begin_dry_run(struct PurgeOrder order);
  using PurgeDone = std::function<void(bool is_acknowledged)>;
  Response carry_out(struct PurgeOrder order, cache::PurgeOrigin origin, PurgeDone done);

  Response api_purge(const Request& request, const net::Peer& peer);
  // handler_jobs.cpp
  Response api_warm(const Request& request, const net::Peer& peer);
  Response api_jobs(const Request& request, const net::Peer& peer);
  Response api_job(const Request& request, const net::Peer& peer);
  Response api_purges(const Request& request, const net::Peer& peer);
  Response api_stats(const Request& request, const net::Peer& peer);
  Response api_replicas(const Request& request, const net::Peer& peer);
  Response api_routes(const Request& request, const net::Peer& peer);
  Response api_hot(const Request& request, const net::Peer& peer);
  Response metrics(const Request& request, const net::Peer& peer);
  Response livez(const Request& request, const net::Peer& peer);
  Response readyz(const Request& request, const net::Peer& peer);
  Response startupz(const Request& request, const net::Peer& peer);

  proxy::Site& site_;
  const base::MonoTime started_;
  RunState run_state_;
  HookCounters hooks_;
  std::unique_ptr<HookIds> hook_ids_;
  std::unique_ptr<UpstreamWatch> upstream_watch_;
  std::unique_ptr<StoreWalks> walks_;
};

}  // namespace larder::admin
