// What an exchange passes through: requests that do not use the cache, their bodies, upgrades; and webhooks
// exposed on the public listener.
#include <boost/asio/post.hpp>

#include "larder/base/text.hpp"
#include "larder/cache/groups.hpp"
#include "larder/cache/invalidation.hpp"
#include "larder/http/target.hpp"
#include "larder/obs/log.hpp"
#include "proxy/exchange.hpp"
#include "proxy/log_out.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;

// RFC 9110 section 7.8: "the server MUST NOT switch to a protocol that was not indicated by the client".
bool is_offered(const http::Fields& request, const http::Fields& switching) {
  const std::string offered = tunnelled_protocols(request);
  bool is_any = false;
  bool is_every = true;
  http::for_each_member(switching, http::FieldId::upgrade, [&](std::string_view protocol) {
    is_any = true;
    bool is_known = false;
    std::string_view rest = offered;
    while (const auto member = http::next_member(rest)) {
      is_known = is_known || base::equals_ignoring_case(*member, protocol);
    }
    is_every = is_every && is_known;
  });
  return is_any && is_every;
}

// The most bytes of a webhook's body.
constexpr std::size_t hook_body_max = 1024 * 1024;

}  // namespace

// A request body on its way upstream, beside the exchange that waits for the answer.
struct Exchange::Upload {
  Wire& wire;
  std::shared_ptr<upstream::Exchange> upstream;
  bool is_chunked;
  std::function<void()>
      gone;  // once the body is through, the connection is watched for the client's going away
  net::Notifier done;
  bool is_over = false;
  Reason failure = Reason::none;  // the client's side; the upstream's shows in its answer

  Upload(Wire& from, std::shared_ptr<upstream::Exchange> to, bool chunked, std::function<void()> on_gone)
      : wire(from),
        upstream(std::move(to)),
        is_chunked(chunked),
        gone(std::move(on_gone)),
        done(from.executor()) {}
};

// Whoever waits for its end gets it, whatever happens.
net::Task<void> Exchange::upload(std::shared_ptr<Upload> upload) {
  try {
    co_await send_body(*upload);
  } catch (const std::exception& error) {
    obs::log_error(std::string("a request's body ended unexpectedly: ") + error.what());
    upload->failure = Reason::internal_error;
    upload->upstream->abort();
  }
  upload->is_over = true;
  upload->done.notify();
}

net::Task<void> Exchange::send_body(Upload& upload) {
  for (;;) {
    const Wire::BodyStep step = co_await upload.wire.read_body();
    if (step.failure != Reason::none) {
      upload.failure = step.failure;
      upload.upstream->abort();
      co_return;
    }
    Reason sent = Reason::none;
    if (step.is_done) {
      if (upload.is_chunked) {
        std::string last = "0\r\n";
        for (const http::Field& field : upload.wire.request_trailers()) {
          last.append(field.name).append(": ").append(field.value).append("\r\n");
        }
        last.append("\r\n");
        sent = co_await upload.upstream->write_body(last);
      }
      if (sent == Reason::none) upload.upstream->request_sent();
      upload.wire.watch(upload.gone);
      co_return;
    }
    if (upload.is_chunked) {
      char line[18];
      const std::string_view size_line(line, http::write_chunk_size(step.data.size(), line));
      sent = co_await upload.upstream->write_body(size_line, step.data, "\r\n");
    } else {
      sent = co_await upload.upstream->write_body(step.data);
    }
    if (sent != Reason::none) co_return;  // the upstream has stopped reading: it may have answered already
  }
}

