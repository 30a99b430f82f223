#include "larder/cache/groups.hpp"

#include <algorithm>

#include "larder/cache/stored_response.hpp"
#include "larder/http/structured_fields.hpp"

namespace larder::cache {
namespace {

// A Cache-Tag that looks like it is purged once too often, and nothing worse.
constexpr std::string_view label_start = "group of ";

// As many as the field's size allows: those that are kept are bounded by tags_max, which counts their names.
void add_labels(const http::Fields& response, std::string_view field, const CacheKey& key,
                std::vector<std::string>& labels) {
  const auto list = http::structured::parse_list(response, field);
  if (!list) return;
  std::vector<std::string> found;
  for (const http::structured::Member& member : *list) {
    const auto* const item = std::get_if<http::structured::Item>(&member);
    const auto* const name = item ? std::get_if<std::string>(&item->value) : nullptr;
    if (!name) return;
    std::string label(label_start);
    label.append(key.text, 0, key.path_begin).append(" ").append(*name);
    found.push_back(std::move(label));
  }
  labels.insert(labels.end(), found.begin(), found.end());
}

}  // namespace

void add_group_labels(const http::Fields& response, const CacheKey& key, std::vector<std::string>& tags) {
  add_labels(response, "Cache-Groups", key, tags);
}

bool is_group_label(std::string_view tag) noexcept {
  return tag.starts_with(label_start);
}

std::vector<std::string> invalidated_groups(const http::Fields& response, const CacheKey& key) {
  std::vector<std::string> labels;
  add_labels(response, "Cache-Group-Invalidation", key, labels);
  return labels;
}

}  // namespace larder::cache
