// What an exchange tells of itself in Age and Cache-Status (RFC 9211).
#include "larder/base/put.hpp"
#include "larder/cache/delivery.hpp"
#include "larder/config/address.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {
namespace {

using base::put;
using base::put_signed;
using cache::Reason;

// More than the names, words and numbers of Age and Cache-Status come to, and what put_plain() needs.
constexpr std::size_t texts_max = 256;

std::int64_t whole_seconds(base::Duration duration) {
  return std::chrono::floor<std::chrono::seconds>(duration).count();
}

// What the look-up found, in the words of RFC 9211 section 2.2.
std::string_view forward_reason(const cache::Decision& decision) {
  switch (decision.reason) {
    case Reason::absent:
      return "uri-miss";
    case Reason::variant_absent:
      return "vary-miss";
    case Reason::part_missing:
      return "partial";
    case Reason::purged:
      return "miss";
    case Reason::unverified:
      return decision.verdict == cache::Verdict::revalidate ? "stale" : "miss";
    case Reason::response_no_cache:
      return "stale";
    default:
      // What is fresh was kept from use by the request: its directives, conditions or credentials.
      return decision.is_stale ? "stale" : "request";
  }
}

// The most that a byte of a String becomes.
constexpr std::size_t escaped_size_max = 3;

// A String of RFC 9651 section 3.3.3. What it cannot hold a URL should not either: it is escaped as there.
char* put_string(char* out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  *out++ = '"';
  for (;;) {
    out = base::put_plain(out, text);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte == '"' || byte == '\\') {
      *out++ = '\\';
      *out++ = text.front();
    } else {
      *out++ = '%';
      *out++ = digits[byte >> 4U];
      *out++ = digits[byte & 0xfU];
    }
    text.remove_prefix(1);
  }
  *out++ = '"';
  return out;
}

// What the `fwd` value says already needs no `detail`.
bool is_plain(Reason reason) {
  return reason == Reason::none || reason == Reason::fresh || reason == Reason::absent ||
         reason == Reason::variant_absent || reason == Reason::part_missing || reason == Reason::stale ||
         reason == Reason::method;
}

}  // namespace

// Age and Cache-Status (RFC 9211) into extra_. `response`: the stored one that is sent; null for what is only
// passed.
void Exchange::describe(const cache::StoredResponse* response) {
  extra_.clear();
  record_.fetched_at.reset();
  if (response) record_.fetched_at = response->sequence;
  const auto age =
      response ? cache::age_to_send(response->freshness, now_.mono, is_from_store()) : std::nullopt;
  char* out = extra_.room(texts_max);
  if (age) out = put(put_signed(put(out, "Age: "), *age), "\r\n");
  extra_.extend_to(put_way(put(out, "Cache-Status: larder")));
  if (kept_) describe_kept();
  out = extra_.room(texts_max);
  if (response && (is_from_store() || is_in_store_)) {
    // Age and ttl add up to the lifetime. A soft purge ends freshness at once, whatever is left of it.
    const std::int64_t remaining = whole_seconds(response->freshness.lifetime) - age.value_or(0);
    const bool is_cut_short = validity_ == cache::Validity::soft_outdated && is_from_store() && remaining > 0;
    out = put_signed(put(out, "; ttl="), is_cut_short ? 0 : remaining);
  }
  const Reason detail = detail_ != Reason::none ? detail_ : record_.reason;
  if (!is_plain(detail)) out = put(put(out, "; detail="), obs::name_of(detail));
  extra_.extend_to(out);
  // For operators: it shows what the key leaves out and adds, and a visitor's cookies are not in it.
  if ((looked_up_ || kept_) && may_see_key()) {
    const std::string_view url = std::string_view(key_.text).substr(0, key_.url_end);
    out = put(extra_.room(texts_max + url.size() * escaped_size_max), "; key=");
    extra_.extend_to(put_string(out, url));
  }
  extra_.append("\r\n");
}

bool Exchange::is_from_store() const noexcept {
  return record_.result == obs::Result::hit || record_.result == obs::Result::stale;
}

// What was asked, and what came of it: all of Cache-Status that is no number and no detail.
char* Exchange::put_way(char* out) const {
  if (is_from_store() && !stands_in_) return put(out, "; hit");
  if (looked_up_) {
    out = put(put(out, "; fwd="), forward_reason(*looked_up_));
  } else {
    out = record_.reason == Reason::method ? put(out, "; fwd=method") : put(out, "; fwd=bypass");
  }
  if (upstream_status_ > 0) out = put_signed(put(out, "; fwd-status="), upstream_status_);
  if (is_in_store_ || kept_) out = put(out, "; stored");
  return joined_ ? put(out, "; collapsed") : out;
}

// The visitor himself, where a proxy that is believed stands before him.
bool Exchange::may_see_key() const {
  if (!wire_.is_peer_operator()) return false;
  if (!wire_.is_peer_trusted() || origin_.client == wire_.peer().text) return true;
  const auto client = config::parse_ip(origin_.client);
  return client && config::contains(snapshot_->admin_listener.allow, *client);
}

}  // namespace larder::proxy
