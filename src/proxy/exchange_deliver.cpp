// What an exchange sends: stored responses, whole or growing, 304s, relayed responses, errors of ours.
#include <algorithm>
#include <array>

#include "larder/base/text.hpp"
#include "larder/cache/delivery.hpp"
#include "larder/http/date.hpp"
#include "larder/http/range.hpp"
#include "proxy/exchange.hpp"
#include "proxy/log_out.hpp"
#include "proxy/partial.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;
using http::FieldId;

// Bytes handed to the wire before it is flushed.
constexpr std::uint64_t burst_size_max = 256 * 1024;
constexpr std::size_t burst_pieces_max = 16;

int status_for(Reason reason) {
  switch (reason) {
    case Reason::connect_timeout:
    case Reason::first_byte_timeout:
    case Reason::between_bytes_timeout:
    case Reason::only_if_cached:
      return 504;
    case Reason::queue_full:
    case Reason::queue_timeout:
      return 503;
    case Reason::internal_error:
      return 500;
    case Reason::bad_request:
      return 400;
    case Reason::request_timeout:
      return 408;
    case Reason::request_too_large:
      return 413;
    default:
      return 502;
  }
}

}  // namespace

bool Exchange::deliver_from_memory() {
  return part_ ? deliver_part() : deliver_whole(found_.response);
}

// False when the body still grows: it must be streamed.
bool Exchange::deliver_whole(const cache::StoredPtr& response) {
  // A stored Set-Cookie acts on each client that gets it.
  const cache::HeadView head = response->head();
  if (head.sets_cookie) note_log_out(site_, *snapshot_, request_->fields, cache::origin_head(head).fields);
  if (cache::is_not_modified(request_->fields, head, now_.wall)) {
    begin_not_modified(response);
    finish_record(304);
    return true;
  }
  if (!response->is_whole()) return false;
  if (request_->fields.has(FieldId::range) && deliver_range(response)) return true;
  const bool has_length = head.status != 204;
  begin_stored(*response, {has_length ? BodySize::Kind::known : BodySize::Kind::none, response->body_size()});
  for (const std::string_view piece : response->pieces()) wire_.body(piece, response->body());
  wire_.end(no_trailers);
  finish_record(head.status);
  return true;
}

// False when the whole is to be sent.
bool Exchange::deliver_range(const cache::StoredPtr& response) {
  const cache::HeadView head = response->head();
  const std::uint64_t size = response->body_size();
  const http::Selection selection = cache::selection_of(*request_, head, size, now_.wall);
  if (selection.kind == http::Selection::Kind::whole) return false;
  describe(response.get());
  if (selection.kind == http::Selection::Kind::unsatisfiable) {
    extra_.append("Content-Range: bytes */").append_number(static_cast<std::int64_t>(size)).append("\r\n");
    respond_text(416, "range not satisfiable", extra_.view());
    return true;
  }
  const bool is_multipart = selection.parts.size() > 1;
  const auto partial = std::make_shared<const Partial>(
      make_partial(head, selection.parts, size, request_->fields.has(FieldId::if_range),
                   is_multipart ? new_boundary() : std::string()));
  wire_.begin(partial->head, extra_.view(), {BodySize::Kind::known, partial->size}, partial);
  for (const Partial::Part& part : partial->parts) {
    wire_.body(part.before, partial);
    send_bytes(*response, part.range);
  }
  wire_.body(partial->end, partial);
  wire_.end(no_trailers);
  finish_record(206);
  return true;
}

// Views of the pieces of a large body, which it keeps alive; those of a small one are copied.
void Exchange::send_bytes(const cache::StoredResponse& response, const http::ByteRange& range) {
  std::uint64_t skipped = range.first;
  std::uint64_t missing = range.size;
  for (const std::string_view piece : response.pieces()) {
    if (missing == 0) break;
    const std::size_t begin = std::min<std::uint64_t>(skipped, piece.size());
    const std::string_view view = piece.substr(begin, missing);
    wire_.body(view, response.body());
    skipped -= begin;
    missing -= view.size();
  }
}

void Exchange::begin_stored(const cache::StoredResponse& response, BodySize size) {
  describe(&response);
  wire_.begin(response.head_text(), extra_.view(), size, nullptr);
}

void Exchange::begin_not_modified(const cache::StoredPtr& response) {
  describe(response.get());
  head_.clear();
  write_not_modified_head(response->head(), head_);
  wire_.begin(head_.view(), extra_.view(), {}, nullptr);
  wire_.end(no_trailers);
}

