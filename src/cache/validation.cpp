#include "larder/cache/validation.hpp"

#include <algorithm>

#include "larder/base/text.hpp"
#include "larder/http/date.hpp"
#include "larder/http/entity_tag.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

bool has_own_etag(const HeadView& head) noexcept {
  return !head.generated_etag && head.etag_size > 0;
}

// Section 4.3.4 lets a strong validator, and it alone, choose among several.
std::optional<http::EntityTag> strong_tag(const HeadView& head) noexcept {
  const auto tag = has_own_etag(head) ? http::parse_entity_tag(head.etag()) : std::nullopt;
  return tag && !tag->is_weak ? tag : std::nullopt;
}

bool varies_by(const StoredResponse& stored, std::string_view name) {
  const VarySpec vary = vary_from_text(stored.vary());
  return std::find(vary.names.begin(), vary.names.end(), name) != vary.names.end();
}

// Of one visitor, or of one site that may read it.
bool is_personal(const StoredResponse& stored) {
  return varies_by(stored, "cookie") || varies_by(stored, "authorization") || varies_by(stored, "origin");
}

// Calls visit(name) for each member of the field that is not refused by a weight of 0.
template <typename Visit>
void for_each_accepted(const http::Fields& request, std::string_view field, Visit&& visit) {
  const std::string list = request.joined(field).value_or("");
  std::string_view rest = list;
  while (const auto member = http::next_member(rest)) {
    const std::size_t semicolon = std::min(member->find(';'), member->size());
    const std::string parameters = base::lower(member->substr(semicolon));
    const std::size_t weight = parameters.find("q=");
    const bool is_refused =
        weight != std::string::npos && parameters.find_first_of("123456789", weight + 2) == std::string::npos;
    if (!is_refused) visit(base::trim(member->substr(0, semicolon)));
  }
}

// Would the request get this coding ("" for none)? An upstream that codes on the fly says of each coding that
// it is the same as without: who takes a coding is not to be given the bare bytes for it. "*" is not taken
// for any.
bool fits_coding(const http::Fields& request, std::string_view coding) {
  bool is_named = false;
  bool is_other_named = false;
  for_each_accepted(request, "Accept-Encoding", [&](std::string_view name) {
    const bool is_it = base::equals_ignoring_case(name, coding);
    is_named = is_named || is_it;
    is_other_named = is_other_named || !(is_it || base::equals_ignoring_case(name, "identity"));
  });
  return coding.empty() ? !is_other_named : is_named;
}

std::string_view primary_subtag(std::string_view language) {
  return language.substr(0, language.find('-'));
}

// Does the request name this language, or one of its kin?
bool fits_language(const http::Fields& request, std::string_view language) {
  bool is_named = false;
  for_each_accepted(request, "Accept-Language", [&](std::string_view name) {
    is_named = is_named || base::equals_ignoring_case(primary_subtag(name), primary_subtag(language));
  });
  return is_named;
}

bool is_candidate(const StoredResponse& stored, const http::Fields& request) {
  if (!stored.is_whole() || !strong_tag(stored.head()) || is_personal(stored)) return false;
  const http::ResponseHead origin = origin_head(stored.head());
  const auto coding = origin.fields.find(FieldId::content_encoding);
  const auto language = origin.fields.find("Content-Language");
  const bool is_coding_asked = coding || varies_by(stored, "accept-encoding");
  if (is_coding_asked && !fits_coding(request, coding.value_or(""))) return false;
  return !(language && varies_by(stored, "accept-language")) || fits_language(request, *language);
}

// A 304 that speaks of a page in another language does not speak of this one, whatever its entity tag.
bool is_in_another_language(const http::ResponseHead& not_modified, const HeadView& stored) {
  const auto theirs = not_modified.fields.find("Content-Language");
  if (!theirs) return false;
  return origin_head(stored).fields.joined("Content-Language").value_or("") != *theirs;
}

}  // namespace

bool has_own_validator(const HeadView& head) noexcept {
  return has_own_etag(head) || head.last_modified;
}

