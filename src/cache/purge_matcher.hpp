// The first and the newest hard and soft sequence for everything that purges have named: what makes a check a
// few look-ups, however many lines there are. Not synchronised: the log's lock guards it.
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

// The lines that name one thing.
struct Lines {
  Newest first;
  Newest newest;

  // Lines are added in order.
  void add(const Newest& line) {
    if (first.hard == 0) first.hard = line.hard;
    if (first.soft == 0) first.soft = line.soft;
    newest.raise(line);
  }
};

// Texts and their lines. Look-ups by view, without allocating.
class TextMatcher {
 public:
  void add(std::string_view text, const Newest& line) { find_or_add(text).add(line); }
  // Calls found(lines) if there are any.
  template <typename Found>
  void visit(std::string_view text, const Found& found) const {
    if (texts_.empty()) return;
    const auto place = texts_.find(text);
    if (place != texts_.end()) found(place->second);
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
  Lines& find_or_add(std::string_view text);
  std::unordered_map<std::string, Lines, Hash, std::equal_to<>> texts_;
  std::size_t text_bytes_ = 0;
};

// Prefixes and their lines: one look-up for each length that occurs.
class PrefixMatcher {
 public:
  void add(std::string_view prefix, const Newest& line);
  // Calls found(lines) for every prefix of `text`.
  template <typename Found>
  void visit(std::string_view text, const Found& found) const {
    for (const auto& [length, count] : lengths_) {
      if (length > text.size()) return;
      prefixes_.visit(text.substr(0, length), found);
    }
  }
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
  // The newest lines that match a stored response, by all that it bears.
  Newest of_stored(const StoredResponse& stored) const;
  // The first line of this mode after `since` that matches the response; 0 for none. Where one and the same
  // selector was named in three lines or more, and the response came between, the last of them.
  std::uint64_t first_after(std::uint64_t since, PurgeMode mode, const StoredResponse& stored) const;
  // The newest line with a tag or tag prefix, whatever it names.
  std::uint64_t newest_tag_line() const { return newest_tag_line_; }
  std::size_t size() const;
  std::size_t text_bytes() const;
  void forget_through(std::uint64_t floor);

 private:
  void add_tag(const Selector& selector, const Newest& line);
  template <typename Found>
  void visit_key(const KeyView& key, const Found& found) const;
  template <typename Found>
  void visit_stored(const StoredResponse& stored, const Found& found) const;
  template <typename Found>
  void visit_label(std::string_view label, const Found& found) const {
    labels_.visit(label, found);
    label_prefixes_.visit(label, found);
  }

  Lines all_;
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
    if (at->second.newest.of_any_mode() <= floor) {
      forgotten(std::string_view(at->first));
      text_bytes_ -= at->first.size();
      at = texts_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace larder::cache
