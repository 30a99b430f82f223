// What a request asks for: scheme, host, path and query, normalised only where RFC 3986 section 6.2.2 says
// that two spellings are equivalent. Split by our own code, since browsers send raw `|` and `[` in queries.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "larder/http/message.hpp"

namespace larder::http {

enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

struct Target {
  TargetForm form = TargetForm::origin;
  std::string_view scheme;  // "http" or "https", lower case; a literal
  std::string host;   // lower case, default port removed, "example.com" or "example.com:8080" or "[::1]:80"
  std::string path;   // begins with '/' (empty for asterisk and authority form); %-escapes of unreserved
                      // characters decoded, the rest in upper case
  std::string query;  // without '?', byte for byte
  bool has_query = false;  // "/a?" has an empty one
  // A dot segment, also an encoded one (%2e): another reader could see another path, so it is never cached.
  bool is_path_ambiguous = false;
};

// The last Host field that was read, and what it came to: a connection's requests mostly have one and the
// same.
struct HostMemo {
  std::string field;
  std::string_view scheme;
  std::string host;
};

enum class TargetError : std::uint8_t { none, bad_target, bad_host, userinfo, bad_scheme };

// The target of a request (RFC 9112 section 3.3). An absolute-form target's authority replaces Host;
// `default_scheme` is that of the connection, a literal. Userinfo is refused. HTTP/1.0 without Host has an
// empty host. `target` is overwritten; its strings keep their capacity, so that a session's second request
// allocates nothing. `memo` is read and written.
TargetError request_target(const RequestHead& head, std::string_view default_scheme, Target& target,
                           HostMemo& memo);
TargetError request_target(const RequestHead& head, std::string_view default_scheme, Target& target);
// The same from an absolute URL ("http://example.com/a?b"), as purges name it. A fragment is
// dropped.
TargetError parse_url(std::string_view url, Target& target);
// What a URI reference in a response to `base` names (RFC 3986 section 5.2): "/a", "../a?b", "//host/a" or a
// whole URL. A fragment is dropped.
TargetError parse_reference(std::string_view reference, const Target& base, Target& target);
// Lower case, default port of the scheme removed; nothing when it is no valid host[:port].
std::optional<std::string> normalise_host(std::string_view host, std::string_view scheme);
// %41 -> A, %2f -> %2F; nothing when an escape is malformed.
std::optional<std::string> normalise_path(std::string_view path);

}  // namespace larder::http
