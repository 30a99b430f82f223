// What an exchange tells of itself in Age and Cache-Status (RFC 9211).
#include "larder/base/lanes.hpp"
#include "larder/cache/delivery.hpp"
#include "larder/config/address.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;

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

// A String of RFC 9651 section 3.3.3. What it cannot hold a URL should not either: it is escaped as there.
void append_string(base::TextBuffer& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out.append('"');
  while (!text.empty()) {
    const std::size_t plain = base::bytes_before(
        text.data(), text.data() + text.size(),
        [](base::Lanes bytes) { return bytes.outside(' ', '~') | bytes.equal('"') | bytes.equal('\\'); });
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[plain]);
    if (byte == '"' || byte == '\\') {
      out.append('\\').append(text[plain]);
    } else {
      out.append('%').append(digits[byte >> 4U]).append(digits[byte & 0xfU]);
    }
    text.remove_prefix(plain + 1);
  }
  out.append('"');
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
  const bool from_store = record_.result == obs::Result::hit || record_.result == obs::Result::stale;
  extra_.clear();
  record_.fetched_at.reset();
  if (response) record_.fetched_at = response->sequence;
  const auto age = response ? cache::age_to_send(response->freshness, now_.mono, from_store) : std::nullopt;
  if (age) extra_.append("Age: ").append_number(*age).append("\r\n");
  if (from_store && !stands_in_) {
    extra_.append("Cache-Status: larder; hit");
  } else {
    extra_.append("Cache-Status: larder");
    if (looked_up_) {
      extra_.append("; fwd=").append(forward_reason(*looked_up_));
    } else {
      extra_.append(record_.reason == Reason::method ? "; fwd=method" : "; fwd=bypass");
    }
    if (upstream_status_ > 0) extra_.append("; fwd-status=").append_number(upstream_status_);
    if (is_in_store_ || kept_) extra_.append("; stored");
    if (joined_) extra_.append("; collapsed");
  }
  if (kept_) describe_kept();
  if (response && (from_store || is_in_store_)) {
    // Age and ttl add up to the lifetime. A soft purge ends freshness at once, whatever is left of it.
    const std::int64_t remaining = whole_seconds(response->freshness.lifetime) - age.value_or(0);
    const bool is_cut_short = validity_ == cache::Validity::soft_outdated && from_store && remaining > 0;
    extra_.append("; ttl=").append_number(is_cut_short ? 0 : remaining);
  }
  const Reason detail = detail_ != Reason::none ? detail_ : record_.reason;
  if (!is_plain(detail)) extra_.append("; detail=").append(obs::name_of(detail));
  // For operators: it shows what the key leaves out and adds, and a visitor's cookies are not in it.
  if ((looked_up_ || kept_) && may_see_key()) {
    extra_.append("; key=");
    append_string(extra_, std::string_view(key_.text).substr(0, key_.url_end));
  }
  extra_.append("\r\n");
}

// The visitor himself, where a proxy that is believed stands before him.
bool Exchange::may_see_key() const {
  if (!wire_.is_peer_operator()) return false;
  if (!wire_.is_peer_trusted() || origin_.client == wire_.peer().text) return true;
  const auto client = config::parse_ip(origin_.client);
  return client && config::contains(snapshot_->admin_listener.allow, *client);
}

}  // namespace larder::proxy
