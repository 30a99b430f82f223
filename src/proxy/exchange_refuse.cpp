// What an exchange refuses, or answers by itself, before anything is looked up.
#include "larder/base/text.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {

using cache::Reason;

namespace {

// More Larders than anybody puts in a row.
constexpr unsigned larders_max = 5;

}  // namespace

bool Exchange::is_refused(const http::Framing& framing) {
  resolve_origin();
  if (framing.error != http::FramingError::none) {
    refuse(http::status_of(framing.error), Reason::bad_request, http::text_of(framing.error));
    return true;
  }
  larders_before_ = larders_before(request_->fields);
  if (larders_before_ > larders_max) {
    refuse(502, Reason::forwarding_loop, "the upstream leads back to where the request came from");
    return true;
  }
  if (request_->method == http::Method::connect) {
    refuse(405, Reason::method, "CONNECT is not served here");
    return true;
  }
  if (!read_target()) {
    refuse(400, Reason::bad_request, "bad request target or Host");
    return true;
  }
  if (request_->method == http::Method::trace && framing.has_body()) {
    refuse(400, Reason::bad_request, "a TRACE has no content");  // RFC 9110 section 9.3.8
    return true;
  }
  if (is_last_hop()) return true;
  if (framing.kind == http::BodyKind::length && framing.length > snapshot_->limits.body_size) {
    refuse(413, Reason::request_too_large, "the body is larger than limits.body_size");
    return true;
  }
  return false;
}

// PURGE on the public listener, where `listeners.public.purge` allows it: for the peers that the admin
// listener serves.
bool Exchange::is_purge_refused() {
  const bool is_allowed =
      snapshot_->public_listener.allows_purge &&
      (wire_.peer().is_unix || config::contains(snapshot_->admin_listener.allow, wire_.peer().ip));
  if (!is_allowed) {
    refuse(405, Reason::method, "PURGE is for the admin listener");
    return true;
  }
  // Who asks for a dry run must not get a purge.
  if (request_->fields.find("Larder-Dry-Run").value_or("false") != "false") {
    refuse(400, Reason::bad_request, "a dry run is for the admin listener");
    return true;
  }
  return false;
}

// RFC 9110 section 7.6.2: an OPTIONS or TRACE whose Max-Forwards is used up ends here.
bool Exchange::is_last_hop() {
  const bool counts = request_->method == http::Method::options || request_->method == http::Method::trace;
  const auto value = counts ? request_->fields.find(http::FieldId::max_forwards) : std::nullopt;
  if (!value || base::parse_uint(*value) != 0) return false;
  record_.result = obs::Result::local;
  record_.reason = Reason::method;
  if (request_->method == http::Method::trace) {
    refuse(405, Reason::method, "TRACE is not answered here");
  } else {
    respond_text(200, "larder", "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
  }
  return true;
}

}  // namespace larder::proxy
