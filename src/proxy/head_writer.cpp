#include "proxy/head_writer.hpp"

#include <algorithm>

#include "larder/base/hash.hpp"
#include "larder/base/text.hpp"
#include "larder/cache/request_cookies.hpp"
#include "larder/http/date.hpp"
#include "proxy/head_lines.hpp"
#include "proxy/proxy_claims.hpp"

namespace larder::proxy {
namespace {

using http::FieldId;

template <typename Text>
void append_line(Text& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// The part of the target before the query, as the client sent it.
std::string_view raw_path(const http::RequestHead& request, const http::Target& target) {
  std::string_view path = request.target;
  if (target.form == http::TargetForm::absolute) {
    const std::size_t authority = path.find("//") + 2;
    const std::size_t begin = path.find_first_of("/?", authority);
    path = begin == std::string_view::npos ? std::string_view() : path.substr(begin);
  }
  path = path.substr(0, path.find('?'));
  return path.empty() ? std::string_view("/") : path;
}

// The value of a parameter of an element of Forwarded (RFC 7239 section 4).
std::string_view forwarded_parameter(std::string_view element, std::string_view name) {
  while (!element.empty()) {
    const std::size_t end = element.find(';');
    const std::string_view pair = base::trim(element.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        base::equals_ignoring_case(base::trim(pair.substr(0, equals)), name)) {
      std::string_view value = base::trim(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return value;
    }
    element = end == std::string_view::npos ? std::string_view() : element.substr(end + 1);
  }
  return {};
}

// RFC 9112 section 3.2.4: "the last proxy on the request chain MUST send a request-target of "*"".
bool is_for_the_server(const http::RequestHead& request, const http::Target& target) {
  if (target.form == http::TargetForm::asterisk) return true;
  if (request.method != http::Method::options || target.form != http::TargetForm::absolute) return false;
  return request.target.find_first_of("/?", request.target.find("//") + 2) == std::string_view::npos;
}

std::string_view last_member(std::string_view list) {
  const std::size_t comma = list.rfind(',');
  return base::trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

// The last member of X-Forwarded-For that is no trusted proxy's: what stands before it is hearsay.
std::string_view client_of_chain(std::string_view chain, const std::vector<config::Network>& trusted) {
  while (!chain.empty()) {
    const std::string_view member = last_member(chain);
    const auto ip = config::parse_ip(member);
    const std::size_t comma = chain.rfind(',');
    if (!ip || !config::contains(trusted, *ip) || comma == std::string_view::npos) return member;
    chain = chain.substr(0, comma);
  }
  return {};
}

// Requests inside such a tunnel would be seen by no rule of ours: "h2c" (RFC 7540 section 3.2), "HTTP/2.0",
// "TLS/1.2" (RFC 2817).
bool carries_requests(std::string_view protocol) {
  const std::string_view name = protocol.substr(0, protocol.find('/'));
  constexpr std::string_view names[] = {"h2c", "h2", "http", "tls"};
  return std::any_of(std::begin(names), std::end(names),
                     [name](std::string_view other) { return base::equals_ignoring_case(name, other); });
}

// RFC 9110 section 7.6.2; a value of 0 has been answered already. Any number of digits.
void count_max_forwards_down(http::Fields& fields, http::Method method) {
  if (method != http::Method::options && method != http::Method::trace) return;
  std::string digits(fields.find(FieldId::max_forwards).value_or(""));
  const std::size_t last = digits.find_last_not_of('0');
  if (last == std::string::npos || digits.find_first_not_of("0123456789") != std::string::npos) return;
  --digits[last];
  std::fill(digits.begin() + static_cast<std::ptrdiff_t>(last) + 1, digits.end(), '9');
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  fields.set(FieldId::max_forwards, std::string_view(digits).substr(first));
}

// RFC 9110 section 10.1.1: "MUST ignore that expectation" in a request of HTTP/1.0; and a client "MUST NOT
// generate a 100-continue expectation in a request that does not include content".
void remove_void_expectation(http::Fields& fields, int minor_version, bool has_body) {
  const auto expectation = fields.find(FieldId::expect);
  if (!expectation) return;
  const bool is_continue = base::equals_ignoring_case(*expectation, "100-continue");
  if (minor_version == 0 || (is_continue && !has_body)) fields.remove(FieldId::expect);
}

// RFC 7239 section 6: IPv6 addresses are bracketed and quoted.
std::string forwarded_node(const net::Peer& peer) {
  if (peer.is_unix) return "_unix";
  return peer.text.find(':') == std::string::npos ? peer.text : "\"[" + peer.text + "]\"";
}

constexpr FieldId forwarding_fields[] = {FieldId::x_forwarded_for, FieldId::x_forwarded_proto,
                                         FieldId::x_forwarded_host, FieldId::forwarded};

bool is_forwarding_field(FieldId id) {
  return std::find(std::begin(forwarding_fields), std::end(forwarding_fields), id) !=
         std::end(forwarding_fields);
}

// A trusted peer's chain is continued, another's is replaced: the upstream believes these fields. Where
// nobody asks, no address is named: pages differ by it (Django's INTERNAL_IPS), and of none of them is it
// right.
void append_forwarding_fields(const http::Fields& fields, const net::Peer& peer, bool is_trusted,
                              std::string_view scheme, std::string_view host, base::TextBuffer& out) {
  std::string chain;
  std::string forwarded;
  if (is_trusted) {
    chain = fields.joined(FieldId::x_forwarded_for).value_or("");
    forwarded = fields.joined(FieldId::forwarded).value_or("");
  }
  if (!peer.text.empty()) {
    out.append("X-Forwarded-For: ").append(chain).append(chain.empty() ? "" : ", ");
    out.append(peer.is_unix ? std::string_view("127.0.0.1") : peer.text).append("\r\n");
  }
  append_line(out, "X-Forwarded-Proto", scheme);
  append_line(out, "X-Forwarded-Host", host);
  out.append("Forwarded: ").append(forwarded).append(forwarded.empty() ? "" : ", ");
  if (!peer.text.empty()) out.append("for=").append(forwarded_node(peer)).append(";");
  out.append("host=\"").append(host).append("\";proto=").append(scheme).append("\r\n");
}

// RFC 9110 section 15.4.5: what a 304 leaves out of the head that the 200 has.
bool belongs_in_not_modified(std::string_view name, bool has_etag) {
  switch (http::field_id(name)) {
    case FieldId::content_type:
    case FieldId::content_encoding:
    case FieldId::content_range:
      return false;
    case FieldId::last_modified:
      return !has_etag;
    default:
      return !base::equals_ignoring_case(name, "Content-Language");
  }
}

}  // namespace

void read_origin(const http::RequestHead& request, const net::Peer& peer, bool is_trusted,
                 const std::vector<config::Network>& trusted, Origin& origin) {
  origin.is_host_believed = false;
  if (!is_trusted) {
    base::assign_if_other(origin.client, peer.text);
    return;
  }
  const std::string forwarded = request.fields.joined(FieldId::forwarded).value_or("");
  const std::string_view nearest = last_member(forwarded);
  const auto proto_field = request.fields.joined(FieldId::x_forwarded_proto);
  const std::string_view proto =
      proto_field ? last_member(*proto_field) : forwarded_parameter(nearest, "proto");
  if (base::equals_ignoring_case(proto, "https")) origin.scheme = "https";
  if (base::equals_ignoring_case(proto, "http")) origin.scheme = "http";
  const auto host_field = request.fields.joined(FieldId::x_forwarded_host);
  const std::string_view host = host_field ? last_member(*host_field) : forwarded_parameter(nearest, "host");
  if (!host.empty()) {
    if (auto normalised = http::normalise_host(host, origin.scheme)) {
      origin.host = std::move(*normalised);
      origin.is_host_believed = true;
    }
  }
  const auto for_field = request.fields.joined(FieldId::x_forwarded_for);
  const std::string_view client =
      for_field ? client_of_chain(*for_field, trusted) : forwarded_parameter(nearest, "for");
  origin.client.assign(client.empty() ? std::string_view(peer.text) : client);
}

// RFC 9110 section 7.6.3: received-protocol RWS received-by [ RWS comment ].
unsigned larders_before(const http::Fields& request) {
  unsigned count = 0;
  http::for_each_member(request, FieldId::via, [&count](std::string_view member) {
    const std::size_t space = std::min(member.find_first_of(" \t"), member.size());
    const std::string_view rest = base::trim(member.substr(space));
    if (base::equals_ignoring_case(rest.substr(0, rest.find_first_of(" \t(")), "larder")) ++count;
  });
  return count;
}

std::string tunnelled_protocols(const http::Fields& request) {
  std::string kept;
  http::for_each_member(request, FieldId::upgrade, [&kept](std::string_view protocol) {
    if (carries_requests(protocol)) return;
    if (!kept.empty()) kept.append(", ");
    kept.append(protocol);
  });
  return kept;
}

void write_request_head(const http::RequestHead& request, const http::Target& target, const net::Peer& peer,
                        bool is_trusted, const Origin& origin, const http::Framing& framing,
                        const ForwardOptions& options, base::TextBuffer& out) {
  http::Fields fields = http::Fields::views_of(request.fields);
  const std::string upgrade = options.keeps_upgrade ? tunnelled_protocols(fields) : "";
  const bool wants_trailers = http::has_token(fields, FieldId::te, "trailers");
  http::remove_hop_by_hop(fields);
  fields.remove(FieldId::host);
  if (options.is_shared) cache::remove_conditions(fields);
  if (!options.range.empty()) fields.set(FieldId::range, options.range);
  if (options.validation) cache::set_validators(*options.validation, fields);
  if (options.cookies) cache::remove_ignored_cookies(fields, *options.cookies);
  if (options.cookies && options.drops_unkeyed_cookies)
    cache::remove_unkeyed_cookies(fields, *options.cookies);
  count_max_forwards_down(fields, request.method);
  remove_void_expectation(fields, request.minor_version, framing.has_body());
  remove_claims(fields, is_trusted, options.is_shared);

  out.append(options.is_shared ? "GET" : request.method_text).append(" ");
  if (is_for_the_server(request, target)) {
    out.append("*");
  } else {
    // As the key spells it: what is stored must not depend on who asked first.
    out.append(options.is_shared ? target.path : raw_path(request, target));
    if (options.has_query) out.append("?").append(options.query);
  }
  out.append(" HTTP/1.1\r\n");
  append_line(out, "Host", options.host);
  for (const http::Field& field : fields) {
    if (field.id == FieldId::content_length || is_forwarding_field(field.id)) continue;
    append_line(out, field.name, field.value);
  }
  // The host that the key knows, not the alias that happened to ask.
  append_forwarding_fields(fields, peer, is_trusted, origin.scheme, options.host, out);
  // Written anew: "5, 5" was one length, but the next reader might disagree.
  if (framing.kind == http::BodyKind::length && !options.is_shared)
    append_line(out, "Content-Length", std::to_string(framing.length));
  if (framing.kind == http::BodyKind::chunked) append_line(out, "Transfer-Encoding", "chunked");
  append_line(out, "Via", request.minor_version == 0 ? "1.0 larder" : "1.1 larder");
  if (!upgrade.empty()) {
    append_line(out, "Connection", "upgrade");
    append_line(out, "Upgrade", upgrade);
  } else if (wants_trailers) {
    append_line(out, "Connection", "TE");
    append_line(out, "TE", "trailers");
  }
  out.append("\r\n");
}

std::string write_interim_head(const http::ResponseHead& head) {
  http::Fields fields = http::Fields::views_of(head.fields);
  const std::string upgrade = fields.joined(FieldId::upgrade).value_or("");
  http::remove_hop_by_hop(fields);
  fields.remove(FieldId::content_length);  // RFC 9110 section 8.6
  std::string out = "HTTP/1.1 " + std::to_string(head.status) + " ";
  out.append(head.reason).append("\r\n");
  for (const http::Field& field : fields) append_line(out, field.name, field.value);
  if (head.status == 101) {
    append_line(out, "Connection", "upgrade");
    if (!upgrade.empty()) append_line(out, "Upgrade", upgrade);
  }
  out.append("\r\n");
  return out;
}

void write_response_head(const http::ResponseHead& head, bool keeps_tags, base::WallTime now,
                         base::TextBuffer& out) {
  out.append("HTTP/1.1 ").append_number(head.status).append(" ").append(head.reason).append("\r\n");
  for (const http::Field& field : head.fields) {
    const bool is_tag = field.id == FieldId::surrogate_key || field.id == FieldId::cache_tag ||
                        field.id == FieldId::cache_groups;
    if (field.id == FieldId::content_length || (is_tag && !keeps_tags)) continue;
    append_line(out, field.name, field.value);
  }
  append_line(out, "Via", head.minor_version == 0 ? "1.0 larder" : "1.1 larder");
  // RFC 9110 section 7.8: who sends the one sends the other.
  if (head.fields.has(FieldId::upgrade)) append_line(out, "Connection", "upgrade");
  if (!head.fields.has(FieldId::date)) {
    const http::DateText date = http::format_date(now);
    append_line(out, "Date", {date.data(), date.size()});
  }
}

void write_not_modified_head(const cache::HeadView& stored, base::TextBuffer& out) {
  out.append("HTTP/1.1 304 Not Modified\r\n");
  const bool has_etag = !stored.etag().empty();
  append_lines_if(stored.text, out,
                  [has_etag](std::string_view name) { return belongs_in_not_modified(name, has_etag); });
}

std::string entity_tag_of(std::span<const std::string_view> pieces) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string tag;
  std::uint64_t hash = base::hash64(pieces);
  for (int i = 0; i < 16; ++i, hash >>= 4) tag.push_back(digits[hash & 15]);
  std::uint64_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  return tag + "-" + std::to_string(size);
}

}  // namespace larder::proxy
