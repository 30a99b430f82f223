#include "obs/escape.hpp"

#include <array>
#include <cstdint>

#include "larder/base/put.hpp"
#include "larder/base/utf8.hpp"

namespace larder::obs {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_control(std::uint32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

using base::put;
using base::put_plain;

template <std::size_t size>
char* put(char* out, const std::array<char, size>& bytes) noexcept {
  return put(out, std::string_view(bytes.data(), size));
}

char* put_hex_byte(char* out, char byte) noexcept {
  const auto value = static_cast<unsigned char>(byte);
  return put(out, std::array{'\\', 'x', hex_digits[value >> 4], hex_digits[value & 15]});
}

char* put_json_control(char* out, std::uint32_t code) noexcept {
  switch (code) {
    case '\n':
      return put(out, "\\n");
    case '\r':
      return put(out, "\\r");
    case '\t':
      return put(out, "\\t");
    default:
      return put(out, std::array{'\\', 'u', '0', '0', hex_digits[code >> 4], hex_digits[code & 15]});
  }
}

char* put_json_character(char* out, std::string_view bytes, const base::Utf8Character& character) noexcept {
  if (!character.is_valid) return put(out, "\\ufffd");
  if (is_control(character.code)) return put_json_control(out, character.code);
  if (bytes.front() == '"' || bytes.front() == '\\') *out++ = '\\';
  return put(out, bytes.substr(0, character.size));
}

// From the first byte on that is not plain. Apart, so that a string of plain bytes alone costs no more.
[[gnu::noinline]] char* put_json_rest(char* out, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const base::Utf8Character character = base::first_utf8_character(bytes);
    out = put_json_character(out, bytes, character);
    bytes.remove_prefix(character.size);
    out = put_plain(out, bytes);
  }
  return out;
}

}  // namespace

char* write_json_string(char* out, std::string_view bytes) noexcept {
  *out++ = '"';
  out = put_plain(out, bytes);
  if (!bytes.empty()) out = put_json_rest(out, bytes);
  *out++ = '"';
  return out;
}

void append_json_string(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + bytes.size() * escaped_size_max + escaped_rest_max);
  const char* const end = write_json_string(out.data() + begin, bytes);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

char* write_quoted_ascii(char* out, std::string_view bytes) noexcept {
  for (;;) {
    out = put_plain(out, bytes);
    if (bytes.empty()) return out;
    if (bytes.front() == '"' || bytes.front() == '\\') {
      *out++ = '\\';
      *out++ = bytes.front();
    } else {
      out = put_hex_byte(out, bytes.front());
    }
    bytes.remove_prefix(1);
  }
}

void append_printable(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const base::Utf8Character character = base::first_utf8_character(bytes);
    const bool is_kept = character.is_valid && !is_control(character.code);
    for (const char byte : bytes.substr(0, character.size)) {
      if (is_kept) {
        out += byte;
      } else {
        char hex[4];
        out.append(hex, put_hex_byte(hex, byte));
      }
    }
    bytes.remove_prefix(character.size);
  }
}

}  // namespace larder::obs
