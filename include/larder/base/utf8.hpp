// UTF-8 (RFC 3629), read character by character. Any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace larder::base {

struct Utf8Character {
  std::size_t size = 1;
  std::uint32_t code = 0;
  bool is_valid = false;  // false: one byte that begins no character
};

// `bytes` must not be empty.
Utf8Character first_utf8_character(std::string_view bytes) noexcept;
bool is_utf8(std::string_view bytes) noexcept;

}  // namespace larder::base
