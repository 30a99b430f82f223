// Making, reading back and renewing the head of a stored response.
#include <algorithm>

#include "larder/base/text.hpp"
#include "larder/cache/private_copy.hpp"
#include "larder/cache/stored_head.hpp"
#include "larder/cache/vary.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/date.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

constexpr std::string_view own_name = "larder";
// Where the route gave the lifetime: no purge reaches a browser, so it has to ask.
constexpr std::string_view default_downstream = "max-age=0, must-revalidate";
// Neither another cache nor, after a log-out, the browser may use it without asking.
constexpr std::string_view private_downstream = "private, max-age=0, must-revalidate";
constexpr std::string_view status_line_start = "HTTP/1.1 ";

void append_line(std::string_view name, std::string_view value, std::string& text) {
  constexpr std::string_view separator = ": ";
  constexpr std::string_view end = "\r\n";
  text.append(name).append(separator).append(value).append(end);
}

// With room for what is added to it: lines of ours, each short but for Cache-Control.
std::size_t size_of_lines(const http::Fields& fields) noexcept {
  constexpr std::size_t added_max = 256;
  std::size_t size = added_max;
  for (const http::Field& field : fields) size += field.name.size() + field.value.size() + 4;
  return size;
}

// Calls visit(name, value) for each field line.
template <typename Visit>
void for_each_line(std::string_view lines, Visit&& visit) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) visit(line.substr(0, colon), base::trim(line.substr(colon + 1)));
  }
}

std::string_view without_status_line(std::string_view text) noexcept {
  const std::size_t end = text.find("\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
}

// Section 3.1: what concerns one connection or one proxy is neither stored nor taken from a 304
// (section 3.2), nor is the length, which delivery writes anew. Callers have removed most of it; it is listed
// because what is stored is sent to everybody.
bool is_of_one_message(FieldId id) noexcept {
  switch (id) {
    case FieldId::content_length:
    case FieldId::connection:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::proxy_authenticate:
    case FieldId::proxy_authentication_info:
    case FieldId::proxy_authorization:
    case FieldId::te:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
      return true;
    default:
      return false;
  }
}

// Age is what the freshness has taken up (section 4.2.3). Trailers are not kept (RFC 9110 section 6.5.1), so
// nothing announces them.
bool is_stored(FieldId id) noexcept {
  return !is_of_one_message(id) && id != FieldId::age && id != FieldId::trailer;
}

bool is_tag_field(FieldId id) noexcept {
  return id == FieldId::surrogate_key || id == FieldId::cache_tag || id == FieldId::cache_groups;
}

// Section 3.2: what a 304 does not update. Content-Encoding and Content-Range say how the bytes that are kept
// are to be read: to change them alone would break the body ("to assure integrity of the stored response").
bool is_kept_by_update(FieldId id) noexcept {
  return is_of_one_message(id) || id == FieldId::content_encoding || id == FieldId::content_range ||
         id == FieldId::trailer;
}

bool is_for_one_client(std::string_view cache_control) {
  http::Fields fields;
  fields.add_view("Cache-Control", cache_control);
  const auto control = http::parse_response_cache_control(fields);
  return control.is_private || control.no_store;
}

std::optional<std::string_view> downstream_cache_control(const RoutePolicy& policy,
                                                         bool lifetime_given_by_route, bool is_private) {
  const auto& own = policy.downstream.cache_control;
  if (is_private && !(own && is_for_one_client(*own))) return private_downstream;
  if (policy.downstream.cache_control) return *policy.downstream.cache_control;
  if (lifetime_given_by_route) return default_downstream;
  return std::nullopt;
}

void append_value_of_etag(std::string_view value, StoredHead& head) {
  constexpr std::size_t prefix_size = std::string_view("ETag: ").size();
  head.etag_begin = static_cast<std::uint32_t>(head.text.size() + prefix_size);
  head.etag_size = static_cast<std::uint32_t>(value.size());
  append_line("ETag", value, head.text);
}

// What tells caches on the way, and only them, what they may keep (RFC 9213).
bool is_for_caches(const http::Field& field, const std::vector<std::string>& targets) noexcept {
  return field.id == FieldId::cdn_cache_control || field.id == FieldId::larder_cache_control ||
         field.id == FieldId::surrogate_control ||
         std::any_of(targets.begin(), targets.end(), [&field](std::string_view target) {
           return base::equals_ignoring_case(field.name, target);
         });
}

void append_field(const http::Field& field, const RoutePolicy& policy, bool is_private, StoredHead& head) {
  if (!is_stored(field.id)) return;
  const bool is_replaced =
      head.replaced_cache_control && (field.id == FieldId::cache_control || field.id == FieldId::expires);
  if (is_replaced || (is_private && is_for_caches(field, policy.targets)) ||
      (is_tag_field(field.id) && !policy.downstream.keep_tags)) {
    append_line(field.name, field.value, head.hidden);
  } else if (field.id == FieldId::etag && head.etag_size == 0) {
    append_value_of_etag(field.value, head);
  } else {
    append_line(field.name, field.value, head.text);
  }
}

// RFC 9110 section 6.6.1: a recipient with a clock records the time of receipt.
void append_date(base::WallTime received, StoredHead& head) {
  const http::DateText text = http::format_date(received);
  append_line("Date", std::string_view(text.data(), text.size()), head.text);
}

// RFC 9110 section 7.6.3: the protocol version that the message was received with, after those of earlier
// hops.
void append_via(int minor_version, StoredHead& head) {
  std::string value = minor_version == 0 ? "1.0 " : "1.1 ";
  value += own_name;
  append_line("Via", value, head.text);
}

void read_dates(const http::Fields& fields, base::WallTime received, StoredHead& head) {
  if (const auto modified = fields.find(FieldId::last_modified)) {
    head.last_modified = http::parse_date(*modified, received);
  }
  // Section 4.3.2: without a Date the time of receipt stands for it.
  const auto date = fields.find(FieldId::date);
  head.date = (date ? http::parse_date(*date, received) : std::nullopt).value_or(received);
}

// Walks the lines of `text` that came from upstream. Ours are the last Via, Cache-Control where it was
// replaced, the last Vary where it was added, and ETag where it was generated.
http::Fields upstream_fields(const HeadView& head, std::string_view& own_via) {
  const std::string_view lines = without_status_line(head.text);
  std::string_view last_vary;
  for_each_line(lines, [&](std::string_view name, std::string_view value) {
    if (http::field_id(name) == FieldId::via) own_via = value;
    if (http::field_id(name) == FieldId::vary) last_vary = value;
  });
  http::Fields fields;
  for_each_line(lines, [&](std::string_view name, std::string_view value) {
    const FieldId id = http::field_id(name);
    if (id == FieldId::via && value.data() == own_via.data()) return;
    if (id == FieldId::vary && head.added_vary && value.data() == last_vary.data()) return;
    if (id == FieldId::cache_control && head.replaced_cache_control) return;
    if (id == FieldId::etag && head.generated_etag) return;
    fields.add(name, value);
  });
  for_each_line(head.hidden,
                [&fields](std::string_view name, std::string_view value) { fields.add(name, value); });
  return fields;
}

void remove_named(const http::Field& field, http::Fields& fields) {
  if (field.id == FieldId::other) {
    fields.remove(field.name);
  } else {
    fields.remove(field.id);
  }
}

}  // namespace

