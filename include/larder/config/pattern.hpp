// Route patterns: "/blog/{slug}/", "/{admin,documents}/**", "/media/*.jpg".
//
// `*` is any bytes but '/', `**` any bytes (as a whole last segment "/**" also nothing: "/a/**" matches "/a/"
// and
// "/a"), {a,b} one of them, {name} a capture of one or more bytes but '/', everything else itself. Matched
// against the whole normalised path, so literals are normalised alike (%-escapes in upper case, "é" is
// "%C3%A9"). Where a path fits in several ways, the first captures take as much as they can. A match takes
// time linear in pattern times path at worst: no exponential backtracking.
#pragma once
#include <bitset>
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

  // (name, value) in the pattern's order.
  using Captures = std::vector<std::pair<std::string_view, std::string_view>>;

  // A site has many routes, and most are told from a path by its first byte behind the slash.
  class Beginning {
   public:
    explicit Beginning(std::string_view path) noexcept
        : second_(path.size() < 2 ? '\0' : static_cast<unsigned char>(path[1])) {}

   private:
    friend class Pattern;
    std::size_t second_;
  };
  // False: it does not match a path that begins so.
  bool may_match(Beginning beginning) const noexcept { return second_bytes_[beginning.second_]; }
  // Captures are appended; nothing is where it does not match.
  bool matches(std::string_view path, Captures* captures = nullptr) const {
    return is_straight_ ? matches_straight(path, captures) : matches_with_retries(path, captures);
  }
  const std::string& text() const noexcept { return text_; }

 private:
  friend class PatternParser;
  friend class PatternMatch;
  enum class Kind : std::uint8_t { literal, star, double_star, tail, one_of, capture };
  struct Node {
    Kind kind = Kind::literal;
    std::string text;                  // literal, or the capture's name
    std::vector<std::string> options;  // one_of
    // It can end in one place only: a run that goes up to the slash behind it, options none of which begins
    // another, what stands for itself.
    bool is_definite = false;
  };
  bool matches_with_retries(std::string_view path, Captures* captures) const;
  bool matches_straight(std::string_view path, Captures* captures) const;
  bool matches_behind_head(std::string_view path, Captures* captures) const;

  std::string text_;
  std::vector<Node> nodes_;
  bool is_straight_ = false;  // all nodes are definite: one way through, without going back
  // What the paths of a straight pattern begin with, one of these, and the number of nodes that they stand
  // for.
  std::vector<std::string> heads_;
  std::size_t head_nodes_ = 0;
  std::bitset<256> second_bytes_;  // of the paths that it may match; NUL: of those that have none
};

// The longest pattern.
inline constexpr std::size_t pattern_size_max = 1024;

}  // namespace larder::config
