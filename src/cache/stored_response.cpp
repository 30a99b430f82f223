#include "larder/cache/stored_response.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "larder/base/text.hpp"
#include "larder/cache/allocation.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

// Of the head, in StoredResponse::flags_.
constexpr std::uint8_t replaced_cache_control_flag = 1;
constexpr std::uint8_t generated_etag_flag = 2;
constexpr std::uint8_t added_vary_flag = 4;
constexpr std::uint8_t sets_cookie_flag = 8;

constexpr base::WallTime no_time = base::WallTime::min();

// A second block costs the allocator's and a hit's time: it has to save this much.
constexpr std::uint64_t saving_min = 32;

std::uint8_t flags_of(const HeadFacts& head) noexcept {
  unsigned flags = 0;
  if (head.replaced_cache_control) flags |= replaced_cache_control_flag;
  if (head.generated_etag) flags |= generated_etag_flag;
  if (head.added_vary) flags |= added_vary_flag;
  if (head.sets_cookie) flags |= sets_cookie_flag;
  return static_cast<std::uint8_t>(flags);
}

std::uint32_t size32(std::size_t size) noexcept {
  assert(size <= UINT32_MAX);
  return static_cast<std::uint32_t>(size);
}

std::uint32_t packed_size(const std::vector<std::string>& texts) noexcept {
  std::size_t size = texts.size() * sizeof(std::uint32_t);
  for (const std::string& text : texts) size += text.size();
  return size32(size);
}

char* append(std::string_view text, char* at) noexcept {
  return std::copy(text.begin(), text.end(), at);
}

char* append_packed(const std::vector<std::string>& texts, char* at) noexcept {
  for (const std::string& text : texts) {
    const std::uint32_t size = size32(text.size());
    std::memcpy(at, &size, sizeof(size));
    at = append(text, at + sizeof(size));
  }
  return at;
}

std::vector<std::string> unpacked(const PackedTexts& texts) {
  return {texts.begin(), texts.end()};
}

bool has_landed(const Body& body) noexcept {
  return body.state() == Body::State::complete && !body.is_windowed();
}

// The tags of one response, without repeats, within their bounds.
class TagList {
 public:
  void add(std::string_view tag) {
    if (tag.empty()) return;
    if (std::find(tags_.begin(), tags_.end(), tag) != tags_.end()) return;
    is_within_bounds_ = is_within_bounds_ && tag.size() <= tag_size_max && tags_.size() < tags_max;
    if (is_within_bounds_) tags_.emplace_back(tag);
  }
  std::optional<std::vector<std::string>> take() {
    if (!is_within_bounds_) return std::nullopt;
    return std::move(tags_);
  }

 private:
  std::vector<std::string> tags_;
  bool is_within_bounds_ = true;
};

void add_separated(std::string_view value, std::string_view separators, TagList& tags) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(separators), value.size());
    tags.add(base::trim(value.substr(0, end)));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

// Cache-Groups is a list of structured strings (RFC 9875 section 2): the tag is what the quotes enclose. What
// is no string is taken as it stands: one tag too many never hides a purge.
std::string group_name(std::string_view member) {
  if (member.empty() || member.front() != '"') return std::string(member);
  std::string name;
  for (std::size_t i = 1; i < member.size() && member[i] != '"'; ++i) {
    if (member[i] == '\\' && i + 1 < member.size()) ++i;
    name += member[i];
  }
  return name;
}

}  // namespace

bool is_preferred(const StoredResponse& candidate, const StoredResponse& other, base::MonoTime now) noexcept {
  if (candidate.sequence != other.sequence) return candidate.sequence > other.sequence;
  const bool is_fresh = candidate.freshness.remaining(now) > base::Duration::zero();
  const bool is_other_fresh = other.freshness.remaining(now) > base::Duration::zero();
  if (is_fresh != is_other_fresh) return is_fresh;
  if (candidate.has_vary() != other.has_vary()) return candidate.has_vary();
  return candidate.date() > other.date();
}

const std::shared_ptr<Body> StoredResponse::no_body;

struct StoredResponse::Layout {
  BodyPlace place = BodyPlace::own;
  std::size_t texts = 0;
  std::size_t body = 0;   // in our own memory
  std::size_t first = 0;  // what of it is in the first block
  std::size_t block() const noexcept {
    return sizeof(StoredResponse) + static_cast<std::size_t>(place) + texts + first;
  }
};