bool has_strong_validator(const HeadView& head) noexcept {
  return strong_tag(head).has_value();
}

std::vector<StoredPtr> other_candidates(const std::vector<StoredPtr>& variants, const StoredPtr& selected,
                                        const http::Fields& request) {
  std::vector<StoredPtr> others;
  std::size_t tag_bytes = 0;
  for (const StoredPtr& variant : variants) {
    if (variant == selected || !is_candidate(*variant, request)) continue;
    tag_bytes += variant->head().etag_size;
    if (tag_bytes > other_tag_bytes_max || others.size() == others_max) break;
    others.push_back(variant);
  }
  return others;
}

Validation validation_of(const StoredPtr& selected, bool is_to_be_validated,
                         const std::vector<StoredPtr>& variants, const http::Fields& request) {
  Validation validation;
  if (selected && is_to_be_validated && has_own_validator(selected->head())) validation.selected = selected;
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
  if (validation.selected && has_own_etag(validation.selected->head()))
    tags.push_back(validation.selected->head().etag());
  if (!validation.selected) {
    for (const StoredPtr& other : validation.others) {
      if (std::find(tags.begin(), tags.end(), other->head().etag()) == tags.end())
        tags.push_back(other->head().etag());
    }
  }
  std::string list;
  for (const std::string_view tag : tags) list.append(list.empty() ? "" : ", ").append(tag);
  // Section 4.3.1: the entity tag must be sent, Last-Modified should be.
  if (!list.empty()) upstream_request.set(FieldId::if_none_match, list);
  if (!validation.selected || !validation.selected->head().last_modified) return;
  if (validation.is_by_strong_tag) return;
  const http::ResponseHead origin = origin_head(validation.selected->head());
  if (const auto modified = origin.fields.find(FieldId::last_modified))
    upstream_request.set(FieldId::if_modified_since, *modified);
}

bool selects(const http::ResponseHead& not_modified, const HeadView& stored, base::WallTime now) {
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
  if (validation.selected && validation.is_by_strong_tag) {
    // If-None-Match compares weakly (RFC 9110 section 13.1.2): only the answer's own tag tells whether the
    // bytes are the same.
    const auto text = not_modified.fields.find(FieldId::etag);
    const auto theirs = text ? http::parse_entity_tag(*text) : std::nullopt;
    const auto ours = strong_tag(validation.selected->head());
    return theirs && ours && http::equals_strongly(*theirs, *ours) ? validation.selected : nullptr;
  }
  if (validation.selected) {
    return selects(not_modified, validation.selected->head(), now) ? validation.selected : nullptr;
  }
  // Asked about several, an answer without a strong entity tag does not say which.
  const auto text = not_modified.fields.find(FieldId::etag);
  const auto tag = text ? http::parse_entity_tag(*text) : std::nullopt;
  if (!tag || tag->is_weak) return nullptr;
  for (const StoredPtr& other : validation.others) {
    if (selects(not_modified, other->head(), now) && !is_in_another_language(not_modified, other->head()))
      return other;
  }
  return nullptr;
}

bool confirms(const http::ResponseHead& answer_to_head, const StoredResponse& stored, base::WallTime now) {
  const http::Fields& fields = answer_to_head.fields;
  const bool has_validator = fields.has(FieldId::etag) || fields.has(FieldId::last_modified);
  return has_validator && !contradicts(answer_to_head, stored, now);
}

bool contradicts(const http::ResponseHead& answer_to_head, const StoredResponse& stored, base::WallTime now) {
  const http::Fields& fields = answer_to_head.fields;
  if (const auto tag = fields.find(FieldId::etag)) {
    if (!has_own_etag(stored.head()) || *tag != stored.head().etag()) return true;
  }
  if (const auto modified = fields.find(FieldId::last_modified)) {
    if (http::parse_date(*modified, now) != stored.head().last_modified) return true;
  }
  const auto length = fields.find(FieldId::content_length);
  return length && base::parse_uint(*length) != stored.body_size();
}

}  // namespace larder::cache
