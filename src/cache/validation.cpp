#include "larder/cache/validation.hpp"

#include <algorithm>
#include <array>

#include "larder/base/text.hpp"
#include "larder/http/date.hpp"
#include "larder/http/entity_tag.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

bool has_own_etag(const StoredHead& head) noexcept {
  return !head.generated_etag && head.etag_size > 0;
}

// Section 4.3.4 lets a strong validator, and it alone, choose among several.
std::optional<http::EntityTag> strong_tag(const StoredHead& head) noexcept {
  const auto tag = has_own_etag(head) ? http::parse_entity_tag(head.etag()) : std::nullopt;
  return tag && !tag->is_weak ? tag : std::nullopt;
}

bool is_personal(const StoredResponse& stored) {
  const VarySpec vary = vary_from_text(stored.vary);
  return std::any_of(vary.names.begin(), vary.names.end(),
                     [](const std::string& name) { return name == "cookie" || name == "authorization"; });
}

// Is it named, and not refused by a weight of 0? "*" is not taken for it: who wants it can name it.
bool accepts_coding(const http::Fields& request, std::string_view coding) {
  bool is_accepted = false;
  http::for_each_member(request, FieldId::accept_encoding, [&](std::string_view member) {
    const std::size_t semicolon = std::min(member.find(';'), member.size());
    if (!base::equals_ignoring_case(base::trim(member.substr(0, semicolon)), coding)) return;
    const std::string_view weight = member.substr(semicolon);
    is_accepted = weight.empty() || weight.find_first_of("123456789") != std::string_view::npos;
  });
  return is_accepted;
}

bool is_candidate(const StoredResponse& stored, const http::Fields& request) {
  const Body& body = *stored.body;
  const bool is_whole = body.state() == Body::State::complete && !body.is_windowed();
  if (!is_whole || !strong_tag(stored.head) || is_personal(stored)) return false;
  const http::ResponseHead origin = origin_head(stored.head);
  const auto coding = origin.fields.find(FieldId::content_encoding);
  return !coding || accepts_coding(request, *coding);
}

bool has_same_tag(const StoredPtr& one, const StoredPtr& other) {
  return one->head.etag() == other->head.etag();
}

}  // namespace

bool has_own_validator(const StoredHead& head) noexcept {
  return has_own_etag(head) || head.last_modified;
}

std::vector<StoredPtr> other_candidates(const std::vector<StoredPtr>& variants, const StoredPtr& selected,
                                        const http::Fields& request) {
  std::vector<StoredPtr> others;
  std::size_t tags = 0;
  for (const StoredPtr& variant : variants) {
    if (variant == selected || !is_candidate(*variant, request)) continue;
    const bool is_known = std::any_of(others.begin(), others.end(),
                                      [&](const StoredPtr& other) { return has_same_tag(other, variant); });
    if (!is_known && ++tags > other_tags_max) break;
    others.push_back(variant);
  }
  return others;
}

Validation validation_of(const StoredPtr& selected, bool is_to_be_validated,
                         const std::vector<StoredPtr>& variants, const http::Fields& request) {
  Validation validation;
  if (selected && is_to_be_validated && has_own_validator(selected->head)) validation.selected = selected;
  validation.others = other_candidates(variants, selected, request);
  return validation;
}

void remove_conditions(http::Fields& upstream_request) {
  for (const FieldId id : {FieldId::if_match, FieldId::if_none_match, FieldId::if_modified_since,
                           FieldId::if_unmodified_since, FieldId::if_range, FieldId::range}) {
    upstream_request.remove(id);
  }
}

bool has_condition_for_origin(const http::Fields& request) noexcept {
  return request.has(FieldId::if_match) || request.has(FieldId::if_unmodified_since);
}

bool has_own_copy(const http::Fields& request) noexcept {
  return request.has(FieldId::if_none_match) || request.has(FieldId::if_modified_since);
}

void set_validators(const Validation& validation, http::Fields& upstream_request) {
  remove_conditions(upstream_request);
  std::vector<std::string_view> tags;
  if (validation.selected && has_own_etag(validation.selected->head))
    tags.push_back(validation.selected->head.etag());
  for (const StoredPtr& other : validation.others) {
    if (std::find(tags.begin(), tags.end(), other->head.etag()) == tags.end())
      tags.push_back(other->head.etag());
  }
  std::string list;
  for (const std::string_view tag : tags) list.append(list.empty() ? "" : ", ").append(tag);
  // Section 4.3.1: the entity tag must be sent, Last-Modified should be.
  if (!list.empty()) upstream_request.set(FieldId::if_none_match, list);
  if (!validation.selected || !validation.selected->head.last_modified) return;
  const http::ResponseHead origin = origin_head(validation.selected->head);
  if (const auto modified = origin.fields.find(FieldId::last_modified))
    upstream_request.set(FieldId::if_modified_since, *modified);
}

bool selects(const http::ResponseHead& not_modified, const StoredHead& stored, base::WallTime now) {
  if (const auto text = not_modified.fields.find(FieldId::etag)) {
    if (!has_own_etag(stored)) return false;
    const auto theirs = http::parse_entity_tag(*text);
    const auto ours = http::parse_entity_tag(stored.etag());
    if (!theirs || !ours) return *text == stored.etag();
    return theirs->is_weak ? http::equals_weakly(*theirs, *ours) : http::equals_strongly(*theirs, *ours);
  }
  const auto modified = not_modified.fields.find(FieldId::last_modified);
  if (!modified || !stored.last_modified) return true;
  return http::parse_date(*modified, now) == stored.last_modified;
}

StoredPtr confirmed_by(const http::ResponseHead& not_modified, const Validation& validation,
                       base::WallTime now) {
  const auto text = not_modified.fields.find(FieldId::etag);
  // Asked about several, an answer without an entity tag does not say which.
  if (!text && !validation.others.empty()) return nullptr;
  if (validation.selected && selects(not_modified, validation.selected->head, now))
    return validation.selected;
  const auto tag = text ? http::parse_entity_tag(*text) : std::nullopt;
  if (!tag || tag->is_weak) return nullptr;
  for (const StoredPtr& other : validation.others) {
    if (selects(not_modified, other->head, now)) return other;
  }
  return nullptr;
}

bool contradicts(const http::ResponseHead& answer_to_head, const StoredResponse& stored, base::WallTime now) {
  const http::Fields& fields = answer_to_head.fields;
  if (const auto tag = fields.find(FieldId::etag)) {
    if (!has_own_etag(stored.head) || *tag != stored.head.etag()) return true;
  }
  if (const auto modified = fields.find(FieldId::last_modified)) {
    if (http::parse_date(*modified, now) != stored.head.last_modified) return true;
  }
  const auto length = fields.find(FieldId::content_length);
  return length && base::parse_uint(*length) != stored.body->size();
}

}  // namespace larder::cache