// Where the block's size class would stay emptier than the gap is worth, the largest class that is filled is
// taken instead, and what is left over gets a small block of its own.
StoredResponse::Layout StoredResponse::layout_of(const ResponseDraft& draft,
                                                 const std::optional<OwnBody>& body) {
  Layout layout;
  layout.texts = draft.key.text.size() + draft.head.text.size() + draft.vary.size() + draft.secondary.size() +
                 draft.head.hidden.size() + packed_size(draft.tags) + packed_size(draft.body_tags) +
                 packed_size(draft.captures);
  if (!body) {
    layout.place = BodyPlace::shared;
    return layout;
  }
  layout.body = body->size;
  layout.first = layout.body;
  Layout in_two = layout;
  in_two.place = BodyPlace::own_in_two;
  const std::size_t block = size_class_within(in_two.block());
  const std::size_t rest = in_two.block() - block;
  if (rest > layout.body) return layout;
  in_two.first -= rest;
  const std::uint64_t cost = allocated_size(block) + allocated_size(rest) + saving_min;
  return cost <= allocated_size(layout.block()) ? in_two : layout;
}

StoredPtr freeze(const ResponseDraft& draft) {
  if (!draft.body) return StoredResponse::make(draft, StoredResponse::OwnBody());
  const Body& body = *draft.body;
  const bool is_own = has_landed(body) && body.size() <= StoredResponse::own_body_max;
  if (!is_own) return StoredResponse::make(draft, std::nullopt);
  return StoredResponse::make(draft, StoredResponse::OwnBody{body.pieces(), body.size()});
}

StoredPtr freeze(ResponseDraft draft, std::string_view body) {
  assert(!draft.body);
  if (body.size() <= StoredResponse::own_body_max)
    return StoredResponse::make(draft, StoredResponse::OwnBody{{&body, 1}, body.size()});
  draft.body = Body::complete(body);
  return freeze(draft);
}

StoredPtr StoredResponse::make(const ResponseDraft& draft, const std::optional<OwnBody>& body) {
  const Layout layout = layout_of(draft, body);
  std::unique_ptr<char[]> rest;
  if (layout.place == BodyPlace::own_in_two) rest.reset(new char[layout.body - layout.first]);
  void* const block = ::operator new(layout.block());
  const auto pieces = body ? body->pieces : std::span<const std::string_view>();
  return StoredPtr(::new (block) StoredResponse(draft, layout, pieces, std::move(rest)));
}

StoredResponse::StoredResponse(const ResponseDraft& draft, const Layout& layout,
                               std::span<const std::string_view> pieces, std::unique_ptr<char[]> rest)
    : status_(static_cast<std::uint16_t>(draft.head.status)),
      flags_(flags_of(draft.head)),
      place_(layout.place),
      key_(draft.key),
      key_size_(size32(draft.key.text.size())),
      head_size_(size32(draft.head.text.size())),
      vary_size_(size32(draft.vary.size())),
      secondary_size_(size32(draft.secondary.size())),
      hidden_size_(size32(draft.head.hidden.size())),
      tags_size_(packed_size(draft.tags)),
      body_tags_size_(packed_size(draft.body_tags)),
      texts_size_(size32(layout.texts)),
      etag_begin_(draft.head.etag_begin),
      etag_size_(draft.head.etag_size),
      body_size_(static_cast<std::uint16_t>(layout.body)),
      first_size_(static_cast<std::uint16_t>(layout.first)),
      last_modified_(draft.head.last_modified.value_or(no_time)),
      date_(draft.head.date.value_or(no_time)),
      freshness(draft.freshness),
      is_soft_outdated(draft.is_soft_outdated),
      is_counted(draft.is_counted),
      sequence(draft.sequence),
      checked_at(draft.checked_at) {
  static_assert(sizeof(StoredResponse) == 160);
  static_assert(own_body_max <= UINT16_MAX);
  char* const behind = reinterpret_cast<char*>(this + 1);
  char* at = behind + static_cast<std::size_t>(place_);
  for (const std::string_view text :
       {std::string_view(draft.key.text), std::string_view(draft.head.text), std::string_view(draft.vary),
        std::string_view(draft.secondary), std::string_view(draft.head.hidden)}) {
    at = append(text, at);
  }
  for (const auto* const texts : {&draft.tags, &draft.body_tags, &draft.captures})
    at = append_packed(*texts, at);
  if (place_ == BodyPlace::shared) {
    ::new (behind) std::shared_ptr<Body>(draft.body);
    return;
  }
  copy_body(pieces, at, rest.get());
  if (place_ == BodyPlace::own_in_two) ::new (behind) char*(rest.release());
}

