// Character classes of the grammars, as 256-entry tables: one load decides a byte.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace larder::http {

class CharacterSet {
 public:
  // The bytes for which `contains` is true.
  template <typename Predicate>
  static constexpr CharacterSet of(Predicate contains) {
    CharacterSet set;
    for (unsigned byte = 0; byte < 256; ++byte) set.members_[byte] = contains(byte);
    return set;
  }
  constexpr bool has(char c) const noexcept { return members_[static_cast<unsigned char>(c)]; }
  constexpr bool has_all(std::string_view text) const noexcept {
    for (const char c : text) {
      if (!has(c)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> members_{};
};

constexpr bool is_alphanumeric(unsigned byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}
constexpr bool is_one_of(unsigned byte, std::string_view list) {
  return byte < 0x80 && list.find(static_cast<char>(byte)) != std::string_view::npos;
}

// tchar, RFC 9110 section 5.6.2.
inline constexpr CharacterSet token_characters = CharacterSet::of(
    [](unsigned byte) { return is_alphanumeric(byte) || is_one_of(byte, "!#$%&'*+-.^_`|~"); });

// field-vchar, SP and HTAB, RFC 9110 section 5.5: everything but the other control characters.
inline constexpr CharacterSet field_value_characters =
    CharacterSet::of([](unsigned byte) { return byte == '\t' || (byte >= 0x20 && byte != 0x7f); });

// Visible ASCII without '#': wider than RFC 3986, since browsers send raw `|`, `[`, `"` and `{`.
inline constexpr CharacterSet target_characters =
    CharacterSet::of([](unsigned byte) { return byte > 0x20 && byte < 0x7f && byte != '#'; });

// unreserved, RFC 3986 section 2.3.
inline constexpr CharacterSet unreserved_characters =
    CharacterSet::of([](unsigned byte) { return is_alphanumeric(byte) || is_one_of(byte, "-._~"); });

// etagc, RFC 9110 section 8.8.3.
inline constexpr CharacterSet entity_tag_characters =
    CharacterSet::of([](unsigned byte) { return byte > 0x20 && byte != '"' && byte != 0x7f; });

}  // namespace larder::http