upstream::OutgoingRequest Exchange::outgoing(Purpose purpose, const cache::Validation& validation) const {
  const bool is_shared = purpose != Purpose::pass;
  ForwardOptions options;
  // What may be stored is fetched by what the key knows: its query, its host whichever alias asked, of the
  // ignored cookies those of forward_ignored. What is passed goes as it came.
  const std::string query = is_shared ? cache::forwarded_query(target_.query, policy_->query) : target_.query;
  options.query = query;
  const bool is_as_sent = !is_shared || policy_->query.is_exact() || policy_->query.forward_ignored;
  options.has_query = is_as_sent ? target_.has_query : !query.empty();
  options.host = is_shared ? target_.host : origin_.host;
  options.is_shared = is_shared;
  if (is_shared) options.range = range_;
  options.keeps_upgrade = is_upgrade_;
  options.cookies = is_shared ? &policy_->cookies : nullptr;
  options.drops_unkeyed_cookies =
      purpose == Purpose::refresh && (sends_unkeyed_cookie() || sends_unkeyed_session());
  options.validation = validation.is_empty() ? nullptr : &validation;
  upstream::OutgoingRequest request;
  write_request_head(*request_, target_, wire_.peer(), wire_.is_peer_trusted(), origin_, framing_, options,
                     request.head);
  request.method = is_shared ? http::Method::get : request_->method;
  request.has_body = framing_.has_body();
  return request;
}

net::Task<void> Exchange::pass() {
  const http::HeadLimits limits{config_->limits.header_size, config_->limits.headers};
  const auto upstream = std::make_shared<upstream::Exchange>(site_.pool, wire_.executor(), limits);
  const upstream::OutgoingRequest request = outgoing(Purpose::pass, {});
  const base::MonoTime requested_at = now_.mono;
  unsafe_answers_ = site_.unsafe_answers;
  std::shared_ptr<Upload> body;
  std::optional<Watch> watch;
  Reason reason = Reason::none;
  if (request.has_body) {
    const auto gone = [this, upstream] {
      is_gone_ = true;
      upstream->abort();
    };
    wire_.watch(gone);
    reason = co_await upstream->send_head(request);
    if (reason == Reason::none) {
      body = std::make_shared<Upload>(wire_, upstream, framing_.kind == http::BodyKind::chunked, gone);
      net::spawn(wire_.executor(), upload(body));
      reason = co_await upstream->read_head();
    }
  } else {
    watch.emplace(wire_, [this, exchange = upstream.get()] {
      is_gone_ = true;
      exchange->abort();
    });
    reason = co_await upstream->fetch_head(request);
  }
  while (reason == Reason::none && upstream->is_interim() && upstream->head().status != 101) {
    note_log_out(site_, *snapshot_, request_->fields, upstream->head().fields);
    if (request_->minor_version >= 1) {
      wire_.write_interim(write_interim_head(upstream->head()));
      const bool was_sent = co_await wire_.flush();
      if (!was_sent) is_gone_ = true;
    }
    reason = is_gone_ ? Reason::client_gone : co_await upstream->read_head();
  }
  if (!body || body->is_over) wire_.unwatch();
  now_ = site_.clock.now();
  record_.upstream_us = static_cast<std::uint64_t>((now_.exact - started_).count());

  if (reason == Reason::none) {
    note_log_out(site_, *snapshot_, request_->fields, upstream->head().fields);
  } else if (!http::is_safe(request_->method)) {
    note_possible_log_out(site_, *snapshot_, request_->fields);
  }
  if (reason != Reason::none) {
    if (body && body->failure != Reason::none) reason = body->failure;
    if (is_gone_ || reason == Reason::client_gone) {
      record_client_gone();
      wire_.break_off();
    } else {
      wire_.close_after();
      respond_error(reason);
    }
  } else if (upstream->head().status == 101) {
    record_.result = obs::Result::tunnel;
    if (!is_upgrade_ || !is_offered(request_->fields, upstream->head().fields)) {
      wire_.close_after();
      respond_error(Reason::upstream_bad_head);
    } else {
      wire_.write_interim(write_interim_head(upstream->head()));
      co_await wire_.tunnel(upstream);
      finish_record(101);
    }
  } else {
    http::ResponseHead& head = upstream->head();
    upstream_status_ = head.status;
    http::remove_hop_by_hop(head);
    heed_head(head, requested_at);
    const auto own_line = invalidate_after_unsafe(head);
    keep_answer_to_post(head, upstream->framing(), requested_at, own_line);
    if (!relay(*upstream)) co_await relay_rest(*upstream);
  }
  if (body && !body->is_over) {
    wire_.cancel_read();
    upstream->abort();
    co_await body->done.wait();
  }
}