// Into this block from `at` on, and what has no room there to `rest`.
void StoredResponse::copy_body(std::span<const std::string_view> pieces, char* at, char* rest) const {
  std::size_t room = first_size_;
  for (const std::string_view piece : pieces) {
    const std::string_view first = piece.substr(0, room);
    room -= first.size();
    at = append(first, at);
    rest = append(piece.substr(first.size()), rest);
  }
}

StoredResponse::~StoredResponse() {
  if (place_ == BodyPlace::own_in_two) delete[] rest();
  if (place_ == BodyPlace::shared) std::destroy_at(&body());
}

void intrusive_ptr_release(const StoredResponse* response) noexcept {
  if (response->references_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  response->~StoredResponse();
  ::operator delete(const_cast<StoredResponse*>(response));
}

char* StoredResponse::rest() const noexcept {
  return *std::launder(reinterpret_cast<char* const*>(behind()));
}

HeadView StoredResponse::head() const noexcept {
  HeadView head;
  head.status = status_;
  head.replaced_cache_control = (flags_ & replaced_cache_control_flag) != 0;
  head.generated_etag = (flags_ & generated_etag_flag) != 0;
  head.added_vary = (flags_ & added_vary_flag) != 0;
  head.sets_cookie = (flags_ & sets_cookie_flag) != 0;
  head.etag_begin = etag_begin_;
  head.etag_size = etag_size_;
  if (last_modified_ != no_time) head.last_modified = last_modified_;
  if (date_ != no_time) head.date = date_;
  head.text = head_text();
  head.hidden = text_at(hidden_begin(), hidden_size_);
  return head;
}

std::uint64_t StoredResponse::body_size() const noexcept {
  return place_ == BodyPlace::shared ? body()->size() : body_size_;
}

std::optional<Body::Reader> StoredResponse::reader() const {
  return place_ == BodyPlace::shared ? body()->read_from(0) : std::nullopt;
}

BodyPieces StoredResponse::pieces() const noexcept {
  if (place_ == BodyPlace::shared) return BodyPieces(body()->pieces());
  const std::string_view first = text_at(texts_size_, first_size_);
  if (place_ == BodyPlace::own) return {first, {}};
  const std::string_view second(rest(), body_size_ - first_size_);
  return first.empty() ? BodyPieces(second, {}) : BodyPieces(first, second);
}

std::uint64_t StoredResponse::cost() const noexcept {
  const std::uint64_t block = sizeof(*this) + static_cast<std::size_t>(place_) + texts_size_ + first_size_;
  std::uint64_t cost = allocated_size(block);
  if (place_ == BodyPlace::own_in_two) cost += allocated_size(body_size_ - first_size_);
  if (place_ == BodyPlace::shared) cost += body()->allocated();
  return cost;
}

ResponseDraft draft_of(const StoredResponse& from) {
  ResponseDraft draft;
  const KeyView key = from.key();
  static_cast<KeyPlaces&>(draft.key) = key;
  draft.key.text = key.text;
  draft.vary = from.vary();
  draft.secondary = from.secondary();
  draft.head = StoredHead(from.head());
  draft.body = from.body();
  if (!draft.body) {
    std::string bytes;
    bytes.reserve(from.body_size());
    for (const std::string_view piece : from.pieces()) bytes.append(piece);
    draft.body = Body::complete(bytes);
  }
  draft.freshness = from.freshness;
  draft.sequence = from.sequence;
  draft.tags = unpacked(from.tags());
  draft.body_tags = unpacked(from.body_tags());
  draft.captures = unpacked(from.captures());
  return draft;
}

std::optional<std::vector<std::string>> tags_of(const http::Fields& response,
                                                const std::vector<std::string>& route_tags) {
  TagList tags;
  for (const std::string& tag : route_tags) tags.add(tag);
  for (const http::Field& field : response) {
    if (field.id == FieldId::surrogate_key) add_separated(field.value, " \t", tags);
    if (field.id == FieldId::cache_tag) add_separated(field.value, ",", tags);
  }
  http::for_each_member(response, FieldId::cache_groups,
                        [&tags](std::string_view member) { tags.add(group_name(member)); });
  return tags.take();
}

bool add_body_tags(ResponseDraft& draft, std::vector<std::string> tags) {
  draft.body_tags = std::move(tags);
  for (const std::string& tag : draft.body_tags) {
    if (std::find(draft.tags.begin(), draft.tags.end(), tag) == draft.tags.end()) draft.tags.push_back(tag);
  }
  return draft.tags.size() <= tags_max;
}

}  // namespace larder::cache
