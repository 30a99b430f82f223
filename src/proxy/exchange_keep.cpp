// What of a passed request's answer is kept: what a HEAD says of a stored page, and the answer to a POST that
// stands for one to GET.
#include "larder/cache/landing.hpp"
#include "larder/cache/validation.hpp"
#include "proxy/exchange.hpp"
#include "proxy/page_reader.hpp"
#include "proxy/proxy_claims.hpp"
#include "proxy/tag_reader.hpp"

namespace larder::proxy {

using cache::Reason;

// The answer to a POST, gathered while it is relayed: who sent it waits for nobody, and nobody for him.
struct Exchange::Kept {
  cache::ResponseDraft response;
  std::string body;
  Site& site;

  explicit Kept(Site& of) : site(of) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() { site.store.subtract_in_flight(body.size()); }
};

cache::FetchOf Exchange::fetch_as_get(const http::RequestHead& as_get, base::MonoTime requested_at) const {
  return {key_, as_get, captures(), *policy_, {requested_at, now_}, newest_};
}

// A passed request goes as it came. What its answer says of what is stored holds for others only where a
// fetch on their behalf would have been the same: no query, cookie, host or claim that no key knows.
bool Exchange::was_sent_as_fetched() const {
  const std::string_view path = request_->target.substr(0, request_->target.find('?'));
  const bool has_ignored_cookies =
      !policy_->cookies.ignore.empty() && request_->fields.has(http::FieldId::cookie);
  if (path != target_.path || !policy_->query.is_exact() || has_ignored_cookies) return false;
  if (origin_.host != target_.host) return false;
  http::Fields passed = request_->fields;
  http::Fields fetched = request_->fields;
  remove_claims(passed, wire_.is_peer_trusted(), false);
  remove_claims(fetched, wire_.is_peer_trusted(), true);
  return passed.size() == fetched.size();
}

// RFC 9111 section 4.3.5: a HEAD that went forward for its own no-store could have been answered by what is
// stored, and its answer confirms that or shows that it is stale. Not one of a visitor who is told apart.
void Exchange::heed_head(const http::ResponseHead& response, base::MonoTime requested_at) {
  const bool is_heeded = request_->method == http::Method::head && response.status == 200 &&
                         record_.reason == Reason::request_no_store;
  if (!is_heeded || !was_sent_as_fetched() || !site_.has_tags_of(*snapshot_)) return;
  const cache::StoredPtr stored = found_.response;
  const bool is_older =
      stored && stored->is_complete() && validity_of(*stored, newest_) == cache::Validity::valid;
  const bool is_told_apart =
      request_->fields.has(http::FieldId::authorization) || sends_unkeyed_cookie() || sends_unkeyed_session();
  if (!is_older || is_told_apart) return;
  if (cache::contradicts(response, *stored, now_.wall)) {
    cache::ResponseDraft stale = cache::draft_of(*stored);
    stale.freshness.lifetime = base::Duration::zero();
    site_.store.replace(stored, cache::freeze(stale));
    return;
  }
  if (!cache::confirms(response, *stored, now_.wall)) return;
  http::RequestHead as_get = *request_;
  as_get.method = http::Method::get;
  const cache::Renewed renewed = cache::renew_beside(*stored, fetch_as_get(as_get, requested_at), response);
  if (renewed.storability.is_storable) site_.store.replace(stored, cache::freeze(*renewed.landed.response));
}

// Comes after what the request itself outdates, and carries the sequence of that line. Where another purge
// came between, it is not kept: whether that meant it cannot be told. Nor where another unsafe request did,
// which leaves no line where nothing is stored yet.
void Exchange::keep_answer_to_post(const http::ResponseHead& response, const http::Framing& framing,
                                   base::MonoTime requested_at, std::optional<std::uint64_t> own_line) {
  if (request_->method != http::Method::post || record_.reason != Reason::method) return;
  http::RequestHead as_get = *request_;
  as_get.method = http::Method::get;
  const bool is_only_purge = own_line ? *own_line == newest_ + 1 : site_.purge_log.newest() == newest_;
  const bool is_undisturbed = is_only_purge && site_.unsafe_answers == unsafe_answers_ + 1;
  const cache::FetchTimes times{requested_at, now_};
  if (!is_undisturbed || !was_sent_as_fetched() || !site_.has_tags_of(*snapshot_) ||
      target_.is_path_ambiguous || cache::pass_reason(as_get, control_, *policy_) ||
      !cache::answers_get(target_, response, *policy_, times)) {
    return;
  }
  const cache::Storability storability = cache::storable(as_get, response, *policy_, times);
  // The answer to an unsafe request is where sessions begin.
  const bool is_personal =
      request_->fields.has(http::FieldId::authorization) || response.fields.has(http::FieldId::set_cookie);
  const bool is_small = framing.kind != http::BodyKind::length || framing.length <= config_->max_object;
  // What must be read first is not worth the wait here.
  const bool is_read = must_be_read(policy_->refuse, response) || has_tags_in_body(*policy_, response);
  if (!storability.is_storable || is_personal || !is_small || is_read) return;
  make_key();
  if (key_.is_private()) return;
  cache::Landed landed = cache::land(fetch_as_get(as_get, requested_at), response, storability);
  if (!landed.response) return;
  if (own_line) landed.response->sequence = *own_line;
  kept_ = std::make_shared<Kept>(site_);
  kept_->response = std::move(*landed.response);
}

void Exchange::describe_kept() {
  const auto lifetime =
      std::chrono::floor<std::chrono::seconds>(kept_->response.freshness.remaining(now_.mono)).count();
  extra_.append("; ttl=").append_number(lifetime);
}

// Stored before its last byte goes out, where the length tells which that is: whoever has seen the whole
// answer finds it.
void Exchange::keep_piece(std::string_view data, const http::Framing& framing) {
  const bool is_small = kept_->body.size() + data.size() <= config_->max_object;
  if (is_small && site_.store.add_in_flight(data.size())) {
    kept_->body.append(data);
    if (framing.kind == http::BodyKind::length && kept_->body.size() == framing.length) keep_whole();
  } else {
    kept_.reset();
  }
}

void Exchange::keep_whole() {
  kept_->response.body = cache::Body::complete(kept_->body);
  for (const cache::StoredPtr& other : site_.store.variants(kept_->response.key)) {
    const bool is_newer = other->freshness.received_at > kept_->response.freshness.received_at;
    if (is_newer) return kept_.reset();
  }
  const cache::StoredPtr response = cache::freeze(kept_->response);
  // Stored first, then asked: an unsafe request either finds it stored, or is seen here.
  site_.store.put_within(response, policy_->query.max_variants);
  if (site_.unsafe_answers != unsafe_answers_ + 1) site_.store.remove(response);
  kept_.reset();
}

}  // namespace larder::proxy
