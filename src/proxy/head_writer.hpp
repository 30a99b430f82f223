// Heads as they go on the wire.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/text_buffer.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/reason.hpp"
#include "larder/cache/validation.hpp"
#include "larder/config/config.hpp"
#include "larder/http/framing.hpp"
#include "larder/http/message.hpp"
#include "larder/http/target.hpp"
#include "larder/net/listener.hpp"

namespace larder::proxy {

// What the client's side of a request is, once forwarding fields of trusted peers have been believed.
struct Origin {
  std::string_view scheme = "http";  // a literal
  std::string host;                  // normalised, as the client named it
  bool is_host_believed = false;     // it is a trusted proxy's word; else that of the target
  std::string client;                // its address, as the access log shows it
};

// Believes Forwarded and X-Forwarded-* of a trusted peer; from others they mean nothing. A proxy appends to
// what it was sent, so the last member is the peer's own word; the client's address is the last one that is
// no trusted proxy's. Overwrites `origin`, but for the host where there is none to believe.
void read_origin(const http::RequestHead& request, const net::Peer& peer, bool is_trusted,
                 const std::vector<config::Network>& trusted, Origin& origin);

// How many Larders a request has come through, by its Via.
unsigned larders_before(const http::Fields& request);

// The protocols of an Upgrade field that a tunnel may be opened for; the others are ignored, as a server may
// (RFC 9110 section 7.8). Empty: no upgrade.
std::string tunnelled_protocols(const http::Fields& request);

struct ForwardOptions {
  std::string_view host;   // of the Host field
  std::string_view query;  // to forward, without '?'
  bool has_query = false;
  // A fetch that may be stored: made of what the key knows. The target as the key spells it, HEAD as GET, no
  // conditions of the client's.
  bool is_shared = false;
  // Of a shared fetch: the Range to ask for, of one range; empty: the whole.
  std::string_view range = {};
  bool keeps_upgrade = false;
  const cache::Validation* validation = nullptr;
  // Its ignored ones are left out, but for those of forward_ignored.
  const cache::CookieRule* cookies = nullptr;
  bool drops_unkeyed_cookies = false;  // and those that are not in the key
};
// Appends the request head to send upstream: hop-by-hop fields and strangers' claims removed, Via and
// forwarding fields set, body framing kept.
void write_request_head(const http::RequestHead& request, const http::Target& target, const net::Peer& peer,
                        bool is_trusted, const Origin& origin, const http::Framing& framing,
                        const ForwardOptions& options, base::TextBuffer& out);

// A 1xx response to pass on (RFC 9110 section 15.2), hop-by-hop fields and framing removed; a 101 keeps its
// Upgrade.
std::string write_interim_head(const http::ResponseHead& head);

// Appends start line and end-to-end fields of a response that is passed through, without framing and the
// empty line. Adds Via, Date when missing, and Connection where it has an Upgrade. Fields that carry tags are
// left out unless `keeps_tags`.
void write_response_head(const http::ResponseHead& head, bool keeps_tags, base::WallTime now,
                         base::TextBuffer& out);

// Appends, from the text of a stored 200, the head of a 304 (RFC 9110 section 15.4.5).
void write_not_modified_head(const cache::HeadView& stored, base::TextBuffer& out);

// The opaque part of a strong entity tag for a whole body: its size and hash.
std::string entity_tag_of(std::span<const std::string_view> pieces);

}  // namespace larder::proxy
