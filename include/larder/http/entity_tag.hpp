// Entity tags and the conditions on them (RFC 9110 sections 8.8.3 and 13.1).
#pragma once
#include <optional>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/http/fields.hpp"

namespace larder::http {

struct EntityTag {
  bool is_weak = false;
  std::string_view opaque;  // without its quotes
};

// One well-formed entity tag, and nothing else; nothing when it is malformed.
std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept;
bool equals_strongly(const EntityTag& a, const EntityTag& b) noexcept;
bool equals_weakly(const EntityTag& a, const EntityTag& b) noexcept;

// True when If-None-Match's value lists `etag` by weak comparison, or is `*`. `etag` is the stored field
// value, may be malformed or empty (then only `*` matches).
bool if_none_match_lists(const Fields& request, std::string_view etag) noexcept;

enum class Precondition : bool { proceed, not_modified };
// What a GET or HEAD with If-None-Match, else If-Modified-Since, gets from a selected response with these
// validators (RFC 9110 section 13.2.2; RFC 9111 section 4.3.2). An If-Modified-Since that is no date is
// ignored. Without Last-Modified, If-Modified-Since is compared with `date` (the stored Date), RFC 9111
// section 4.3.2.
Precondition evaluate_conditional(const Fields& request, std::optional<std::string_view> etag,
                                  std::optional<base::WallTime> last_modified,
                                  std::optional<base::WallTime> date, base::WallTime now) noexcept;

}  // namespace larder::http
