// Route patterns: "/blog/{slug}/", "/{admin,documents}/**", "/media/*.jpg".
//
// `*` is any bytes but '/', `**` any bytes (as a whole last segment "/**" also nothing: "/a/**" matches "/a/"
// and
// "/a"), {a,b} one of them, {name} a capture of one or more bytes but '/', everything else itself. Matched
// against the whole normalised path, so literals are normalised alike (%-escapes in upper case, "é" is
// "%C3%A9"). Where a path fits in several ways, the first captures take as much as they can. A match takes
// time linear in pattern times path at worst: no exponential backtracking.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace larder::config {

struct PatternError {
  std::size_t offset = 0;  // into the pattern's text
  std::string message;
};

class Pattern {
 public:
  static std::variant<Pattern, PatternError> parse(std::string_view text);

  // Captures are appended as (name, value) in the pattern's order; nothing is appended when it does not
  // match.
  bool matches(std::string_view path,
               std::vector<std::pair<std::string_view, std::string_view>>* captures = nullptr) const;
  const std::string& text() const noexcept { return text_; }
  bool has_captures() const noexcept { return capture_count_ > 0; }

 private:
  friend class PatternParser;
  friend class PatternMatch;
  enum class Kind : std::uint8_t { literal, star, double_star, tail, one_of, capture };
  struct Node {
    Kind kind = Kind::literal;
    std::string text;                  // literal, or the capture's name
    std::vector<std::string> options;  // one_of
  };
  std::string text_;
  std::vector<Node> nodes_;
  std::size_t capture_count_ = 0;
};

// The longest pattern.
inline constexpr std::size_t pattern_size_max = 1024;

}  // namespace larder::config
