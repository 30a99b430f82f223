// The webhooks' part of the handler: who may call one, what it purges, what was carried out before.
#include "admin/access.hpp"
#include "admin/hook_ids.hpp"
#include "admin/later_response.hpp"
#include "admin/responses.hpp"
#include "larder/admin/handler.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/admin/webhook.hpp"
#include "larder/base/text.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

void count(std::atomic<std::uint64_t>& counter) noexcept {
  counter.fetch_add(1, std::memory_order_relaxed);
}

Response not_authentic(const config::Webhook& hook, Authenticity::Verdict verdict) {
  const bool is_bearer = hook.auth == config::HookAuth::bearer;
  const bool is_stale = verdict == Authenticity::Verdict::stale;
  Response response = error_response(401, is_stale    ? "stale timestamp"
                                          : is_bearer ? "missing or wrong token"
                                                      : "missing or wrong signature");
  if (is_bearer) response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"larder\"");
  return response;
}

bool is_coded(const http::Fields& fields) {
  const auto coding = fields.find("Content-Encoding");
  return coding && !base::equals_ignoring_case(base::trim(*coding), "identity");
}

}  // namespace

const config::Webhook* Handler::find_hook(const config::Config& config, std::string_view target) noexcept {
  const std::string_view path = path_of(target);
  for (const config::Webhook& hook : config.webhooks) {
    if (hook.path == path) return &hook;
  }
  return nullptr;
}

std::optional<Response> Handler::refuse_hook_early(const config::Webhook& hook, const Request& request,
                                                   const net::Peer& peer, const config::Config& config) {
  // Without a secret, a webhook is for whom the rest of this listener is for.
  if (hook.auth == config::HookAuth::none) {
    auto refusal = refuse_stranger(config.admin_listener, request, peer);
    if (!refusal) refusal = refuse_foreign_page(config.admin_listener, request);
    if (refusal) count(hooks_.refused);
    return refusal;
  }
  if (may_be_authentic(hook, request.fields)) return std::nullopt;
  count(hooks_.refused);
  return not_authentic(hook, Authenticity::Verdict::refused);
}

void Handler::note_unread_body(std::string_view target, int status) {
  if (status == 413 && find_hook(*site_.config(), target) != nullptr) count(hooks_.too_large);
}

std::optional<Response> Handler::handle_public_hook(const Request& request, const net::Peer& peer) {
  const config::ConfigPtr config = site_.config();
  const config::Webhook* hook = find_hook(*config, request.target);
  // `check` refuses a public hook without a secret; this is the second lock on that door.
  if (hook == nullptr || !hook->is_public || hook->auth == config::HookAuth::none) return std::nullopt;
  if (request.method != "POST") return method_not_allowed("POST");
  if (request.body.size() > body_size_max) {
    count(hooks_.too_large);
    return error_response(413, "the event is larger than 1 MiB");
  }
  return handle_hook(*hook, request, peer);
}

net::Task<std::optional<Response>> Handler::answer_public_hook(net::Executor executor, Request request,
                                                               net::Peer peer) {
  std::optional<Response> response = handle_public_hook(request, peer);
  if (response && response->later) {
    const std::shared_ptr<LaterResponse> later = response->later;
    response = co_await later->wait(executor);
  }
  co_return response;
}

Response Handler::handle_hook(const config::Webhook& hook, const Request& request, const net::Peer& peer) {
  const base::WallTime now = site_.clock.wall();
  const Authenticity proof = authenticate(hook, request, now);
  if (proof.verdict != Authenticity::Verdict::authentic) {
    count(proof.verdict == Authenticity::Verdict::stale ? hooks_.stale : hooks_.refused);
    return not_authentic(hook, proof.verdict);
  }
  if (is_coded(request.fields)) {
    count(hooks_.unfit);
    return error_response(415, "expected a body without Content-Encoding");
  }
  HookIds::Claim claim = hook_ids_->claim(hook.name, proof.once, proof.until, now);
  if (claim.state() == HookIds::Claim::State::done) {
    count(hooks_.duplicate);
    return json_response(200, {{"duplicate", true}});
  }
  if (claim.state() == HookIds::Claim::State::under_way) {
    // It may still fail: the sender shall come again, and hear how it went.
    count(hooks_.failed);
    Response response = error_response(503, "the same event is being carried out");
    response.fields.emplace_back("Retry-After", "1");
    return response;
  }
  auto result = order_of_event(hook, request);
  if (const auto* error = std::get_if<PurgeError>(&result)) {
    count(hooks_.unfit);
    obs::log_warning("webhook " + hook.name + ": " + error->message);
    return error_response(422, error->message);
  }
  auto& order = std::get<HookOrder>(result);
  if (order.purge.selectors.empty()) {
    count(hooks_.ignored);
    return json_response(200,
                         {{"ignored", true}, {"event", order.event}, {"purged", nlohmann::json::array()}});
  }
  std::string detail = order.event.empty() ? hook.name : hook.name + " " + order.event;
  // The id is remembered only once the purge is done everywhere: an honest retry works.
  const auto done = [this, held = std::make_shared<HookIds::Claim>(std::move(claim))](bool is_acknowledged) {
    count(is_acknowledged ? hooks_.purged : hooks_.failed);
    if (is_acknowledged && held->done()) count(hooks_.ids_forgotten);
  };
  return carry_out(std::move(order.purge), {cache::PurgeCause::webhook, std::move(detail), peer.text}, done);
}

}  // namespace larder::admin
