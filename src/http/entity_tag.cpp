#include "larder/http/entity_tag.hpp"

#include <algorithm>
#include <chrono>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/date.hpp"

namespace larder::http {
namespace {

// The size of the entity tag at the front of `text`, 0 when there is none. Unlike in a quoted string, a
// backslash escapes nothing here.
std::size_t entity_tag_size(std::string_view text) noexcept {
  std::size_t at = text.starts_with("W/") ? 2 : 0;  // case-sensitive
  if (at >= text.size() || text[at] != '"') return 0;
  ++at;
  while (at < text.size() && entity_tag_characters.has(text[at])) ++at;
  return at < text.size() && text[at] == '"' ? at + 1 : 0;
}

// The next well-formed entity tag of a list; what is malformed is skipped to the next comma.
std::optional<EntityTag> next_entity_tag(std::string_view& rest) noexcept {
  while (!rest.empty()) {
    rest = base::trim(rest);
    const std::size_t size = entity_tag_size(rest);
    const std::string_view tag = rest.substr(0, size);
    rest = base::trim(rest.substr(size));
    const bool is_followed_by_end = rest.empty() || rest.front() == ',';
    const std::size_t comma = rest.find(',');
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (size != 0 && is_followed_by_end) return parse_entity_tag(tag);
  }
  return std::nullopt;
}

bool line_lists(std::string_view line, const std::optional<EntityTag>& stored) noexcept {
  if (base::trim(line) == "*") return true;
  if (!stored) return false;
  while (const auto tag = next_entity_tag(line)) {
    if (equals_weakly(*tag, *stored)) return true;
  }
  return false;
}

}  // namespace

std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept {
  if (text.empty() || entity_tag_size(text) != text.size()) return std::nullopt;
  const bool is_weak = text.front() == 'W';
  text.remove_prefix(is_weak ? 3 : 1);
  text.remove_suffix(1);
  return EntityTag{is_weak, text};
}

bool equals_strongly(const EntityTag& a, const EntityTag& b) noexcept {
  return !a.is_weak && !b.is_weak && a.opaque == b.opaque;
}

bool equals_weakly(const EntityTag& a, const EntityTag& b) noexcept {
  return a.opaque == b.opaque;
}

bool if_none_match_lists(const Fields& request, std::string_view etag) noexcept {
  const std::optional<EntityTag> stored = parse_entity_tag(etag);
  return std::any_of(request.begin(), request.end(), [&](const Field& field) {
    return field.id == FieldId::if_none_match && line_lists(field.value, stored);
  });
}

Precondition evaluate_conditional(const Fields& request, std::optional<std::string_view> etag,
                                  std::optional<base::WallTime> last_modified,
                                  std::optional<base::WallTime> date, base::WallTime now) noexcept {
  // RFC 9110 section 13.2.2: If-Modified-Since counts only where there is no If-None-Match.
  if (request.has(FieldId::if_none_match)) {
    return if_none_match_lists(request, etag.value_or("")) ? Precondition::not_modified
                                                           : Precondition::proceed;
  }
  // RFC 9110 section 13.1.3: more than one member, or no date, is ignored.
  if (request.count(FieldId::if_modified_since) != 1) return Precondition::proceed;
  const auto since = parse_date(*request.find(FieldId::if_modified_since), now);
  const auto modified = last_modified ? last_modified : date;
  if (!since || !modified) return Precondition::proceed;
  // A Date that was made here may have a finer resolution than a field can carry.
  return std::chrono::floor<std::chrono::seconds>(*modified) <= *since ? Precondition::not_modified
                                                                       : Precondition::proceed;
}

}  // namespace larder::http
