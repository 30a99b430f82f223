// What concerns one connection only (RFC 9110 section 7.6.1).
#include <array>
#include <vector>

#include "larder/base/text.hpp"
#include "larder/http/framing.hpp"

namespace larder::http {
namespace {

constexpr std::array hop_by_hop_fields = {
    FieldId::connection,
    FieldId::keep_alive,
    FieldId::proxy_authenticate,
    FieldId::proxy_authentication_info,
    FieldId::proxy_authorization,
    FieldId::proxy_connection,
    FieldId::te,
    FieldId::transfer_encoding,
    FieldId::upgrade,
};

}  // namespace

bool removes_other_fields(const Fields& request) noexcept {
  bool is_found = false;
  for_each_member(request, FieldId::connection, [&](std::string_view option) {
    // Of an upgrade to HTTP/2 (RFC 7540 section 3.2.1), and of it alone.
    if (base::equals_ignoring_case(option, "HTTP2-Settings")) return;
    is_found = is_found || (field_id(option) == FieldId::other && request.has(option));
  });
  return is_found;
}

// Connection options remove the fields they name, but for those that Larder knows to be end-to-end. To name
// one of these is forbidden ("A sender MUST NOT send a connection option corresponding to a field that is
// intended for all recipients of the content", RFC 9110 section 7.6.1), and obeying would let a client strip
// what we or the upstream decide by: Host and Content-Length (target and framing), Cookie and Authorization
// (whose response this is), Cache-Control, Vary and Set-Cookie (who may have it), X-Forwarded-* and Forwarded
// (set by the proxies before us).
void remove_hop_by_hop(Fields& fields) {
  std::vector<std::string_view> named;
  for_each_member(fields, FieldId::connection, [&named](std::string_view option) {
    if (field_id(option) == FieldId::other) named.push_back(option);
  });
  // The views stay good: removing a line frees no text.
  for (const std::string_view name : named) fields.remove(name);
  for (const FieldId id : hop_by_hop_fields) fields.remove(id);
}

void remove_hop_by_hop(ResponseHead& head) {
  const auto upgrade = head.status == 426 ? head.fields.joined(FieldId::upgrade) : std::nullopt;
  remove_hop_by_hop(head.fields);
  if (upgrade) head.fields.add(FieldId::upgrade, *upgrade);
}

}  // namespace larder::http
