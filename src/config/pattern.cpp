#include "larder/config/pattern.hpp"

#include <algorithm>
#include <optional>

#include "larder/base/text.hpp"

namespace larder::config {
namespace {

// A capture "host:x" would be read as another kind of selector (larder/cache/selector.hpp).
constexpr std::string_view reserved_names[] = {"all", "url", "path", "prefix", "host", "tag"};

bool is_letter(char c) {
  return base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z';
}
// RFC 3986 section 2.3.
bool is_unreserved(char c) {
  return is_letter(c) || base::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_name(std::string_view name) {
  return !name.empty() && (is_letter(name.front()) || name.front() == '_') &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || base::is_digit(c) || c == '_'; });
}

std::string escaped(unsigned char byte) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  return {'%', hex[byte >> 4], hex[byte & 15]};
}

}  // namespace

// Reads a pattern's text from left to right.
class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : text_(text) {}

  std::variant<Pattern, PatternError> parse() {
    if (text_.empty() || text_.front() != '/') return PatternError{0, "a pattern begins with '/'"};
    if (text_.size() > pattern_size_max) {
      return PatternError{pattern_size_max,
                          "a pattern has at most " + std::to_string(pattern_size_max) + " bytes"};
    }
    pattern_.text_ = text_;
    while (at_ < text_.size() && !error_) next();
    if (error_) return *error_;
    end_literal();
    note_second_bytes();
    note_definite_nodes();
    note_heads();
    return std::move(pattern_);
  }

 private:
  using Kind = Pattern::Kind;

  void next() {
    if (text_.substr(at_) == "/**") {
      add(Kind::tail, {});
      at_ = text_.size();
    } else if (text_[at_] == '*') {
      stars();
    } else if (text_[at_] == '{') {
      braces();
    } else {
      const std::size_t from = at_;
      literal_byte(literal_, from);
    }
  }

  void stars() {
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] == '*') ++at_;
    if (at_ - from > 2) return fail(from, "expected '*' or '**', not more");
    add(at_ - from == 2 ? Kind::double_star : Kind::star, {});
  }

  void braces() {
    const std::size_t from = at_;
    const std::size_t end = text_.find('}', from);
    if (end == std::string_view::npos) return fail(from, "'{' without its '}'");
    const std::string_view inside = text_.substr(from + 1, end - from - 1);
    if (inside.find(',') == std::string_view::npos) {
      capture(inside, from);
    } else {
      one_of(end);
    }
    at_ = end + 1;
  }

  void capture(std::string_view name, std::size_t from) {
    const std::string quoted = "'" + std::string(name) + "'";
    if (!is_name(name))
      return fail(from, "bad capture name " + quoted + "; expected letters, digits and '_'");
    if (std::find(std::begin(reserved_names), std::end(reserved_names), name) != std::end(reserved_names)) {
      return fail(from, "a capture cannot be named " + quoted + ", which selectors use");
    }
    for (const Pattern::Node& node : pattern_.nodes_) {
      if (node.kind == Kind::capture && node.text == name)
        return fail(from, "a second capture named " + quoted);
    }
    add(Kind::capture, std::string(name));
  }

  // The options between text_[at_], which is '{', and `end`, which is its '}'.
  void one_of(std::size_t end) {
    std::vector<std::string> options(1);
    for (++at_; at_ < end && !error_;) {
      if (text_[at_] == ',') {
        options.emplace_back();
        ++at_;
      } else if (text_[at_] == '*' || text_[at_] == '{') {
        fail(at_, "inside {a,b} every byte stands for itself: no '*', no '{'");
      } else {
        literal_byte(options.back(), at_);
      }
    }
    if (error_) return;
    if (std::find(options.begin(), options.end(), "") != options.end())
      return fail(end, "an empty choice in {a,b}");
    add(Kind::one_of, {});
    pattern_.nodes_.back().options = std::move(options);
  }

  // Appends the byte at at_ as a normalised path has it (RFC 3986 section 6.2.2).
  void literal_byte(std::string& literal, std::size_t from) {
    const char c = text_[at_++];
    if (c == '?' || c == '#')
      return fail(from, "a pattern is matched against the path alone: no '?', no '#'");
    if (c == '}') return fail(from, "'}' without its '{'");
    if (c == '%') return escape(literal, from);
    const bool is_plain = c > ' ' && c < 0x7f;
    literal += is_plain ? std::string(1, c) : escaped(static_cast<unsigned char>(c));
  }

  void escape(std::string& literal, std::size_t from) {
    const int high = at_ < text_.size() ? base::hex_value(text_[at_]) : -1;
    const int low = at_ + 1 < text_.size() ? base::hex_value(text_[at_ + 1]) : -1;
    if (high < 0 || low < 0) return fail(from, "'%' without two hexadecimal digits");
    at_ += 2;
    const auto byte = static_cast<unsigned char>(high * 16 + low);
    literal +=
        is_unreserved(static_cast<char>(byte)) ? std::string(1, static_cast<char>(byte)) : escaped(byte);
  }

  void add(Kind kind, std::string text) {
    end_literal();
    pattern_.nodes_.push_back({kind, std::move(text), {}, false});
  }
  void note_definite_nodes() {
    auto& nodes = pattern_.nodes_;
    pattern_.is_straight_ = true;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const bool is_last = i + 1 == nodes.size();
      const Kind next = is_last ? Kind::tail : nodes[i + 1].kind;
      const bool ends_at_slash =
          next == Kind::tail || (next == Kind::literal && nodes[i + 1].text.front() == '/');
      nodes[i].is_definite = is_definite(nodes[i], is_last, ends_at_slash);
      pattern_.is_straight_ = pattern_.is_straight_ && nodes[i].is_definite;
    }
  }
  static bool is_definite(const Pattern::Node& node, bool is_last, bool ends_at_slash) {
    switch (node.kind) {
      case Kind::literal:
      case Kind::tail:
        return true;
      case Kind::double_star:
        return is_last;
      case Kind::star:
      case Kind::capture:
        return ends_at_slash;
      case Kind::one_of:
        break;
    }
    const auto begins_another = [&node](const std::string& option) {
      return std::count_if(node.options.begin(), node.options.end(),
                           [&option](const std::string& other) { return other.starts_with(option); }) > 1;
    };
    return std::none_of(node.options.begin(), node.options.end(), begins_another);
  }

  // Every pattern begins with a literal slash. NUL stands for none: whatever matches "/" is tried.
  void note_second_bytes() {
    const auto& nodes = pattern_.nodes_;
    pattern_.second_bytes_.set('\0');
    const auto add_first_of = [this](const std::string& text) {
      pattern_.second_bytes_.set(static_cast<unsigned char>(text.front()));
    };
    const std::string& head = nodes.front().kind == Kind::literal ? nodes.front().text : std::string();
    if (head.size() >= 2) {
      add_first_of(head.substr(1));
    } else if (head.size() == 1 && nodes.size() > 1 && nodes[1].kind == Kind::one_of) {
      std::for_each(nodes[1].options.begin(), nodes[1].options.end(), add_first_of);
    } else {
      pattern_.second_bytes_.set();
    }
  }
  // Of the nodes at the front that name their bytes, as long as that makes few texts.
  void note_heads() {
    constexpr std::size_t heads_max = 16;
    auto& heads = pattern_.heads_;
    heads.assign(1, std::string());
    for (const Pattern::Node& node : pattern_.nodes_) {
      if (node.kind == Kind::literal) {
        for (std::string& head : heads) head += node.text;
      } else if (node.kind == Kind::one_of && heads.size() * node.options.size() <= heads_max) {
        std::vector<std::string> longer;
        for (const std::string& head : heads) {
          for (const std::string& option : node.options) longer.push_back(head + option);
        }
        heads = std::move(longer);
      } else {
        break;
      }
      ++pattern_.head_nodes_;
    }
  }
  void end_literal() {
    if (literal_.empty()) return;
    pattern_.nodes_.push_back({Kind::literal, std::move(literal_), {}, false});
    literal_.clear();
  }
  void fail(std::size_t offset, std::string message) {
    if (!error_) error_ = PatternError{offset, std::move(message)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string literal_;
  Pattern pattern_;
  std::optional<PatternError> error_;
};

std::variant<Pattern, PatternError> Pattern::parse(std::string_view text) {
  return PatternParser(text).parse();
}

}  // namespace larder::config
