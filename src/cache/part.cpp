#include "larder/cache/part.hpp"

#include <algorithm>

#include "larder/http/entity_tag.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

std::uint64_t end_of(const http::ByteRange& range) noexcept {
  return range.first + range.size;
}

bool have_same_strong_tag(const HeadView& one, const HeadView& other) {
  if (one.generated_etag || other.generated_etag) return false;
  const auto tag = http::parse_entity_tag(one.etag());
  const auto other_tag = http::parse_entity_tag(other.etag());
  return tag && other_tag && http::equals_strongly(*tag, *other_tag);
}

// The bytes of `from` that are of `range`.
void append_bytes(const StoredResponse& from, const http::ByteRange& own, const http::ByteRange& range,
                  std::string& bytes) {
  std::uint64_t at = own.first;
  for (const std::string_view piece : from.pieces()) {
    const std::uint64_t begin = std::max(at, range.first);
    const std::uint64_t end = std::min(at + piece.size(), end_of(range));
    if (begin < end) bytes.append(piece.substr(begin - at, end - begin));
    at += piece.size();
  }
}

}  // namespace

bool may_fetch_part(const http::Fields& request) {
  for (const FieldId condition : {FieldId::if_range, FieldId::if_match, FieldId::if_none_match,
                                  FieldId::if_modified_since, FieldId::if_unmodified_since}) {
    if (request.has(condition)) return false;
  }
  return http::single_range_of(request).has_value();
}

bool is_part(const http::Fields& request, const http::ResponseHead& response) {
  return response.status == 206 && may_fetch_part(request) && http::content_range_of(response.fields);
}

std::optional<http::ContentRange> part_of(const HeadView& head) {
  if (head.status != 206) return std::nullopt;
  const http::ResponseHead origin = origin_head(head);
  return http::content_range_of(origin.fields);
}

std::optional<http::ByteRange> range_within(const http::Fields& request, const StoredResponse& part) {
  if (!part.is_whole() || !may_fetch_part(request)) return std::nullopt;
  const auto own = part_of(part.head());
  if (!own || own->range.size != part.body_size()) return std::nullopt;
  const http::Selection selection = http::select_range(request, own->complete, {}, {});
  if (selection.kind != http::Selection::Kind::parts) return std::nullopt;
  const http::ByteRange& range = selection.parts.front();
  const bool is_within = own->range.first <= range.first && end_of(range) <= end_of(own->range);
  return is_within ? std::optional(range) : std::nullopt;
}

std::optional<JoinedParts> join(const StoredResponse& older, const StoredResponse& newer) {
  const auto one = part_of(older.head());
  const auto other = part_of(newer.head());
  if (!one || !other || one->complete != other->complete) return std::nullopt;
  if (!older.is_whole() || !newer.is_whole()) return std::nullopt;
  if (one->range.size != older.body_size() || other->range.size != newer.body_size()) return std::nullopt;
  if (older.vary() != newer.vary() || older.secondary() != newer.secondary()) return std::nullopt;
  if (!have_same_strong_tag(older.head(), newer.head())) return std::nullopt;
  const bool touch = one->range.first <= end_of(other->range) && other->range.first <= end_of(one->range);
  if (!touch) return std::nullopt;

  const std::uint64_t first = std::min(one->range.first, other->range.first);
  const http::ByteRange range{first, std::max(end_of(one->range), end_of(other->range)) - first};
  // Section 3.4: "MUST update the stored response header fields using the header fields provided in the new
  // response, as per Section 3.2".
  JoinedParts joined{updated_head(older.head(), origin_head(newer.head())), range};
  const bool is_whole = range.size == one->complete;
  joined.head.status = is_whole ? 200 : 206;
  joined.head.reason = http::reason_phrase(joined.head.status);
  joined.head.fields.remove(FieldId::content_range);
  if (!is_whole) joined.head.fields.add(FieldId::content_range, http::text_of({range, one->complete}));
  return joined;
}

std::optional<JoinedParts> as_whole(const StoredResponse& part) {
  const auto own = part_of(part.head());
  if (!own || own->range.size != own->complete || own->range.size != part.body_size()) return std::nullopt;
  JoinedParts whole{origin_head(part.head()), own->range};
  whole.head.status = 200;
  whole.head.reason = http::reason_phrase(200);
  whole.head.fields.remove(FieldId::content_range);
  return whole;
}

std::shared_ptr<Body> joined_body(const StoredResponse& older, const StoredResponse& newer,
                                  const http::ByteRange& range) {
  const http::ByteRange old_range = part_of(older.head())->range;
  const http::ByteRange new_range = part_of(newer.head())->range;
  std::string bytes;
  bytes.reserve(range.size);
  // The newer one's bytes, between what the older one has before and after them.
  const std::uint64_t before = std::max(old_range.first, new_range.first) - old_range.first;
  append_bytes(older, old_range, {old_range.first, before}, bytes);
  append_bytes(newer, new_range, new_range, bytes);
  const std::uint64_t end = std::max(end_of(old_range), end_of(new_range));
  append_bytes(older, old_range, {end_of(new_range), end - end_of(new_range)}, bytes);
  return Body::complete(bytes);
}

}  // namespace larder::cache
