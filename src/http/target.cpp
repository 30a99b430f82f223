#include "larder/http/target.hpp"

#include <algorithm>

#include "characters.hpp"
#include "host.hpp"
#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"
#include "path.hpp"

namespace larder::http {
namespace {

// But for the host, which a connection's next request mostly has as well.
void clear(Target& target) {
  target.form = TargetForm::origin;
  target.scheme = {};
  target.path.clear();
  target.query.clear();
  target.has_query = false;
  target.is_path_ambiguous = false;
}

TargetError write_path_and_query(std::string_view text, Target& target) {
  // Most paths have neither an escape nor a dot.
  const std::size_t plain = base::bytes_before(text.data(), text.data() + text.size(), [](base::Lanes bytes) {
    return bytes.equal('?') | bytes.equal('%') | bytes.equal('.');
  });
  const std::string_view rest = text.substr(plain);
  const std::size_t question = plain + std::min(rest.find('?'), rest.size());
  target.has_query = question != text.size();
  if (target.has_query) target.query.assign(text.substr(question + 1));
  const std::string_view path = text.substr(0, question);
  if (plain == path.size() && !path.empty()) {
    target.path.assign(path);
    return TargetError::none;
  }
  // RFC 3986 section 6.2.3: the empty path of a URL is "/".
  if (!write_path(path.empty() ? "/" : path, target.path)) return TargetError::bad_target;
  target.is_path_ambiguous = has_dot_segment(target.path);
  return TargetError::none;
}

TargetError write_host_field(const RequestHead& head, Target& target, HostMemo& memo) {
  if (head.fields.count(FieldId::host) > 1) return TargetError::bad_host;
  const auto host = head.fields.find(FieldId::host);
  if (!host) {
    target.host.clear();
    return head.minor_version == 0 ? TargetError::none : TargetError::bad_host;
  }
  if (host->empty() || !base::are_same(memo.field, *host) || !base::are_same(memo.scheme, target.scheme)) {
    memo.field.clear();
    if (!write_host(*host, target.scheme, memo.host)) return TargetError::bad_host;
    memo.field.assign(*host);
    memo.scheme = target.scheme;
  }
  base::assign_if_other(target.host, memo.host);
  return TargetError::none;
}

// scheme "://" authority path-abempty [ "?" query ], for the two schemes of RFC 9110 section 4.2.
TargetError write_absolute(std::string_view url, Target& target) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return TargetError::bad_target;
  const std::string_view scheme = url.substr(0, colon);
  const bool is_https = base::equals_ignoring_case(scheme, "https");
  if (!is_https && !base::equals_ignoring_case(scheme, "http")) return TargetError::bad_scheme;
  target.scheme = is_https ? "https" : "http";
  std::string_view rest = url.substr(colon + 1);
  if (!rest.starts_with("//")) return TargetError::bad_target;
  rest.remove_prefix(2);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  // RFC 9110 section 4.2.4: userinfo from an untrusted source is to be treated as an error.
  if (authority.find('@') != std::string_view::npos) return TargetError::userinfo;
  if (!write_host(authority, target.scheme, target.host)) return TargetError::bad_host;
  return write_path_and_query(rest.substr(end), target);
}

// RFC 9112 section 3.2.2: the URL's authority counts, not Host; a malformed Host is refused all the same
// (section 3.2).
TargetError write_absolute_form(const RequestHead& head, Target& target, HostMemo& memo) {
  const TargetError host_error = write_host_field(head, target, memo);
  if (host_error != TargetError::none) return host_error;
  target.form = TargetForm::absolute;
  return write_absolute(head.target, target);
}

// RFC 9112 section 3.2.3: CONNECT names host and port, and nothing else.
TargetError write_authority_form(const RequestHead& head, Target& target) {
  target.form = TargetForm::authority;
  const std::string_view text = head.target;
  if (text.find('@') != std::string_view::npos) return TargetError::userinfo;
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && colon + 1 < text.size() && !text.ends_with(']');
  if (!has_port) return TargetError::bad_target;
  // The port of an authority has no default: it stays.
  return write_host(text, "", target.host) ? TargetError::none : TargetError::bad_target;
}

}  // namespace

TargetError request_target(const RequestHead& head, std::string_view default_scheme, Target& target) {
  HostMemo memo;
  return request_target(head, default_scheme, target, memo);
}

TargetError request_target(const RequestHead& head, std::string_view default_scheme, Target& target,
                           HostMemo& memo) {
  clear(target);
  target.scheme = default_scheme;
  if (head.method == Method::connect) return write_authority_form(head, target);
  if (!head.target.starts_with('/') && head.target != "*") return write_absolute_form(head, target, memo);
  const TargetError host_error = write_host_field(head, target, memo);
  if (host_error != TargetError::none) return host_error;
  if (head.target.starts_with('/')) return write_path_and_query(head.target, target);
  // RFC 9112 section 3.2.4: the asterisk is for OPTIONS alone; path and query stay empty (RFC 9110 section
  // 7.1).
  target.form = TargetForm::asterisk;
  return head.method == Method::options ? TargetError::none : TargetError::bad_target;
}

TargetError parse_url(std::string_view url, Target& target) {
  clear(target);
  target.form = TargetForm::absolute;
  url = url.substr(0, url.find('#'));
  if (!target_characters.has_all(url)) return TargetError::bad_target;
  return write_absolute(url, target);
}

}  // namespace larder::http
