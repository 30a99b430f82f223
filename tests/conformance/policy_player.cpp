#include "conformance/policy_player.hpp"

#include <algorithm>
#include <stdexcept>

#include "conformance/smallest_config.hpp"
#include "larder/cache/body.hpp"
#include "larder/cache/delivery.hpp"
#include "larder/cache/groups.hpp"
#include "larder/cache/invalidation.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/framing.hpp"
#include "proxy/head_writer.hpp"
#include "proxy/partial.hpp"

namespace conformance {

using namespace larder;
using cache::StoredPtr;
using cache::Verdict;

namespace {

// Any will do; it is a whole second.
constexpr base::WallTime begin_wall{base::Seconds(1'900'000'000)};
constexpr base::MonoTime begin_mono{base::Seconds(1'000'000)};
// store::hit_for_miss_lifetime.
constexpr base::Duration hit_for_miss_lifetime = std::chrono::seconds(120);

void append_lines(std::string& text, const std::vector<Line>& fields) {
  for (const Line& line : fields) text.append(line.name).append(": ").append(line.value).append("\r\n");
}

std::string text_of(const Step& step) {
  std::string text = step.method + " " + step.target + " " + step.version + "\r\n";
  if (!find(step.fields, "Host")) text.append("Host: www.example.com\r\n");
  append_lines(text, step.fields);
  if (!step.body.empty())
    text.append("Content-Length: ").append(std::to_string(step.body.size())).append("\r\n");
  return text.append("\r\n");
}

std::string text_of(const Answer& answer) {
  std::string text = answer.version + " " + std::to_string(answer.status) + " Answer\r\n";
  append_lines(text, answer.fields);
  return text.append("\r\n");
}

std::string text_of(const cache::StoredResponse& response) {
  std::string text;
  for (const std::string_view piece : response.pieces()) text += piece;
  return text;
}

}  // namespace

struct PolicyPlayer::Visit {
  explicit Visit(const Step& told) : step(told), text(text_of(told)) {}

  const Step& step;
  Seen seen;
  std::string text;  // of the request's head; the next one views it
  http::RequestHead request;
  http::Framing framing;
  http::Target target;
  http::RequestCacheControl control;
  cache::CacheKey key;
  StoredPtr found;
  bool has_other_variants = false;
  bool is_hit_for_miss = false;
  std::size_t next_answer = 0;
};

struct PolicyPlayer::Landing {
  StoredPtr response;                      // stored, renewed, or stale instead of an error
  std::optional<http::ResponseHead> head;  // passed on
  std::optional<cache::StoredHead> leaders_head;
  std::string body;
  bool is_stale = false;  // stored, and sent instead of an error
};

PolicyPlayer::PolicyPlayer(Keep keep)
    : keep_(std::move(keep)),
      config_(smallest_config("http://127.0.0.1:1")),
      policy_(config_->unmatched),
      now_{begin_wall, begin_mono} {}

Instant PolicyPlayer::now() const {
  return std::chrono::floor<std::chrono::seconds>(now_.wall);
}

void PolicyPlayer::advance(std::chrono::milliseconds by) {
  now_.wall += by;
  now_.mono += by;
}

Seen PolicyPlayer::exchange(const Step& step) {
  Visit visit(step);
  const auto read = http::parse_request_head(visit.text, {}, visit.request);
  if (read.error != http::HeadError::none) {
    visit.seen.status = http::status_of(read.error);
    return visit.seen;
  }
  visit.framing = http::request_framing(visit.request);
  if (visit.framing.error != http::FramingError::none) {
    visit.seen.status = http::status_of(visit.framing.error);
  } else if (http::request_target(visit.request, "http", visit.target) != http::TargetError::none) {
    visit.seen.status = 400;
  } else {
    visit.control = http::parse_request_cache_control(visit.request.fields);
    answer(visit);
  }
  return visit.seen;
}

// proxy::Exchange::answer and act.
void PolicyPlayer::answer(Visit& visit) {
  if (must_pass(visit)) return pass(visit);
  cache::make_key(visit.target, visit.request.fields, policy_, visit.key);
  look_up(visit);
  const cache::Decision decision = cache::decide(visit.control, visit.found.get(), visit.has_other_variants,
                                                 cache::Validity::valid, policy_, now_.mono);
  switch (cache::with_credentials(visit.request.fields, visit.control, visit.found.get())) {
    case cache::Credentials::heeded:
      break;
    case cache::Credentials::pass:
      return pass(visit);
    case cache::Credentials::refuse:
      visit.seen.status = 504;
      return;
  }
  switch (decision.verdict) {
    case Verdict::use:
      deliver(visit, visit.found, visit.found->head(), true);
      break;
    case Verdict::use_stale_and_refresh:
      deliver(visit, visit.found, visit.found->head(), true);
      refresh(visit);
      break;
    case Verdict::refuse:
      visit.seen.status = 504;
      break;
    case Verdict::revalidate:
    case Verdict::fetch:
      if (asks_for_itself(visit, decision.verdict)) return pass(visit);
      fetch(visit, decision.verdict == Verdict::revalidate);
      break;
  }
}

// proxy::Exchange::reason_to_pass_miss. Parts (cache/part.hpp) are for the sockets: a range of what is not
// stored is passed.
bool PolicyPlayer::asks_for_itself(const Visit& visit, Verdict verdict) {
  const http::Fields& fields = visit.request.fields;
  const bool is_alone = fields.has(http::FieldId::authorization) || visit.is_hit_for_miss;
  if (fields.has(http::FieldId::range) && verdict != Verdict::revalidate) return true;
  return cache::has_condition_for_origin(fields) || (is_alone && !visit.found && cache::has_own_copy(fields));
}

bool PolicyPlayer::must_pass(Visit& visit) const {
  return visit.target.form == http::TargetForm::asterisk || visit.target.is_path_ambiguous ||
         http::removes_other_fields(visit.request.fields) || visit.framing.has_body() ||
         cache::pass_reason(visit.request, visit.control, policy_).has_value();
}

void PolicyPlayer::look_up(Visit& visit) const {
  visit.found = nullptr;
  visit.has_other_variants = false;
  for (const StoredPtr& response : stored_) {
    if (response->key().text != visit.key.text) continue;
    const cache::VarySpec vary = cache::vary_from_text(response->vary());
    const bool is_selected =
        cache::secondary_key(vary, visit.request.fields, policy_.cookies) == response->secondary();
    if (is_selected && (!visit.found || cache::is_preferred(*response, *visit.found, now_.mono)))
      visit.found = response;
    if (!is_selected) visit.has_other_variants = true;
  }
  visit.is_hit_for_miss = std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    const cache::VarySpec vary = cache::vary_from_text(mark.vary);
    return mark.key.text == visit.key.text && mark.expires_at > now_.mono &&
           cache::secondary_key(vary, visit.request.fields, policy_.cookies) == mark.secondary;
  });
}

// The upstream's next answer; nothing when it failed. Beyond its script it fails as well.
std::optional<http::ResponseHead> PolicyPlayer::ask(Visit& visit, bool is_shared,
                                                    const cache::Validation& validation) {
  proxy::Origin origin;
  origin.host = visit.target.host;
  net::Peer peer;
  peer.text = "127.0.0.1";
  proxy::ForwardOptions options;
  options.host = visit.target.host;
  options.query = visit.target.query;
  options.has_query = visit.target.has_query;
  options.is_shared = is_shared;
  options.cookies = is_shared ? &policy_.cookies : nullptr;
  options.validation = validation.is_empty() ? nullptr : &validation;
  base::TextBuffer written;
  proxy::write_request_head(visit.request, visit.target, peer, false, origin, visit.framing, options,
                            written);
  const std::string head(written.view());
  const std::string start = head.substr(0, head.find("\r\n"));
  Asked asked;
  asked.method = start.substr(0, start.find(' '));
  asked.target = start.substr(asked.method.size() + 1, start.rfind(' ') - asked.method.size() - 1);
  asked.fields = lines_of(head);
  const bool is_scripted = visit.next_answer < visit.step.answers.size();
  const auto kind = is_scripted ? visit.step.answers[visit.next_answer].kind : Answer::Kind::close;
  if (kind != Answer::Kind::refuse) visit.seen.asked.push_back(std::move(asked));
  if (kind != Answer::Kind::response) return std::nullopt;
  // The head's fields view the text.
  const std::string text = text_of(visit.step.answers[visit.next_answer++]);
  http::ResponseHead views;
  if (http::parse_response_head(text, {}, views).error != http::HeadError::none) return std::nullopt;
  http::ResponseHead answer = views;
  http::remove_hop_by_hop(answer);
  return answer;
}

// proxy::Exchange::pass.
void PolicyPlayer::pass(Visit& visit) {
  const auto head = ask(visit, false, {});
  if (!head) {
    visit.seen.status = 502;
    return;
  }
  const std::string& body = visit.step.answers[visit.next_answer - 1].body;
  heed_head(visit, *head);
  invalidate(visit, *head);
  keep_answer_to_post(visit, *head, body);
  relay(visit, *head, body);
}

// proxy::Exchange::heed_head.
void PolicyPlayer::heed_head(Visit& visit, const http::ResponseHead& head) {
  if (visit.request.method != http::Method::head || head.status != 200 || !visit.control.no_store) return;
  cache::make_key(visit.target, visit.request.fields, policy_, visit.key);
  look_up(visit);
  if (!visit.found) return;
  std::optional<cache::ResponseDraft> next;
  if (cache::contradicts(head, *visit.found, now_.wall)) {
    next = cache::draft_of(*visit.found);
    next->freshness.lifetime = base::Duration::zero();
  } else if (cache::confirms(head, *visit.found, now_.wall)) {
    const cache::Renewed renewed = cache::renew_beside(*visit.found, fetch_of(visit), head);
    if (renewed.storability.is_storable) next = renewed.landed.response;
  }
  if (next) std::replace(stored_.begin(), stored_.end(), visit.found, cache::freeze(*next));
}

// proxy::Exchange::keep_answer_to_post.
void PolicyPlayer::keep_answer_to_post(Visit& visit, const http::ResponseHead& head,
                                       const std::string& body) {
  const cache::FetchTimes times{now_.mono, now_};
  if (visit.request.method != http::Method::post || visit.target.is_path_ambiguous) return;
  visit.request.method = http::Method::get;
  const bool may_answer = !cache::pass_reason(visit.request, visit.control, policy_) &&
                          cache::answers_get(visit.target, head, policy_, times);
  const cache::Storability storability = cache::storable(visit.request, head, policy_, times);
  const bool is_personal =
      visit.request.fields.has(http::FieldId::authorization) || head.fields.has(http::FieldId::set_cookie);
  if (may_answer && storability.is_storable && !is_personal) {
    cache::make_key(visit.target, visit.request.fields, policy_, visit.key);
    cache::Landed landed = cache::land(fetch_of(visit), head, storability);
    if (landed.response) {
      landed.response->body = cache::Body::complete(body);
      keep(cache::freeze(*landed.response));
    }
  }
  visit.request.method = http::Method::post;
}

// RFC 9111 section 4.4.
void PolicyPlayer::invalidate(const Visit& visit, const http::ResponseHead& head) {
  const bool is_unsafe = cache::invalidates(visit.request.method, head.status);
  if (!is_unsafe || visit.target.form == http::TargetForm::asterisk) return;
  for (const std::string& path : cache::invalidated_paths(visit.target, head.fields)) {
    std::erase_if(stored_, [&](const StoredPtr& response) {
      return response->key().host() == visit.target.host && response->key().path() == path;
    });
    std::erase_if(marks_, [&](const Mark& mark) {
      return mark.key.host() == visit.target.host && mark.key.path() == path;
    });
  }
  cache::CacheKey key;
  cache::make_key(visit.target, visit.request.fields, policy_, key);
  for (const std::string& label : cache::invalidated_groups(head.fields, key)) {
    std::erase_if(stored_, [&label](const StoredPtr& response) {
      return std::find(response->tags().begin(), response->tags().end(), label) != response->tags().end();
    });
  }
}

cache::Validation PolicyPlayer::validation_of(const Visit& visit, bool is_to_be_validated) const {
  std::vector<StoredPtr> variants;
  for (const StoredPtr& response : stored_) {
    if (visit.has_other_variants && response->key().text == visit.key.text) variants.push_back(response);
  }
  return cache::validation_of(visit.found, is_to_be_validated, variants, visit.request.fields);
}

cache::FetchOf PolicyPlayer::fetch_of(const Visit& visit) const {
  static const std::vector<std::string> no_captures;
  return {visit.key, visit.request, no_captures, policy_, {now_.mono, now_}, 0};
}

void PolicyPlayer::fetch(Visit& visit, bool is_to_be_validated) {
  Landing landing = land(visit, validation_of(visit, is_to_be_validated));
  if (landing.response) {
    deliver(visit, landing.response,
            landing.leaders_head ? landing.leaders_head->view() : landing.response->head(), landing.is_stale);
  } else if (landing.head) {
    relay(visit, *landing.head, landing.body);
  } else {
    visit.seen.status = 502;
  }
}

void PolicyPlayer::refresh(Visit& visit) {
  land(visit, validation_of(visit, true));
}

// proxy::Flight::fetch, land_head and land_storable.
PolicyPlayer::Landing PolicyPlayer::land(Visit& visit, const cache::Validation& validation) {
  const auto head = ask(visit, true, validation);
  if (!head) return land_failure(visit, cache::Failure::disconnected);
  if (head->status == 304) {
    if (validation.is_empty()) return land_failure(visit, cache::Failure::answered_badly);
    if (const StoredPtr confirmed = cache::confirmed_by(*head, validation, now_.wall))
      return land_not_modified(visit, *head, validation, confirmed);
    return land(visit, {});
  }
  if (cache::is_error_status(head->status)) {
    Landing stale = land_failure(visit, cache::Failure::answered_badly);
    if (stale.response) return stale;
  }
  const std::string& body = visit.step.answers[visit.next_answer - 1].body;
  const cache::Storability storability = cache::storable(visit.request, *head, policy_, {now_.mono, now_});
  cache::Landed landed;
  if (storability.is_storable) landed = cache::land(fetch_of(visit), *head, storability);
  Landing landing;
  const cache::VarySpec vary = cache::vary_of(head->fields);
  std::string secondary = cache::secondary_key(vary, visit.request.fields, policy_.cookies);
  if (!landed.response) {
    const bool is_of_the_request = cache::is_of_the_request(storability.reason);
    if (!is_of_the_request && vary.is_star) mark_hit_for_miss(visit, {}, {});
    if (!is_of_the_request && !vary.is_star) {
      mark_hit_for_miss(visit, cache::text_of(vary), std::move(secondary));
    }
    const bool speaks_for_others = !visit.request.fields.has(http::FieldId::authorization);
    const bool is_stale =
        visit.found && visit.found->freshness.remaining(now_.mono) <= base::Duration::zero();
    if (is_stale && speaks_for_others && cache::supersedes(head->status, storability.reason))
      remove(visit.found);
    landing.head = head;
    landing.body = body;
    return landing;
  }
  const bool has_body = head->status != 204;
  landed.response->body = cache::Body::complete(has_body ? body : std::string());
  landing.response = cache::freeze(*landed.response);
  landing.leaders_head = std::move(landed.leaders_head);
  keep(landing.response);
  mark_unless_shared(visit, *landing.response);
  return landing;
}

PolicyPlayer::Landing PolicyPlayer::land_not_modified(Visit& visit, const http::ResponseHead& head,
                                                      const cache::Validation& validation,
                                                      const StoredPtr& old) {
  cache::Renewed renewed = cache::renew(*old, fetch_of(visit), head);
  Landing landing;
  landing.response = cache::freeze(*renewed.landed.response);
  landing.leaders_head = std::move(renewed.landed.leaders_head);
  const bool is_kept = renewed.storability.is_storable;
  const bool is_same_variant =
      landing.response->vary() == old->vary() && landing.response->secondary() == old->secondary();
  const bool is_of_the_request = cache::is_of_the_request(renewed.storability.reason);
  if (old == validation.selected && !is_of_the_request && (!is_kept || !is_same_variant)) remove(old);
  if (is_kept) keep(landing.response);
  mark_unless_shared(visit, *landing.response);
  for (const StoredPtr& other : validation.others) {
    if (other->head().etag() != old->head().etag()) continue;
    const cache::Renewed beside = cache::renew_beside(*other, fetch_of(visit), head);
    if (beside.storability.is_storable)
      std::replace(stored_.begin(), stored_.end(), other, cache::freeze(*beside.landed.response));
  }
  return landing;
}

PolicyPlayer::Landing PolicyPlayer::land_failure(const Visit& visit, cache::Failure failure) const {
  Landing landing;
  landing.is_stale =
      visit.found && cache::may_serve_on_error(*visit.found, cache::Validity::valid, failure, now_.mono);
  if (landing.is_stale) landing.response = visit.found;
  return landing;
}

void PolicyPlayer::keep(const StoredPtr& response) {
  std::erase_if(stored_, [&response](const StoredPtr& other) {
    return other->key().text == response->key().text && other->vary() == response->vary() &&
           other->secondary() == response->secondary();
  });
  std::erase_if(marks_, [&response](const Mark& mark) {
    const bool is_of_another_variant =
        mark.vary == response->vary() && mark.secondary != response->secondary();
    return mark.key.text == response->key().text && !is_of_another_variant;
  });
  stored_.insert(stored_.begin(), keep_(response, now_));
}

// proxy::Flight::deliver_stored.
void PolicyPlayer::mark_unless_shared(const Visit& visit, const cache::StoredResponse& response) {
  if (!cache::is_shareable(response.freshness))
    mark_hit_for_miss(visit, std::string(response.vary()), std::string(response.secondary()));
}

// What came of credentials says nothing of who has none.
void PolicyPlayer::mark_hit_for_miss(const Visit& visit, std::string vary, std::string secondary) {
  if (visit.request.fields.has(http::FieldId::authorization)) return;
  marks_.push_back({visit.key, std::move(vary), std::move(secondary), now_.mono + hit_for_miss_lifetime});
}

void PolicyPlayer::remove(const StoredPtr& response) {
  std::erase(stored_, response);
}

// proxy::Exchange::deliver_whole.
void PolicyPlayer::deliver(Visit& visit, const StoredPtr& response, const cache::HeadView& head,
                           bool is_from_store) const {
  Seen& seen = visit.seen;
  seen.is_from_store = is_from_store;
  const http::Fields& fields = visit.request.fields;
  if (cache::is_not_modified(fields, head, now_.wall)) {
    seen.status = 304;
    base::TextBuffer text;
    proxy::write_not_modified_head(head, text);
    deliver_head(visit, std::string(text.view()), response);
    return;
  }
  const std::string body = text_of(*response);
  const http::Selection selection = cache::selection_of(visit.request, head, body.size(), now_.wall);
  switch (selection.kind) {
    case http::Selection::Kind::whole:
      seen.status = head.status;
      if (visit.request.method != http::Method::head) seen.body = body;
      deliver_head(visit, head.text, response);
      break;
    case http::Selection::Kind::parts: {
      const proxy::Partial partial = proxy::make_partial(head, selection.parts, body.size(),
                                                         fields.has(http::FieldId::if_range), "boundary");
      seen.status = 206;
      for (const auto& part : partial.parts) {
        seen.body.append(part.before).append(body, part.range.first, part.range.size);
      }
      seen.body.append(partial.end);
      deliver_head(visit, partial.head, response);
      break;
    }
    case http::Selection::Kind::unsatisfiable:
      seen.status = 416;
      seen.fields.push_back({"Content-Range", "bytes */" + std::to_string(body.size())});
      break;
  }
}

void PolicyPlayer::deliver_head(Visit& visit, std::string_view head, const StoredPtr& response) const {
  visit.seen.fields = lines_of(head);
  const auto age = cache::age_to_send(response->freshness, now_.mono, visit.seen.is_from_store);
  if (age) visit.seen.fields.push_back({"Age", std::to_string(*age)});
}

void PolicyPlayer::relay(Visit& visit, const http::ResponseHead& head, const std::string& body) const {
  base::TextBuffer text;
  proxy::write_response_head(head, false, now_.wall, text);
  visit.seen.status = head.status;
  visit.seen.fields = lines_of(std::string(text.view()));
  const bool has_body = http::response_framing(head, visit.request.method).kind != http::BodyKind::none;
  if (has_body) visit.seen.body = body;
}

}  // namespace conformance
