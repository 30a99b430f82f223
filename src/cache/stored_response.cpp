#include "larder/cache/stored_response.hpp"

#include <algorithm>

#include "larder/base/text.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

// What a store's index holds for one response: hash node, queue links, counters.
constexpr std::uint64_t index_node_size = 200;
// make_shared's counts, in front of the object.
constexpr std::uint64_t control_block_size = 16;

std::uint64_t heap_size(const std::string& text) noexcept {
  static const std::size_t inline_capacity = std::string().capacity();
  return text.capacity() > inline_capacity ? allocated_size(text.capacity() + 1) : 0;
}

std::uint64_t heap_size(const std::vector<std::string>& texts) noexcept {
  std::uint64_t size = texts.capacity() > 0 ? allocated_size(texts.capacity() * sizeof(std::string)) : 0;
  for (const std::string& text : texts) size += heap_size(text);
  return size;
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
  if (candidate.vary.empty() != other.vary.empty()) return other.vary.empty();
  return candidate.head.date > other.head.date;
}

std::shared_ptr<StoredResponse> copy_of(const StoredResponse& from) {
  auto copy = std::make_shared<StoredResponse>();
  copy->key = from.key;
  copy->vary = from.vary;
  copy->secondary = from.secondary;
  copy->head = from.head;
  copy->body = from.body;
  copy->freshness = from.freshness;
  copy->sequence = from.sequence;
  copy->tags = from.tags;
  copy->body_tags = from.body_tags;
  copy->captures = from.captures;
  return copy;
}

std::uint64_t StoredResponse::cost() const {
  std::uint64_t cost = allocated_size(sizeof(StoredResponse) + control_block_size) + index_node_size;
  cost += heap_size(key.text) + heap_size(vary) + heap_size(secondary);
  cost += heap_size(head.text) + heap_size(head.hidden);
  cost += heap_size(tags) + heap_size(body_tags) + heap_size(captures);
  if (body) cost += body->allocated();
  return cost;
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

bool add_body_tags(StoredResponse& response, std::vector<std::string> tags) {
  response.body_tags = std::move(tags);
  for (const std::string& tag : response.body_tags) {
    if (std::find(response.tags.begin(), response.tags.end(), tag) == response.tags.end())
      response.tags.push_back(tag);
  }
  return response.tags.size() <= tags_max;
}

}  // namespace larder::cache
