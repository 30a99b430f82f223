#include "cache/purge_matcher.hpp"

namespace larder::cache {
namespace {

std::string_view without_final_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// "host/path", as the key has it.
std::string_view host_and_path(const KeyView& key) {
  return key.text.substr(key.host_begin, key.path_end - key.host_begin);
}

}  // namespace

Lines& TextMatcher::find_or_add(std::string_view text) {
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

void PrefixMatcher::forget_through(std::uint64_t floor) {
  prefixes_.forget_through(floor, [this](std::string_view prefix) {
    const auto length = lengths_.find(prefix.size());
    if (--length->second == 0) lengths_.erase(length);
  });
}

void PurgeMatcher::add(const Selector& selector, const Newest& line) {
  switch (selector.kind) {
    case SelectorKind::all:
      return all_.add(line);
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

template <typename Found>
void PurgeMatcher::visit_key(const KeyView& key, const Found& found) const {
  hosts_.visit(key.host(), found);
  if (!urls_.is_empty()) {
    urls_.visit(key.url(), found);
    urls_.visit(key.url().substr(key.host().size()), found);
  }
  if (!paths_.is_empty()) {
    paths_.visit(without_final_slashes(host_and_path(key)), found);
    paths_.visit(without_final_slashes(key.path()), found);
  }
  if (!prefixes_.is_empty()) {
    prefixes_.visit(host_and_path(key), found);
    prefixes_.visit(key.path(), found);
  }
}

template <typename Found>
void PurgeMatcher::visit_stored(const StoredResponse& stored, const Found& found) const {
  visit_key(stored.key(), found);
  for (const std::string_view capture : stored.captures()) visit_label(capture, found);
  for (const std::string_view tag : stored.tags()) visit_label(tag, found);
}

Newest PurgeMatcher::of_identity(const Identity& identity) const {
  Newest result = all_.newest;
  const auto raise = [&result](const Lines& lines) { result.raise(lines.newest); };
  visit_key(identity.key, raise);
  for (const std::string& capture : identity.captures) visit_label(capture, raise);
  return result;
}

Newest PurgeMatcher::of_stored(const StoredResponse& stored) const {
  Newest result = all_.newest;
  visit_stored(stored, [&result](const Lines& lines) { result.raise(lines.newest); });
  return result;
}

std::uint64_t PurgeMatcher::first_after(std::uint64_t since, PurgeMode mode,
                                        const StoredResponse& stored) const {
  std::uint64_t result = 0;
  const auto sequence_in = [mode](const Newest& line) {
    return mode == PurgeMode::hard ? line.hard : line.soft;
  };
  const auto lower = [&](const Lines& lines) {
    const std::uint64_t first = sequence_in(lines.first);
    const std::uint64_t after = first > since ? first : sequence_in(lines.newest);
    if (after > since && (result == 0 || after < result)) result = after;
  };
  lower(all_);
  visit_stored(stored, lower);
  return result;
}

std::size_t PurgeMatcher::size() const {
  return (all_.newest.of_any_mode() > 0 ? 1 : 0) + hosts_.size() + urls_.size() + paths_.size() +
         prefixes_.size() + labels_.size() + label_prefixes_.size();
}

std::size_t PurgeMatcher::text_bytes() const {
  return hosts_.text_bytes() + urls_.text_bytes() + paths_.text_bytes() + prefixes_.text_bytes() +
         labels_.text_bytes() + label_prefixes_.text_bytes();
}

void PurgeMatcher::forget_through(std::uint64_t floor) {
  if (all_.newest.of_any_mode() <= floor) all_ = {};
  hosts_.forget_through(floor);
  urls_.forget_through(floor);
  paths_.forget_through(floor);
  prefixes_.forget_through(floor);
  labels_.forget_through(floor);
  label_prefixes_.forget_through(floor);
}

}  // namespace larder::cache