// False: more of it is to come, for deliver_rest().
bool Exchange::deliver_landing(const Landing& landing) {
  now_ = site_.clock.now();
  upstream_status_ = landing.upstream_status;
  if (landing.upstream_us > 0) record_.upstream_us = landing.upstream_us;
  is_in_store_ = landing.is_in_store;
  switch (landing.kind) {
    case Landing::Kind::stored:
      record_.result = joined_ ? obs::Result::collapsed : obs::Result::miss;
      if (landing.is_revalidated) record_.result = obs::Result::revalidated;
      if (landing.is_stale) {
        record_.result = obs::Result::stale;
        stands_in_ = true;
        is_in_store_ = joined_ = false;
      }
      detail_ = landing.reason;
      if (landing.is_in_store) hand_on_uses(landing.response);
      if (deliver_whole(landing.response)) return true;
      if (landing.reader) return false;
      respond_error(Reason::reader_too_slow);
      return true;
    case Landing::Kind::mine:
      record_.result = obs::Result::pass;
      detail_ = landing.reason;
      if (!leaves_unread()) return relay(*landing.exchange);
      end_errand(ErrandNote::End::not_kept, landing.upstream_status);
      return true;
    case Landing::Kind::alone:
    case Landing::Kind::again:
    case Landing::Kind::failed:
      break;
  }
  respond_error(landing.reason);
  return true;
}

net::Task<void> Exchange::deliver_rest(Landing& landing) {
  if (landing.kind == Landing::Kind::mine) return relay_rest(*landing.exchange);
  return stream(landing.response, std::move(*landing.reader));
}

// A growing body, as it arrives: what is there at once, then each piece when it comes.
net::Task<void> Exchange::stream(cache::StoredPtr response, cache::Body::Reader reader) {
  const auto expected = response->body()->expected_size();
  begin_stored(*response,
               expected ? BodySize{BodySize::Kind::known, *expected} : BodySize{BodySize::Kind::unknown, 0});
  bool is_sent = co_await wire_.flush();
  const bool wants_body = request_->method != http::Method::head;
  wire_.watch([this] {
    is_gone_ = true;
    wire_.notifier().notify();
  });
  std::optional<Reason> failure;
  while (is_sent && wants_body && !is_gone_ && !reader.is_done()) {
    std::array<std::string_view, burst_pieces_max> pieces;
    const std::size_t count = reader.peek(pieces, burst_size_max);
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      wire_.body(pieces[i], response->body());
      size += pieces[i].size();
    }
    if (size > 0) {
      is_sent = co_await wire_.flush();
      reader.consume(size);
      continue;
    }
    failure = reader.failure();
    if (failure) break;
    if (reader.wait(wire_.wake())) co_await wire_.notifier().wait();
  }
  reader.cancel_wait();
  wire_.unwatch();
  if (failure) {
    record_.reason = *failure;
    wire_.break_off();
  } else if (is_gone_ || !is_sent) {
    record_.reason = Reason::client_gone;
    wire_.break_off();
  } else {
    wire_.end(no_trailers);
  }
  finish_record(response->status());
}

// A response that is this exchange's alone, passed on as it comes. False: more of it is to come, for
// relay_rest().
bool Exchange::relay(upstream::Exchange& upstream) {
  const http::ResponseHead& head = upstream.head();
  head_.clear();
  write_response_head(head, policy_->downstream.keep_tags, now_.wall, head_);
  describe(nullptr);
  const http::Framing& framing = upstream.framing();
  const bool is_head = request_->method == http::Method::head;
  BodySize size;
  if (framing.kind == http::BodyKind::length) {
    size = {BodySize::Kind::known, framing.length};
  } else if (framing.kind != http::BodyKind::none) {
    size = {BodySize::Kind::unknown, 0};
  } else if (is_head && head.status != 204) {
    // What the GET would have had; but no 204 has a length (RFC 9110 section 8.6).
    const auto length = base::parse_uint(head.fields.find(FieldId::content_length).value_or(""));
    if (length) size = {BodySize::Kind::known, *length};
  }
  wire_.begin(head_.view(), extra_.view(), size, nullptr);
  const std::optional<std::string_view> whole_body = is_head ? std::nullopt : upstream.take_whole_body();
  if (!whole_body) return false;
  if (kept_) keep_piece(*whole_body, framing);
  wire_.body(*whole_body, nullptr);
  end_relay(upstream, true);
  return true;
}

net::Task<void> Exchange::relay_rest(upstream::Exchange& upstream) {
  // The head goes out before there is any body: an event stream may have none for long. What came with the
  // head goes with it.
  const bool has_body_bytes =
      upstream.framing().kind != http::BodyKind::chunked && !upstream.unread().empty();
  bool was_sent = true;
  if (!has_body_bytes) was_sent = co_await wire_.flush();
  if (was_sent) {
    const bool is_whole = co_await relay_body(upstream);
    end_relay(upstream, is_whole);
  } else {
    record_.reason = Reason::client_gone;
    wire_.break_off();
    finish_record(upstream.head().status);
  }
}