// Only what is stored or on its way, so that strangers cannot flood the log; wider than asked (all queries of
// a path), never less.
// Returns the line's sequence, if there is one.
std::optional<std::uint64_t> Exchange::invalidate_after_unsafe(const http::ResponseHead& response) {
  const bool is_unsafe = cache::invalidates(request_->method, response.status);
  if (!is_unsafe || target_.form == http::TargetForm::asterisk) return std::nullopt;
  ++site_.unsafe_answers;  // before the store is looked at: see Exchange::keep_whole()
  std::vector<cache::Selector> selectors;
  http::Target named = target_;
  for (const std::string& path : cache::invalidated_paths(target_, response.fields)) {
    named.path = path;
    cache::make_key(named, request_->fields, *policy_, key_);
    // Flights first: what lands is in the store before its flight is gone. What other replicas hold nobody
    // knows here.
    if (site_.fleet || site_.flights.holds_url(key_) || site_.store.holds_url(key_))
      selectors.push_back(cache::path_selector(target_.host, path));
  }
  std::vector<std::string> labels = cache::invalidated_groups(response.fields, key_);
  const bool is_any_on_its_way = !labels.empty() && site_.flights.holds_host(key_.host());
  for (std::string& label : labels) {
    if (site_.fleet || is_any_on_its_way || site_.store.holds_group(label))
      selectors.push_back({cache::SelectorKind::tag, std::move(label), {}});
  }
  if (selectors.empty()) return std::nullopt;
  std::string detail = std::string(request_->method_text) + " " + target_.path;
  return site_.purge(std::move(selectors), cache::PurgeMode::hard,
                     {cache::PurgeCause::unsafe_method, std::move(detail), std::string(origin_.client)});
}

net::Task<void> Exchange::purge() {
  std::vector<cache::Selector> selectors;
  selectors.push_back(cache::purge_selector(target_.host, target_.path));
  // Outlives the exchange, should a drain end that first.
  struct Answer {
    explicit Answer(const net::Executor& executor) : told(executor) {}
    net::Notifier told;
    fleet::Publication outcome;
  };
  const net::Executor executor = wire_.executor();
  const auto answer = std::make_shared<Answer>(executor);
  const auto done = [answer, executor](const fleet::Publication& outcome) {
    net::asio::post(executor, [answer, outcome] {
      answer->outcome = outcome;
      answer->told.notify();
    });
  };
  site_.purge_everywhere(std::move(selectors), cache::PurgeMode::hard,
                         {cache::PurgeCause::method, {}, wire_.peer().text}, done);
  co_await answer->told.wait();
  record_.result = obs::Result::local;
  const fleet::Publication& outcome = answer->outcome;
  if (outcome.is_acknowledged) {
    respond_text(200, "purged, sequence " + std::to_string(outcome.sequence));
  } else {
    respond_text(503, outcome.error);
  }
}

net::Task<void> Exchange::answer_hook() {
  std::string bytes;
  for (;;) {
    const Wire::BodyStep step = co_await wire_.read_body();
    if (step.failure != Reason::none) {
      wire_.close_after();
      respond_error(step.failure);
      co_return;
    }
    if (step.is_done) break;
    bytes.append(step.data);
    if (bytes.size() > hook_body_max) {
      record_.reason = Reason::request_too_large;  // the answer, 413, is that of who counts such events
      wire_.close_after();
      break;
    }
  }
  if (request_->method != http::Method::post || !site_.answer_hook) {
    record_.result = obs::Result::local;
    respond_text(405, "POST only", "Allow: POST\r\n");
    co_return;
  }
  net::Task<Site::HookAnswer> answering = site_.answer_hook(wire_.executor(), std::string(request_->target),
                                                            request_->fields, std::move(bytes), wire_.peer());
  const Site::HookAnswer answer = co_await std::move(answering);
  record_.result = obs::Result::local;
  std::string more;
  for (const auto& [name, value] : answer.fields) {
    if (!base::equals_ignoring_case(name, "Cache-Control"))
      more.append(name).append(": ").append(value).append("\r\n");
  }
  respond(answer.status, answer.content_type, answer.body, more);
}

}  // namespace larder::proxy
