#include "cache/purge_matcher.hpp"

namespace larder::cache {
namespace {

std::string_view without_final_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// "host/path", as the key has it.
std::string_view host_and_path(const CacheKey& key) {
  return std::string_view(key.text).substr(key.host_begin, key.path_end - key.host_begin);
}

}  // namespace

Newest& TextMatcher::find_or_add(std::string_view text) {
  const auto found = texts_.find(text);
  if (found != texts_.end()) return found->second;
  text_bytes_ += text.size();
  return texts_[std::string(text)];
}

void PrefixMatcher::add(std::string_view prefix, const Newest& line) {
  const std::size_t count = prefixes_.size();
  prefixes_.add(prefix, line);
  if (prefixes_.size() > count) ++lengths_[prefix.size()];
}

void PrefixMatcher::raise(std::string_view text, Newest& result) const {
  for (const auto& [length, count] : lengths_) {
    if (length > text.size()) return;
    prefixes_.raise(text.substr(0, length), result);
  }
}

void PrefixMatcher::forget_through(std::uint64_t floor) {
  prefixes_.forget_through(floor, [this](std::string_view prefix) {
    const auto length = lengths_.find(prefix.size());
    if (--length->second == 0) lengths_.erase(length);
  });
}

void PurgeMatcher::add(const Selector& selector, const Newest& line) {
  switch (selector.kind) {
    case SelectorKind::all:
      return all_.raise(line);
    case SelectorKind::url:
      return urls_.add(selector.value, line);
    case SelectorKind::path:
      return paths_.add(selector.host + selector.value, line);
    case SelectorKind::prefix:
      return prefixes_.add(selector.host + selector.value, line);
    case SelectorKind::host:
      return hosts_.add(selector.value, line);
    case SelectorKind::capture:
      return labels_.add(selector.value, line);
    case SelectorKind::tag:
    case SelectorKind::tag_prefix:
      return add_tag(selector, line);
  }
}

void PurgeMatcher::add_tag(const Selector& selector, const Newest& line) {
  newest_tag_line_ = std::max(newest_tag_line_, line.of_any_mode());
  if (selector.kind == SelectorKind::tag) {
    labels_.add(selector.value, line);
  } else {
    label_prefixes_.add(selector.value, line);
  }
}

void PurgeMatcher::raise_by_key(const CacheKey& key, Newest& result) const {
  const std::size_t host_size = key.host().size();
  if (!hosts_.is_empty()) hosts_.raise(key.host(), result);
  if (!urls_.is_empty()) {
    urls_.raise(key.url(), result);
    urls_.raise(key.url().substr(host_size), result);
  }
  if (!paths_.is_empty()) {
    paths_.raise(without_final_slashes(host_and_path(key)), result);
    paths_.raise(without_final_slashes(key.path()), result);
  }
  if (!prefixes_.is_empty()) {
    prefixes_.raise(host_and_path(key), result);
    prefixes_.raise(key.path(), result);
  }
}

void PurgeMatcher::raise_by_label(std::string_view label, Newest& result) const {
  if (!labels_.is_empty()) labels_.raise(label, result);
  if (!label_prefixes_.is_empty()) label_prefixes_.raise(label, result);
}

Newest PurgeMatcher::of_identity(const Identity& identity) const {
  Newest result = all_;
  raise_by_key(identity.key, result);
  for (const std::string& capture : identity.captures) raise_by_label(capture, result);
  return result;
}

Newest PurgeMatcher::of_tags(std::span<const std::string> tags) const {
  Newest result;
  for (const std::string& tag : tags) raise_by_label(tag, result);
  return result;
}

std::size_t PurgeMatcher::size() const {
  return (all_.of_any_mode() > 0 ? 1 : 0) + hosts_.size() + urls_.size() + paths_.size() + prefixes_.size() +
         labels_.size() + label_prefixes_.size();
}

std::size_t PurgeMatcher::text_bytes() const {
  return hosts_.text_bytes() + urls_.text_bytes() + paths_.text_bytes() + prefixes_.text_bytes() +
         labels_.text_bytes() + label_prefixes_.text_bytes();
}

void PurgeMatcher::forget_through(std::uint64_t floor) {
  if (all_.of_any_mode() <= floor) all_ = {};
  hosts_.forget_through(floor);
  urls_.forget_through(floor);
  paths_.forget_through(floor);
  prefixes_.forget_through(floor);
  labels_.forget_through(floor);
  label_prefixes_.forget_through(floor);
}

}  // namespace larder::cache
