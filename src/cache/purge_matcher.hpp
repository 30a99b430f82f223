// The newest hard and soft sequence for everything that purges have named: what makes a check a few look-ups,
// however many lines there are. Not synchronised: the log's lock guards it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "larder/base/hash.hpp"
#include "larder/cache/purge_log.hpp"

namespace larder::cache {

// The newest line of each mode; 0 for none.
struct Newest {
  std::uint64_t hard = 0;
  std::uint64_t soft = 0;

  void raise(const Newest& other) {
    hard = std::max(hard, other.hard);
    soft = std::max(soft, other.soft);
  }
  std::uint64_t of_any_mode() const { return std::max(hard, soft); }
};

// Texts and their newest lines. Look-ups by view, without allocating.
class TextMatcher {
 public:
  void add(std::string_view text, const Newest& line) { find_or_add(text).raise(line); }
  void raise(std::string_view text, Newest& result) const {
    const auto found = texts_.find(text);
    if (found != texts_.end()) result.raise(found->second);
  }
  bool is_empty() const { return texts_.empty(); }
  std::size_t size() const { return texts_.size(); }
  std::size_t text_bytes() const { return text_bytes_; }
  // Calls forgotten(text) for each that goes.
  template <typename Forgotten>
  void forget_through(std::uint64_t floor, Forgotten&& forgotten);
  void forget_through(std::uint64_t floor) {
    forget_through(floor, [](std::string_view) {});
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return base::hash64(text); }
  };
  Newest& find_or_add(std::string_view text);
  std::unordered_map<std::string, Newest, Hash, std::equal_to<>> texts_;
  std::size_t text_bytes_ = 0;
};

// Prefixes and their newest lines: one look-up for each length that occurs.
class PrefixMatcher {
 public:
  void add(std::string_view prefix, const Newest& line);
  // Raises `result` by every prefix of `text`.
  void raise(std::string_view text, Newest& result) const;
  bool is_empty() const { return prefixes_.is_empty(); }
  std::size_t size() const { return prefixes_.size(); }
  std::size_t text_bytes() const { return prefixes_.text_bytes(); }
  void forget_through(std::uint64_t floor);

 private:
  TextMatcher prefixes_;
  std::map<std::size_t, std::size_t> lengths_;  // length -> how many prefixes have it
};

class PurgeMatcher {
 public:
  void add(const Selector& selector, const Newest& line);
  // The newest lines that match a response of this identity by what is known before its head.
  Newest of_identity(const Identity& identity) const;
  // The newest lines that match these labels.
  Newest of_tags(std::span<const std::string> tags) const;
  // The newest line with a tag or tag prefix, whatever it names.
  std::uint64_t newest_tag_line() const { return newest_tag_line_; }
  std::size_t size() const;
  std::size_t text_bytes() const;
  void forget_through(std::uint64_t floor);

 private:
  void add_tag(const Selector& selector, const Newest& line);
  void raise_by_key(const CacheKey& key, Newest& result) const;
  void raise_by_label(std::string_view label, Newest& result) const;

  Newest all_;
  TextMatcher hosts_;
  // "host/path?query", or "/path?query" for every host. A host never begins with '/', so one map holds both;
  // likewise below.
  TextMatcher urls_;
  TextMatcher paths_;       // without final slashes
  PrefixMatcher prefixes_;  // "host/prefix" or "/prefix"
  TextMatcher labels_;      // tags and captures: each capture is also a tag
  PrefixMatcher label_prefixes_;
  std::uint64_t newest_tag_line_ = 0;
};

template <typename Forgotten>
void TextMatcher::forget_through(std::uint64_t floor, Forgotten&& forgotten) {
  for (auto at = texts_.begin(); at != texts_.end();) {
    if (at->second.of_any_mode() <= floor) {
      forgotten(std::string_view(at->first));
      text_bytes_ -= at->first.size();
      at = texts_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace larder::cache
