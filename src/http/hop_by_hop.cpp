// What concerns one connection only (RFC 9110 section 7.6.1).
#include <algorithm>
#include <array>
#include <vector>

#include "larder/base/lanes.hpp"
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

// To name one of these is forbidden ("A sender MUST NOT send a connection option corresponding to a field
// that is intended for all recipients of the content", RFC 9110 section 7.6.1), and obeying would let a
// client strip what we or the upstream decide by: target and framing, whose response it is, who may have it
// and for how long, what it is, by what names it is purged, and what the proxies before us have said.
constexpr std::array kept_fields = {
    FieldId::age,
    FieldId::authorization,
    FieldId::cache_control,
    FieldId::cache_groups,
    FieldId::cache_tag,
    FieldId::cdn_cache_control,
    FieldId::content_encoding,
    FieldId::content_length,
    FieldId::content_range,
    FieldId::content_type,
    FieldId::cookie,
    FieldId::date,
    FieldId::etag,
    FieldId::expires,
    FieldId::forwarded,
    FieldId::host,
    FieldId::larder_cache_control,
    FieldId::max_forwards,
    FieldId::pragma,
    FieldId::set_cookie,
    FieldId::surrogate_control,
    FieldId::surrogate_key,
    FieldId::vary,
    FieldId::via,
    FieldId::x_forwarded_for,
    FieldId::x_forwarded_host,
    FieldId::x_forwarded_port,
    FieldId::x_forwarded_proto,
    FieldId::x_real_ip,
};

template <typename Ids>
constexpr bool contains(const Ids& ids, FieldId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

bool says_keep_alive_alone(const Fields& request) noexcept {
  constexpr std::string_view keep_alive = "keep-alive";
  if (request.count(FieldId::connection) != 1) return false;
  const std::string_view value = request.find(FieldId::connection).value_or("");
  return value.size() == keep_alive.size() &&
         base::are_same(value.data(), keep_alive.data(), keep_alive.size());
}

bool removes_other_fields(const Fields& request) noexcept {
  bool is_found = false;
  if (says_keep_alive_alone(request)) return false;
  for_each_member(request, FieldId::connection, [&](std::string_view option) {
    // Of an upgrade to HTTP/2 (RFC 7540 section 3.2.1), and of it alone.
    if (base::equals_ignoring_case(option, "HTTP2-Settings")) return;
    const FieldId id = field_id(option);
    if (contains(hop_by_hop_fields, id) || contains(kept_fields, id)) return;
    is_found = is_found || request.has(option);
  });
  return is_found;
}

void remove_hop_by_hop(Fields& fields) {
  std::vector<std::string_view> named;
  for_each_member(fields, FieldId::connection, [&named](std::string_view option) {
    if (!contains(kept_fields, field_id(option))) named.push_back(option);
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