bool is_withheld(FieldId id, const http::ResponseCacheControl& control) {
  const auto names_it = [id](const std::string& name) { return http::field_id(name) == id; };
  return std::any_of(control.private_fields.begin(), control.private_fields.end(), names_it) ||
         std::any_of(control.no_cache_fields.begin(), control.no_cache_fields.end(), names_it);
}

bool has_withheld_fields(const http::Fields& response, const http::ResponseCacheControl& control) {
  const auto has_it = [&response](const std::string& name) { return response.has(name); };
  return std::any_of(control.private_fields.begin(), control.private_fields.end(), has_it) ||
         std::any_of(control.no_cache_fields.begin(), control.no_cache_fields.end(), has_it);
}

void remove_withheld_fields(http::Fields& response, const http::ResponseCacheControl& control) {
  for (const std::string& name : control.private_fields) response.remove(name);
  for (const std::string& name : control.no_cache_fields) response.remove(name);
}

StoredHead make_head(const http::ResponseHead& response, const RoutePolicy& policy,
                     bool lifetime_given_by_route, base::WallTime received, bool is_private) {
  StoredHead head;
  head.status = response.status;
  head.text.reserve(size_of_lines(response.fields));
  head.text += status_line_start;
  head.text += std::to_string(response.status);
  head.text += ' ';
  head.text += response.reason;
  head.text += "\r\n";
  const auto cache_control = downstream_cache_control(policy, lifetime_given_by_route, is_private);
  head.replaced_cache_control = cache_control.has_value();
  for (const http::Field& field : response.fields) append_field(field, policy, is_private, head);
  if (!response.fields.has(FieldId::date)) append_date(received, head);
  if (cache_control) append_line("Cache-Control", *cache_control, head.text);
  head.sets_cookie = response.fields.has(FieldId::set_cookie);
  const VarySpec vary = vary_of(response.fields);
  head.added_vary = has_private_copies(policy.cookies) && !vary.is_star && !names_cookie(vary);
  if (head.added_vary) append_line("Vary", "Cookie", head.text);
  append_via(response.minor_version, head);
  read_dates(response.fields, received, head);
  return head;
}

http::ResponseHead origin_head(const HeadView& head) {
  http::ResponseHead origin;
  std::string_view own_via;
  origin.status = head.status;
  origin.fields = upstream_fields(head, own_via);
  origin.minor_version = own_via.substr(0, 4) == "1.0 " ? 0 : 1;
  const std::string_view status_line = head.text.substr(0, head.text.find("\r\n"));
  constexpr std::size_t reason_begin = status_line_start.size() + std::string_view("200 ").size();
  origin.reason = status_line.substr(std::min(reason_begin, status_line.size()));
  return origin;
}

http::ResponseHead updated_head(const HeadView& stored, const http::ResponseHead& not_modified) {
  http::ResponseHead updated = origin_head(stored);
  updated.minor_version = not_modified.minor_version;
  // Its Date is that of the 304 or, where that has none, of its receipt, never the old one: ages are counted
  // from it.
  updated.fields.remove(FieldId::date);
  for (const http::Field& field : not_modified.fields) {
    if (!is_kept_by_update(field.id)) remove_named(field, updated.fields);
  }
  for (const http::Field& field : not_modified.fields) {
    if (!is_kept_by_update(field.id)) updated.fields.add(field.name, field.value);
  }
  return updated;
}

void add_etag(StoredHead& head, std::string_view opaque) {
  std::string value;
  value += '"';
  value += opaque;
  value += '"';
  append_value_of_etag(value, head);
  head.generated_etag = true;
}

}  // namespace larder::cache