void Exchange::end_relay(upstream::Exchange& upstream, bool is_whole) {
  const int status = upstream.head().status;
  if (is_whole) {
    if (kept_) keep_whole();
    wire_.end(upstream.trailers());
    upstream.finish();
  } else {
    wire_.break_off();
  }
  finish_record(status);
}

net::Task<bool> Exchange::relay_body(upstream::Exchange& upstream) {
  // A HEAD that was fetched as a GET has a body that nobody wants.
  if (request_->method == http::Method::head) co_return true;
  const Watch watch(wire_, [this, &upstream] {
    is_gone_ = true;
    upstream.abort();
  });
  bool is_whole = false;
  for (;;) {
    const upstream::Exchange::BodyStep step = co_await upstream.read_body();
    if (step.failure != Reason::none) {
      record_.reason = is_gone_ ? Reason::client_gone : step.failure;
      break;
    }
    if (step.is_done) {
      is_whole = true;
      break;
    }
    if (kept_) keep_piece(step.data, upstream.framing());
    wire_.body(step.data, nullptr);
    const bool was_sent = co_await wire_.flush();
    if (!was_sent) {
      record_.reason = Reason::client_gone;
      break;
    }
  }
  co_return is_whole;
}

void Exchange::respond_error(Reason reason) {
  record_.result = obs::Result::error;
  if (reason != Reason::only_if_cached) detail_ = reason;
  const int status = status_for(reason);
  std::string more;
  if (status == 503) more = "Retry-After: 1\r\n";
  const bool was_forwarded = reason != Reason::only_if_cached && reason != Reason::queue_full &&
                             reason != Reason::queue_timeout && reason != Reason::request_too_large;
  if (was_forwarded) {
    describe(nullptr);
    more.append(extra_.view());
  } else {
    more.append("Cache-Status: larder; detail=").append(obs::name_of(reason)).append("\r\n");
  }
  record_.reason = reason;
  respond_text(status, obs::name_of(reason), more);
}

void Exchange::refuse(int status, Reason reason, std::string_view why) {
  record_.result = obs::Result::refused;
  record_.reason = reason;
  wire_.close_after();
  std::string more = "Cache-Status: larder; detail=";
  more.append(obs::name_of(reason)).append("\r\n");
  if (status == 405) more.append("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
  respond_text(status, why, more);
}

void Exchange::respond_text(int status, std::string_view text, std::string_view more) {
  std::string body(text);
  body.push_back('\n');
  respond(status, "text/plain; charset=utf-8", body, more);
}

// An answer of our own. `body` is copied.
void Exchange::respond(int status, std::string_view content_type, std::string_view body,
                       std::string_view more) {
  std::string head = "HTTP/1.1 ";
  head.append(std::to_string(status));
  head.append(" ").append(http::reason_phrase(status)).append("\r\nDate: ");
  const http::DateText date = http::format_date(now_.wall);
  head.append(date.data(), date.size());
  head.append("\r\nContent-Type: ").append(content_type);
  head.append("\r\nCache-Control: no-store\r\nVia: 1.1 larder\r\n");
  wire_.begin(head, more, {BodySize::Kind::known, body.size()}, nullptr);
  const auto owned = std::make_shared<const std::string>(body);
  wire_.body(*owned, owned);
  wire_.end(no_trailers);
  finish_record(status);
}

void Exchange::refuse_head(int status, std::string_view why) {
  static const http::RequestHead unreadable;
  reset(unreadable);
  resolve_origin();
  refuse(status, Reason::bad_request, why);
}

void Exchange::refuse_timeout() {
  static const http::RequestHead unreadable;
  reset(unreadable);
  resolve_origin();
  refuse(408, Reason::request_timeout, "the request head took too long");
}

void Exchange::record_client_gone() {
  record_.reason = Reason::client_gone;
  finish_record(499);  // nginx's number for it; never sent
}

void Exchange::finish_record(int status) {
  record_.status = status;
  record_.bytes_sent = status == 499 ? 0 : wire_.body_bytes_sent();
  record_.duration_us = static_cast<std::uint64_t>((site_.clock.exact() - started_).count());
  if (!errand_) {
    worker_.observer().record(record_);
    return;
  }
  errand_->record = record_;
  errand_->detail = detail_;
  errand_->is_in_store = is_in_store_;
  errand_->is_stale = stands_in_;
}

}  // namespace larder::proxy
